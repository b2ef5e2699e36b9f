import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { ClientBase, QueryResult } from "pg";
import { type Sequelize, Transaction } from "sequelize";
import type { Tx } from "./database.ts";
import { lostToANeighbour } from "./failure.ts";
import { borrow, giveBack, runStatement, throwAway } from "./statement.ts";

const MAX_ATTEMPTS = 5;

interface Open {
  sequelize: Sequelize;
  open: boolean;
}
const current = new AsyncLocalStorage<Open>();

/**
 * Refuses to borrow a second connection from inside a transaction: on the embedded database (one backend) that would wait for ever
 * for the transaction that waits for it, and on PostgreSQL it would do so as soon as the pool is used up.
 */
export function refuseInsideTransaction(sequelize: Sequelize): void {
  const outer = current.getStore();
  if (outer?.open !== true || outer.sequelize !== sequelize) return;
  throw new Error(
    "A transaction is open here: use the tx it was given (and { transaction: tx.sequelizeTransaction } with models).",
  );
}

/**
 * Runs `work` in one transaction (READ COMMITTED) and returns what it returns, after the commit.
 * Work that lost to a neighbour (serialization failure, deadlock) is run again from its start, so it must keep its side effects in
 * `tx.afterCommit`.
 */
export async function runTransaction<T>(sequelize: Sequelize, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryTransaction(sequelize, work);
    } catch (thrown) {
      if (attempt === MAX_ATTEMPTS || !lostToANeighbour(thrown)) throw thrown;
      await pause(Math.random() * 10 * 2 ** attempt);
    }
  }
}

async function tryTransaction<T>(sequelize: Sequelize, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await borrow(sequelize);
  const state: Open = { sequelize, open: true };
  const { tx, hooks, finish } = openTx(sequelize, client, state);
  let result: T;
  try {
    await runStatement(client, "begin");
    result = await current.run(state, () => work(tx));
    await finish("commit");
    await commit(client);
  } catch (thrown) {
    await finish("rollback");
    await rollback(sequelize, client);
    throw thrown;
  }
  giveBack(sequelize, client);
  for (const hook of hooks) runHook(hook);
  return result;
}

/** A commit of a transaction in which a statement failed answers "ROLLBACK" and no error: work that hid the failure must not pass. */
async function commit(client: ClientBase): Promise<void> {
  const { command } = await runStatement(client, "commit");
  if (command !== "COMMIT")
    throw new Error("The transaction was rolled back: a statement in it failed and its error was swallowed.");
}

async function rollback(sequelize: Sequelize, client: ClientBase): Promise<void> {
  try {
    await runStatement(client, "rollback");
    giveBack(sequelize, client);
  } catch {
    await throwAway(sequelize, client);
  }
}

/** What is committed stays committed, so a hook that throws is reported to the process and not to the caller. */
function runHook(hook: () => void): void {
  try {
    hook();
  } catch (thrown) {
    process.emitWarning(thrown instanceof Error ? thrown : String(thrown));
  }
}

function openTx(sequelize: Sequelize, client: ClientBase, state: Open) {
  const hooks: (() => void)[] = [];
  let forModels: Transaction | undefined;
  let last: Promise<unknown> = Promise.resolve();
  // One after the other, also when the work starts several at once: a connection answers in the order it was asked.
  const query = (sql: string, bind?: readonly unknown[]): Promise<QueryResult> => {
    const answer = last.then(() => {
      if (!state.open) throw new Error("The transaction is over: everything in it has to be awaited.");
      return runStatement(client, sql, bind);
    });
    last = answer.catch(() => undefined);
    return answer;
  };
  const tx: Tx = {
    rows: async <R extends object>(sql: string, bind?: readonly unknown[]) => (await query(sql, bind)).rows as R[],
    one: async <R extends object>(sql: string, bind?: readonly unknown[]) =>
      (await query(sql, bind)).rows[0] as R | undefined,
    run: async (sql, bind) => (await query(sql, bind)).rowCount ?? 0,
    afterCommit: fn => void hooks.push(fn),
    get sequelizeTransaction() {
      // Sequelize asks a transaction for nothing but its connection and whether it is finished.
      return (forModels ??= Object.assign(new Transaction(sequelize, {}), { connection: client }));
    },
  };
  /** Lets nothing more begin, and waits for what runs. */
  const finish = async (how: "commit" | "rollback") => {
    state.open = false;
    if (forModels) Object.assign(forModels, { finished: how });
    await last;
  };
  return { tx, hooks, finish };
}
