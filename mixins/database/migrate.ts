import type { Database, Tx } from "./database.ts";
import { type MigrationFile, readMigrationFiles } from "./migration-files.ts";

export interface MigrationState {
  /** `<room>/<NNN-name>` */
  name: string;
  path: string;
  appliedAt: Date | undefined;
}

interface Row {
  name: string;
  applied_at: Date;
  checksum: string;
}

/** Any number will do, as long as all processes take the same one: "eco2" in ASCII. */
const ADVISORY_LOCK = 0x65_63_6f_32;

/**
 * Where every migration of the project stands, in the order they run. Changes nothing.
 * Rows without a file are left out: newer code may have been here, and its schema still serves ours (expand, then contract).
 * @throws Error when an applied file was changed since
 */
export async function migrationStates(database: Database, root?: URL): Promise<MigrationState[]> {
  const applied = new Map((await readRows(database)).map(row => [row.name, row]));
  return readMigrationFiles(root).map(file => {
    const row = applied.get(file.name);
    if (row) assertUnchanged(file, row);
    return { name: file.name, path: file.path, appliedAt: row?.applied_at };
  });
}

/** Names of the migrations still to run, in their order. */
export async function pendingMigrations(database: Database, root?: URL): Promise<string[]> {
  return (await migrationStates(database, root))
    .filter(state => state.appliedAt === undefined)
    .map(state => state.name);
}

/**
 * Runs what is pending, each file in a transaction of its own together with the row that says so. Several processes may do this
 * at once. Migrations go forward only; one that fails leaves nothing of itself behind and ends the run with an error naming it.
 * @returns the names of those that this process ran
 */
export async function migrate(
  database: Database,
  { logger, root }: { logger: { info(message: string): void }; root?: URL },
): Promise<string[]> {
  const pending = new Set(await pendingMigrations(database, root));
  if (pending.size === 0) return [];
  await exclusively(database, createTable);
  const ran: string[] = [];
  const apply = async (file: MigrationFile) => {
    const startedAt = performance.now();
    if (!(await applyOnce(database, file))) return;
    ran.push(file.name);
    logger.info(`migrated ${file.name} in ${Math.round(performance.now() - startedAt)} ms`);
  };
  // Loaded only now: it costs a quarter of a second, which a start with nothing to do need not pay.
  const { Umzug } = await import("umzug");
  const umzug = new Umzug({
    migrations: readMigrationFiles(root).map(file => ({ name: file.name, path: file.path, up: () => apply(file) })),
    // The row is written in the migration's own transaction, so there is nothing left to log.
    storage: {
      executed: async () => (await readRows(database)).map(row => row.name),
      logMigration: () => Promise.resolve(),
      unlogMigration: () => Promise.reject(new Error("Migrations go forward only.")),
    },
    logger: undefined,
  });
  await umzug.up();
  return ran;
}

/** @returns false when another process was faster */
const applyOnce = (database: Database, file: MigrationFile): Promise<boolean> =>
  exclusively(database, async tx => {
    const done = await tx.one<Row>("select * from public.migrations where name = $1", [file.name]);
    if (done) {
      assertUnchanged(file, done);
      return false;
    }
    await tx.run(file.sql);
    await tx.run("insert into public.migrations (name, checksum) values ($1, $2)", [file.name, file.checksum]);
    return true;
  });

const createTable = (tx: Tx): Promise<number> =>
  tx.run(`create table if not exists public.migrations (
    name text primary key, applied_at timestamptz not null default now(), checksum text not null
  )`);

/** One process at a time. The embedded database has one process only, which its folder lock sees to, and knows no advisory locks. */
const exclusively = <T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> =>
  database.transaction(async tx => {
    if (!database.embedded) {
      // A migration may take its time, and so may the wait for another process that runs it.
      await tx.run("set local statement_timeout = 0; set local lock_timeout = 0");
      await tx.run("select pg_advisory_xact_lock($1)", [ADVISORY_LOCK]);
    }
    return work(tx);
  });

async function readRows(database: Database): Promise<Row[]> {
  const table = await database.one<{ found: boolean }>("select to_regclass('public.migrations') is not null as found");
  return table?.found === true ? database.rows<Row>("select name, applied_at, checksum from public.migrations") : [];
}

function assertUnchanged(file: MigrationFile, row: Row): void {
  if (file.checksum === row.checksum) return;
  throw new Error(
    `${file.path} was changed after it had been applied. Put it back as it was and write the change as a new migration.`,
  );
}
