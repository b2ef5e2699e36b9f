import type { Context, Service, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import { fail } from "../../broker/errors.ts";
import { isDatabaseDown, sqlStateOf } from "./failure.ts";
import { openHouseDatabase } from "./open-house-database.ts";
import { type OpenTable, SharedSqlAdapter } from "./shared-sql-adapter.ts";
import { readTableModel } from "./table-model.ts";

const MAX_ROWS = 1000;

/** moleculer-db is a schema; its types call it a class. */
const stock: { actions: Record<string, object>; settings: object } = DbService as never;

/**
 * The service `<schema>.<table>` with moleculer-db's actions find, count, list, get, create, insert, update and remove, for
 * operators (`call users.accounts.list` in the REPL) and other rooms. Every node reaches them, REST never does.
 * A service of its own, since a room's actions of the same name would be merged with these.
 */
export function tableService(schema: string, table: string): ServiceSchema {
  const open: OpenTable = async logger => {
    const database = await openHouseDatabase(logger);
    try {
      return { database, model: await readTableModel(database, schema, table) };
    } catch (thrown) {
      await database.close();
      throw thrown;
    }
  };
  // Not cached: rows are also written past these actions, so what a cache kept of them would be stale.
  const actions = Object.entries(stock.actions).map(
    ([name, action]) => [name, { ...action, rest: null, visibility: "public", cache: false }] as const,
  );
  const service = {
    ...stock,
    name: `${schema}.${table}`,
    settings: { ...stock.settings, ...{ idField: "id", maxLimit: MAX_ROWS } },
    adapter: new SharedSqlAdapter(open),
    actions: Object.fromEntries(actions),
    hooks: {
      before: { find: (ctx: Context<{ limit?: number }>) => void (ctx.params.limit ??= MAX_ROWS) },
      error: { "*": (_ctx: Context, thrown: Error) => refuse(thrown) },
    },
    // The stock one tries for ever when it cannot connect, so that a start that has to fail would hang.
    async started(this: Service) {
      await (this as Service & { connect(): Promise<void> }).connect();
    },
  };
  // Moleculer's types know no `adapter`.
  return service as unknown as ServiceSchema;
}

/** What the database or moleculer-db has against a request, in the catalogue's terms. */
function refuse(thrown: Error): never {
  if (thrown.name === "EntityNotFoundError") throw fail("NOT_FOUND");
  if (isDatabaseDown(thrown)) throw fail("DATABASE_UNAVAILABLE");
  // Classes 22 (a value that is none of its type), 23 (a constraint) and 42 (a column that is not there).
  if (thrown instanceof SyntaxError || /^(22|23|42)/.test(sqlStateOf(thrown) ?? ""))
    throw fail("VALIDATION_FAILED", thrown.message);
  throw thrown;
}
