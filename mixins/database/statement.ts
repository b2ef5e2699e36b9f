import type { ClientBase, QueryResult } from "pg";
import type { Sequelize } from "sequelize";
import { markIfDown } from "./failure.ts";

/**
 * Runs one statement on a connection, through pg itself: Sequelize's own `query` rewrites `$1` inside literals, turns NUL into
 * the two characters `\0` without a word, and drops the count of affected rows.
 * @throws pg's error with `code` (SQLSTATE), `constraint` and, added here, `sql` (the text, never the values)
 */
export async function runStatement(client: ClientBase, sql: string, bind?: readonly unknown[]): Promise<QueryResult> {
  try {
    return await (bind === undefined || bind.length === 0 ? client.query(sql) : client.query(sql, [...bind]));
  } catch (thrown) {
    if (thrown instanceof Error) Object.assign(thrown, { sql });
    throw markIfDown(thrown);
  }
}

/** Borrows a connection of the one pool. Sequelize types it as `object`; with this dialect it is pg's client. */
export async function borrow(sequelize: Sequelize): Promise<ClientBase> {
  try {
    return (await sequelize.connectionManager.getConnection({ type: "write" })) as ClientBase;
  } catch (thrown) {
    throw markIfDown(thrown);
  }
}

export const giveBack = (sequelize: Sequelize, client: ClientBase): void =>
  sequelize.connectionManager.releaseConnection(client);

/** For a connection whose state is not known any more. */
export const throwAway = async (sequelize: Sequelize, client: ClientBase): Promise<void> =>
  sequelize.connectionManager.destroyConnection(client).catch(() => undefined);
