/** `npm test [-- jest arguments]`: finds or starts the servers that the tests can use, then runs jest. */
import { userInfo } from "node:os";
import { canRunChaos, runChaos } from "./chaos/run-chaos.ts";
import { runJest } from "./run-jest.ts";
import { canUsePostgres, startPostgres } from "./servers/start-postgres.ts";
import { canUseRabbitMq, startRabbitMq } from "./servers/start-rabbitmq.ts";
import { canUseRedis, startRedis } from "./servers/start-redis.ts";
import type { StartedServer } from "./servers/started-server.ts";

const ci = process.env["CI"] === "true" || process.env["CI"] === "1";
const say = (line: string) => process.stderr.write(`npm test: ${line}\n`);

interface Kind {
  name: string;
  /** The setting that names a server; the tests get it as `TEST_<setting>`. */
  setting: "DATABASE_URL" | "AMQP_URL" | "REDIS_URL";
  defaults: string[];
  canUse: (url: string) => Promise<boolean>;
  start: () => Promise<StartedServer | undefined>;
}

const user = encodeURIComponent(userInfo().username);
const kinds: readonly Kind[] = [
  {
    name: "PostgreSQL",
    setting: "DATABASE_URL",
    defaults: ["postgres", "postgres:postgres", user].map(who => `postgres://${who}@127.0.0.1:5432/postgres`),
    canUse: canUsePostgres,
    start: startPostgres,
  },
  {
    name: "RabbitMQ",
    setting: "AMQP_URL",
    defaults: ["amqp://guest:guest@127.0.0.1:5672"],
    canUse: canUseRabbitMq,
    start: startRabbitMq,
  },
  {
    name: "Redis",
    setting: "REDIS_URL",
    defaults: ["redis://127.0.0.1:6379"],
    canUse: canUseRedis,
    start: startRedis,
  },
];

/** The server that the setting names or localhost has, else one of our own; undefined: its tests are left out. */
async function find({ name, setting, defaults, canUse, start }: Kind): Promise<StartedServer | undefined> {
  const given = process.env[setting];
  for (const url of given ? [given] : defaults)
    if (await canUse(url)) {
      say(`${name} at ${new URL(url).host}`);
      return { url, stop: async () => undefined };
    }
  if (given) say(`${setting} does not answer, or does not let us make what the tests need`);
  const started = await start().catch((thrown: unknown) => {
    say(`${name} is installed but could not be started: ${String(thrown)}`);
    return undefined;
  });
  if (started) say(`started a ${name} at ${new URL(started.url).host} for this run`);
  return started;
}

const found = await Promise.all(kinds.map(async kind => ({ kind, server: await find(kind) })));
const missing = found.filter(({ server }) => server === undefined).map(({ kind }) => kind.name);
try {
  if (missing.length > 0 && ci) {
    say(
      `CI=true and no ${missing.join(", no ")}: neither at its setting or localhost, nor installed. .ci/run installs it.`,
    );
    process.exitCode = 1;
  } else {
    const args = process.argv.slice(2);
    process.exitCode = await runJest(
      args,
      Object.fromEntries(found.flatMap(({ kind, server }) => (server ? [[`TEST_${kind.setting}`, server.url]] : []))),
    );
    // Whoever asks for certain tests gets those.
    const wantsAll = args.every(arg => arg.startsWith("-"));
    if (wantsAll && canRunChaos()) process.exitCode ||= await runChaos([], true);
    if (missing.length > 0)
      say(
        `left out: everything on ${missing.join(" and ")} (no server there, none installed); the embedded house was tested`,
      );
  }
} finally {
  await Promise.all(found.map(async ({ server }) => server?.stop()));
}
