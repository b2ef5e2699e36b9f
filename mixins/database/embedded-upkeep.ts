import type { PGlite } from "@electric-sql/pglite";

/** Log written since the last checkpoint that calls for the next one; it is also what a start after a crash has to replay. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;

/** The thresholds of PostgreSQL's own autovacuum: 50 rows and a fifth of the table; a tenth of it for the planner's statistics. */
const WORN_TABLES = `
  select format('%I.%I', schemaname, relname) as name, n_dead_tup > 50 + 0.2 * n_live_tup as dead
  from pg_stat_user_tables
  where n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup
  order by n_dead_tup desc`;

/**
 * Does what a server's background processes do and a lone backend does not: checkpoints (its log would grow for ever) and vacuum.
 * @param whenFree runs a step when no transaction is open; a step is one table at most, so that nobody waits long for it
 */
export function startUpkeep(
  database: PGlite,
  whenFree: (step: () => Promise<void>) => void,
  everyMs = 15_000,
): { stop(): void } {
  // A step that fails (a full disk, a table dropped meanwhile) is tried again the next time.
  const step = (work: () => Promise<void>) => whenFree(() => work().catch(() => undefined));
  const checkpoint = async () => {
    const { rows } = await database.query<{ bytes: number }>(
      "select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::float8 as bytes from pg_control_checkpoint()",
    );
    if ((rows[0]?.bytes ?? 0) > CHECKPOINT_BYTES) await database.exec("checkpoint");
  };
  const vacuum = async () => {
    const { rows } = await database.query<{ name: string; dead: boolean }>(WORN_TABLES);
    for (const { name, dead } of rows) {
      step(async () => {
        await database.exec(`${dead ? "vacuum (analyze)" : "analyze"} ${name}`);
      });
    }
  };
  const timer = setInterval(() => {
    step(vacuum);
    step(checkpoint);
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}
