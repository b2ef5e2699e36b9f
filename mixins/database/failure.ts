import { ConnectionError } from "sequelize";

/** SQLSTATE of a PostgreSQL error, wherever Sequelize or pg put it. */
export function sqlStateOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, parent } = thrown as Error & { code?: unknown; parent?: unknown };
  if (typeof code === "string") return code;
  return parent === thrown ? undefined : sqlStateOf(parent);
}

/**
 * Classes 08 (connection), 53 (no resources left), 57P (shut down or starting), 58 (its disk or files), and what a server too busy
 * to answer gives: 57014 (statement timeout), 55P03 (lock timeout), 25P03 (idle in transaction). The rest are the network's own.
 */
const DOWN =
  /^(08...|53...|57P0.|58...|57014|55P03|25P03|E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_).*|ENOTFOUND|DATABASE_UNAVAILABLE|EMBEDDED_DATABASE_STOPPED)$/;

/** pg gives these no code. */
const DOWN_MESSAGE =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|Query read timeout)/;

/** True when the database could not be reached or could not answer now, so that asking again later makes sense (a 503). */
export function isDatabaseDown(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if (thrown instanceof ConnectionError) return true;
  const state = sqlStateOf(thrown);
  return state === undefined ? DOWN_MESSAGE.test(thrown.message) : DOWN.test(state);
}

/** True for a row that exists already; with a name, only when that unique constraint or index refused it. */
export function isUniqueViolation(thrown: unknown, constraint?: string): boolean {
  if (sqlStateOf(thrown) !== "23505") return false;
  const { constraint: own, parent } = thrown as { constraint?: string; parent?: { constraint?: string } };
  return constraint === undefined || (own ?? parent?.constraint) === constraint;
}

/** True when the server undid a transaction only because of its neighbours: the same work may pass the next time. */
export const lostToANeighbour = (thrown: unknown): boolean => ["40001", "40P01"].includes(sqlStateOf(thrown) ?? "");

/** Gives an error of a database that is down the catalogue's code, which is how every edge of the house knows it. */
export function markIfDown(thrown: unknown): unknown {
  if (thrown instanceof Error && isDatabaseDown(thrown)) Object.assign(thrown, { type: "DATABASE_UNAVAILABLE" });
  return thrown;
}
