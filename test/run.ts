/** `npm test [-- jest arguments]`: finds or starts the servers that the tests can use, then runs jest. */
import { spawn } from "node:child_process";
import { constants, userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { canUse, type StartedServer, startPostgres } from "./servers/start-postgres.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const ci = process.env["CI"] === "true" || process.env["CI"] === "1";
const say = (line: string) => process.stderr.write(`npm test: ${line}\n`);

const nothingToStop = async () => undefined;
const DEFAULTS = [
  "postgres://postgres@127.0.0.1:5432/postgres",
  "postgres://postgres:postgres@127.0.0.1:5432/postgres",
  `postgres://${encodeURIComponent(userInfo().username)}@127.0.0.1:5432/postgres`,
];

/** DATABASE_URL or localhost, else a server of our own; undefined: the tests of PostgreSQL are left out. */
async function findPostgres(): Promise<StartedServer | undefined> {
  const given = process.env["DATABASE_URL"];
  for (const url of given ? [given] : DEFAULTS)
    if (await canUse(url)) {
      say(`PostgreSQL at ${new URL(url).host}`);
      return { url, stop: nothingToStop };
    }
  if (given) say("DATABASE_URL does not answer, or its role may not create databases");
  const started = await startPostgres();
  if (started) say(`started a PostgreSQL at ${new URL(started.url).host} for this run`);
  return started;
}

/** The code under test starts from its defaults, whatever the settings of the house on this machine are. */
function inherited(): Record<string, string | undefined> {
  const kept =
    /^(PATH|HOME|USER|SHELL|TERM|COLORTERM|LANG|LC_.*|TZ|TMPDIR|CI|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|TEST_.*)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name)));
}

function runJest(postgresUrl: string | undefined): Promise<number> {
  const jest = ["--experimental-vm-modules", "--no-warnings=ExperimentalWarning", "node_modules/jest/bin/jest.js"];
  const env = { ...inherited(), ...(postgresUrl === undefined ? {} : { TEST_DATABASE_URL: postgresUrl }) };
  const child = spawn(process.execPath, [...jest, ...process.argv.slice(2)], { cwd: root, env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

const postgres = await findPostgres();
if (postgres === undefined && ci) {
  say("CI=true and no PostgreSQL: neither at DATABASE_URL or localhost, nor installed. .ci/run installs it.");
  process.exitCode = 1;
} else {
  try {
    process.exitCode = await runJest(postgres?.url);
  } finally {
    await postgres?.stop();
  }
  if (postgres === undefined)
    say(
      "left out: everything on PostgreSQL (no server at DATABASE_URL or localhost, none installed); the embedded database was tested",
    );
}
