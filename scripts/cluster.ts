/** `npm run cluster`: the house as separate processes on this machine, over RabbitMQ, PostgreSQL and Redis. */
import { setTimeout as pause } from "node:timers/promises";
import { styleText } from "node:util";
import { env } from "../broker/env.ts";
import { openDatabase } from "../mixins/database/database.ts";
import { type FolderLock, lockFolder } from "../mixins/database/folder-lock.ts";
import { migrate } from "../mixins/database/migrate.ts";
import { contracts } from "../services/contracts.ts";
import { type Board, openBoard } from "./cluster/board.ts";
import { type Absence, findAbsent, type NeededServer, neededServers, placeOf } from "./cluster/find-servers.ts";
import { planMembers } from "./cluster/plan-members.ts";
import { supervise, type Supervised } from "./cluster/supervise.ts";
import { freePort, isFree } from "./free-port.ts";
import { greeting } from "./greeting.ts";
import { untilReady } from "./house-process.ts";
import { EX_USAGE, readOptions } from "./read-options.ts";
import { onStopSignals } from "./stop-signals.ts";

const HELP = `npm run cluster       the house as separate processes, over RabbitMQ, PostgreSQL and Redis
  --gateways <n>      processes that share PORT (2)
  --workers <n>       processes of each room that works messages off (2)

Servers: AMQP_URL, DATABASE_URL, REDIS_URL; this machine's where they are not set (docker compose up -d starts them).
LOG_LEVEL=info shows every request; warnings are shown anyway. Ctrl-C stops, a second one leaves at once.
`;
const EX_UNAVAILABLE = 69;
/** Servers that were only just started get so long. */
const SERVERS_WAIT_MS = 30_000;
const LOOK_AGAIN_MS = 500;
/** What a process may take to stop beyond SHUTDOWN_MS; after as much again it is killed. */
const STOP_GRACE_MS = 7_000;
/** Connections that PostgreSQL takes by default, less some for others. */
const DATABASE_CONNECTIONS = 80;
const MOST_PROCESSES = 64;

const supervised: Supervised[] = [];
const board: Board = openBoard(() => supervised.map(({ member }) => member));
let lock: FolderLock | undefined;
const stopping = new AbortController();

function leave(message: string, code: number): never {
  for (const each of supervised) each.kill();
  lock?.release();
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

const at = (): string => styleText("dim", new Date().toTimeString().slice(0, 8));
const tell = (text: string): void => board.say(`${at()} ${text}`);

function howMany(text: string, option: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_PROCESSES) return count;
  return leave(`--${option}: a number from 1 to ${MOST_PROCESSES}\n${HELP}`, EX_USAGE);
}

/** Waits for servers that may only be starting; leaves with what is missing and how to get it. */
async function findServers(): Promise<NeededServer[]> {
  const servers = neededServers(process.env);
  const giveUpAt = Date.now() + SERVERS_WAIT_MS;
  let absent = await findAbsent(servers);
  if (absent.some(({ maySoon }) => maySoon)) {
    board.say(describeAbsent(absent));
    board.say(`Waiting up to ${SERVERS_WAIT_MS / 1000} s for them …`);
  }
  while (absent.length > 0) {
    if (absent.every(({ maySoon }) => !maySoon) || Date.now() > giveUpAt) leave(describeAbsent(absent), EX_UNAVAILABLE);
    await pause(LOOK_AGAIN_MS);
    absent = await findAbsent(servers);
  }
  return servers;
}

function describeAbsent(absent: readonly Absence[]): string {
  const lines = absent.map(({ server, why }) => `  ${server.setting}: ${server.name} at ${placeOf(server)}: ${why}.`);
  return `Several processes need three servers; not to be had:
${lines.join("\n")}
With Docker:  docker compose up -d
On Debian:    apt-get install rabbitmq-server postgresql redis-server
Elsewhere:    set AMQP_URL, DATABASE_URL and REDIS_URL to where they are.
One process needs none of them: npm start`;
}

async function bringUpToDate(databaseUrl: string): Promise<void> {
  const database = await openDatabase({ databaseUrl, dataDir: env.DATA_DIR });
  try {
    await migrate(database, { logger: { info: tell } });
  } finally {
    await database.close();
  }
}

