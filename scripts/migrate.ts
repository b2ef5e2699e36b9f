/**
 * `npm run migrate`: brings the database that the settings name up to date.
 * `npm run migrate -- --status`: shows where each migration stands and changes nothing.
 */
import { env } from "../broker/env.ts";
import { type Database, isDatabaseDown, openDatabase } from "../mixins/database/database.ts";
import { migrate, type MigrationState, migrationStates } from "../mixins/database/migrate.ts";
import { readOptions } from "./read-options.ts";

const HELP = `npm run migrate               runs the migrations that are pending
npm run migrate -- --status   shows them all, changes nothing
`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

function describeState({ name, appliedAt }: MigrationState, width: number): string {
  return `${name.padEnd(width)}  ${appliedAt === undefined ? "pending" : `applied ${appliedAt.toISOString()}`}`;
}

async function showStatus(database: Database): Promise<void> {
  const states = await migrationStates(database);
  const width = Math.max(...states.map(state => state.name.length));
  for (const state of states) say(describeState(state, width));
  say(`${states.filter(state => state.appliedAt === undefined).length} pending`);
}

async function runPending(database: Database): Promise<void> {
  const ran = await migrate(database, { logger: { info: say } });
  say(ran.length === 0 ? "The database is up to date." : `${ran.length} migrated.`);
}

/** @returns the exit code */
function explain(thrown: unknown): number {
  const { code, pid, message } = thrown as Error & { code?: string; pid?: number };
  if (code === "FOLDER_IN_USE") {
    say(`Eco² runs on this data folder (pid ${pid ?? "unknown"}) and brought its database up to date when it started.`);
    return 0;
  }
  process.stderr.write(`${isDatabaseDown(thrown) ? `The database does not answer: ${message}` : message}\n`);
  return 1;
}

const options = {
  status: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;
const { status, help } = readOptions(options, HELP);
if (help) process.stdout.write(HELP);
else
  try {
    const database = await openDatabase({ databaseUrl: env.DATABASE_URL, dataDir: env.DATA_DIR });
    try {
      await (status ? showStatus(database) : runPending(database));
    } finally {
      await database.close();
    }
  } catch (thrown) {
    process.exitCode = explain(thrown);
  }
