import type { Service } from "moleculer";
import { mixin } from "../../broker/service.ts";
import type { Database, Tx } from "./database.ts";
import { openHouseDatabase } from "./open-house-database.ts";
import { tableService } from "./table-service.ts";

/**
 * Gives a room the database of this process: `this.db()` for single statements and `this.transaction(work)`.
 *
 * The room owns the schema of its name and writes it out in its SQL (`users.accounts`): the pool is shared, so there is no search
 * path. It is open from `started` to `stopped`. An embedded database runs pending migrations before any room starts; with
 * DATABASE_URL pending migrations make the start fail with the command to run.
 * @param schema the PostgreSQL schema that the room owns
 * @param tables those of its tables whose rows operators and other rooms may work on through moleculer-db's actions:
 *   `database("users", { tables: ["accounts"] })` gives `users.accounts.find`, `.get`, `.update` …, on every node, never by REST
 */
export function database(schema: string, { tables = [] }: { tables?: readonly string[] } = {}) {
  // By service, not in one variable: the same file may be loaded by several brokers of one process.
  const open = new WeakMap<Service, Database>();
  const opened = (room: Service): Database => {
    const database = open.get(room);
    if (database === undefined) throw new Error(`The database of ${room.name} is open only while the room runs.`);
    return database;
  };
  return mixin({
    metadata: { schema },
    methods: {
      db(): Database {
        return opened(this);
      },
      transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
        return opened(this).transaction(work);
      },
    },
    created(this: Service) {
      for (const table of tables) this.broker.createService(tableService(schema, table));
    },
    async started(this: Service) {
      open.set(this, await openHouseDatabase(this.logger));
    },
    async stopped(this: Service) {
      const database = open.get(this);
      open.delete(this);
      await database?.close();
    },
  });
}