async function takePort(): Promise<number> {
  if (env.PORT === 0) return freePort(env.HOST);
  if (await isFree(env.PORT, env.HOST)) return env.PORT;
  return leave(
    `Port ${env.PORT} on ${env.HOST} is taken by another program. Stop that one, or take another: PORT=${env.PORT + 1} npm run cluster`,
    1,
  );
}

/** What every process starts with. Secrets that nobody set are made in DATA_DIR, which all of them share. */
function environment(
  servers: readonly NeededServer[],
  port: number,
  processes: number,
): Record<string, string | undefined> {
  const { LOG_LEVEL, LOG_FORMAT, DATABASE_POOL } = process.env;
  const share = Math.max(1, Math.min(env.DATABASE_POOL, Math.floor(DATABASE_CONNECTIONS / processes)));
  return {
    ...process.env,
    ...Object.fromEntries(servers.map(({ setting, url }) => [setting, url])),
    PORT: String(port),
    REUSE_PORT: "true",
    DATABASE_POOL: DATABASE_POOL || String(share),
    LOG_LEVEL: LOG_LEVEL || "warn",
    LOG_FORMAT: LOG_FORMAT || (process.stdout.isTTY ? "pretty" : "json"),
  };
}

function lockDataDir(): FolderLock {
  try {
    return lockFolder(env.DATA_DIR);
  } catch (thrown) {
    return leave((thrown as Error).message, 1);
  }
}

function startMembers(base: Record<string, string | undefined>, plans: ReturnType<typeof planMembers>): void {
  for (const plan of plans) {
    const isJson = base["LOG_FORMAT"] === "json";
    const onLine = (line: string) => board.say(isJson ? line : `${styleText("dim", plan.name)} ${line}`);
    supervised.push(supervise(plan, { env: base, tell, onLine, onChange: () => board.refresh() }));
  }
}

/** Stops in waves: gateways first, the rooms that they and the workers ask last. */
async function stop(signal: NodeJS.Signals): Promise<void> {
  stopping.abort();
  tell(`${signal}: finishing what is in hand; once more leaves at once.`);
  let clean = true;
  for (const wave of [0, 1, 2]) {
    const members = supervised.filter(({ member }) => member.stopsIn === wave);
    const ends = await Promise.all(members.map(each => each.stop(env.SHUTDOWN_MS + STOP_GRACE_MS)));
    clean &&= ends.every(Boolean);
  }
  lock?.release();
  tell(clean ? "All processes are stopped." : "All processes are stopped; some had to be killed with work in hand.");
  process.exit(clean ? 0 : 1);
}

/** Says where the house is once every room answers there. */
async function announce(port: number, databaseUrl: string): Promise<void> {
  await Promise.all(supervised.map(({ firstUp }) => firstUp));
  const host = env.HOST === "0.0.0.0" || env.HOST === "::" ? "127.0.0.1" : env.HOST;
  const url = `http://${host}:${port}`;
  await untilReady(url);
  if (stopping.signal.aborted) return;
  board.rest();
  board.show();
  board.say(greeting(url, { ...env, DATABASE_URL: databaseUrl }));
  // Enter shows who runs where.
  if (process.stdin.isTTY) process.stdin.on("data", () => board.show()).unref();
}

const options = {
  gateways: { type: "string", default: "2" },
  workers: { type: "string", default: "2" },
  help: { type: "boolean", short: "h", default: false },
} as const;
const { gateways, workers, help } = readOptions(options, HELP);
if (help) process.stdout.write(HELP);
else {
  const plans = planMembers(contracts, {
    gateways: howMany(gateways, "gateways"),
    workers: howMany(workers, "workers"),
    metricsPort: env.METRICS_PORT,
  });
  onStopSignals(
    signal => void stop(signal),
    () => leave("Eco²: left at once, without finishing.", 130),
  );
  const servers = await findServers();
  lock = lockDataDir();
  const port = await takePort();
  const databaseUrl = servers.find(({ setting }) => setting === "DATABASE_URL")?.url ?? "";
  await bringUpToDate(databaseUrl);
  startMembers(environment(servers, port, plans.length), plans);
  await announce(port, databaseUrl).catch((thrown: unknown) => {
    if (!stopping.signal.aborted) tell((thrown as Error).message);
  });
}
