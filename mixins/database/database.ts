import type { ClientBase } from "pg";
import type { Sequelize, Transaction } from "sequelize";
import { type Backend, type BackendOptions, keyOf, openBackend } from "./backend.ts";
import { borrow, giveBack, runStatement } from "./statement.ts";
import { runTransaction } from "./transaction.ts";

export { isDatabaseDown, isUniqueViolation } from "./failure.ts";

/**
 * Where a store runs its statements: a transaction, or a `Database`, whose statements are each their own transaction.
 * Stores take a `Tx`, so they cannot be left out of a transaction by mistake.
 *
 * SQL binds as `$1`. Bound: `Date`, `Buffer`, `null`/`undefined` → null, an object → JSON, an array → a PostgreSQL array (so a JSON
 * array needs `JSON.stringify` and `::jsonb`). Read: jsonb parsed, timestamptz as `Date`, date as `"2026-03-01"`, bigint as number
 * (as string beyond 2^53), numeric as string. Without binds the text may hold several statements.
 * NUL and lone surrogates in text are database errors; requests are checked for them before they come here.
 */
export interface Tx {
  rows<R extends object>(sql: string, bind?: readonly unknown[]): Promise<R[]>;
  /** The first row. */
  one<R extends object>(sql: string, bind?: readonly unknown[]): Promise<R | undefined>;
  /** Runs a statement for its effect and returns the number of rows it touched. */
  run(sql: string, bind?: readonly unknown[]): Promise<number>;
  /** Runs `fn` once what was written is durable; at once on a `Database`, never after a rollback. */
  afterCommit(fn: () => void): void;
  /** For Sequelize models: `Model.create(row, { transaction: tx.sequelizeTransaction })`. Undefined on a `Database`. */
  readonly sequelizeTransaction: Transaction | undefined;
}

export interface Database extends Tx {
  readonly sequelize: Sequelize;
  /** True for the one in our own process (PGlite): one backend, no session settings, no advisory locks, no LISTEN. */
  readonly embedded: boolean;
  /**
   * Runs `work` in one transaction, commits and returns its result; rolls back when it throws. Work that lost to a neighbour
   * (serialization failure, deadlock) is run again, so side effects belong into `tx.afterCommit`. Inside, everything goes through
   * `tx`: anything else is refused, since it could wait for ever. Never wait for the network inside.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Resolves when the database answers; rejects with its error, or with the signal's reason. */
  ping(signal?: AbortSignal): Promise<void>;
  /** Gives this handle back; the last one of the process closes the pool and the folder. */
  close(): Promise<void>;
}

interface Shared {
  opening: Promise<Backend>;
  holders: number;
}
const shared = new Map<string, Shared>();
const closing = new Map<string, Promise<void>>();

/**
 * Opens the database of this process: PostgreSQL at `databaseUrl`, else PGlite in `dataDir`, which it locks.
 * Everybody who asks for the same one shares one pool; each closes the handle it got.
 * @throws Error with `code: "FOLDER_IN_USE"` when another process has the folder
 */
export async function openDatabase(options: BackendOptions): Promise<Database> {
  const key = keyOf(options);
  await closing.get(key);
  const entry = shared.get(key) ?? { opening: openBackend(options), holders: 0 };
  shared.set(key, entry);
  entry.holders++;
  try {
    const backend = await entry.opening;
    let held = true;
    return databaseOn(backend, async () => {
      if (!held) return;
      held = false;
      await letGo(key, entry);
    });
  } catch (thrown) {
    if (shared.get(key) === entry) shared.delete(key);
    throw thrown;
  }
}

async function letGo(key: string, entry: Shared): Promise<void> {
  entry.holders--;
  if (entry.holders > 0) return;
  shared.delete(key);
  const closed = entry.opening.then(backend => backend.close()).finally(() => closing.delete(key));
  closing.set(key, closed);
  await closed;
}

function databaseOn({ sequelize, embedded }: Backend, close: () => Promise<void>): Database {
  const query = async (sql: string, bind?: readonly unknown[]) => {
    const client: ClientBase = await borrow(sequelize);
    try {
      return await runStatement(client, sql, bind);
    } finally {
      giveBack(sequelize, client);
    }
  };
  return {
    sequelize,
    embedded,
    sequelizeTransaction: undefined,
    rows: async <R extends object>(sql: string, bind?: readonly unknown[]) => (await query(sql, bind)).rows as R[],
    one: async <R extends object>(sql: string, bind?: readonly unknown[]) =>
      (await query(sql, bind)).rows[0] as R | undefined,
    run: async (sql, bind) => (await query(sql, bind)).rowCount ?? 0,
    afterCommit: fn => fn(),
    transaction: work => runTransaction(sequelize, work),
    ping: signal => abortable(query("select 1"), signal),
    close,
  };
}

async function abortable(work: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal?.reason);
  if (signal?.aborted) giveUp();
  signal?.addEventListener("abort", giveUp);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}
