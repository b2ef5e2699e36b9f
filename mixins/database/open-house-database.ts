import type { Sequelize } from "sequelize";
import { env } from "../../broker/env.ts";
import { dependsOn } from "../../broker/readiness.ts";
import { type Database, openDatabase } from "./database.ts";
import { migrate, pendingMigrations } from "./migrate.ts";

interface Log {
  info(message: string): void;
  error(message: string): void;
}
/** One check per pool: every room of the process opens the same database at the same time. */
const checked = new WeakMap<Sequelize, Promise<void>>();

/**
 * Opens the database that the settings name, with a schema that fits the code. The embedded one is brought up to date here: its
 * only user is this process. A server's is not, since others use it and the person who starts a process may not mean to change
 * it; there the start fails and says what to run.
 */
export async function openHouseDatabase(logger: Log): Promise<Database> {
  const database = await openDatabase({
    databaseUrl: env.DATABASE_URL,
    dataDir: env.DATA_DIR,
    poolMax: env.DATABASE_POOL,
    report: cause => logger.error(`${cause.message}; it starts again with the next query`),
  });
  try {
    const check = checked.get(database.sequelize) ?? bringUpToDate(database, logger);
    checked.set(database.sequelize, check);
    await check;
    const forget = dependsOn("database", signal => database.ping(signal));
    const close = () => {
      forget();
      return database.close();
    };
    return { ...database, close };
  } catch (thrown) {
    checked.delete(database.sequelize);
    await database.close();
    throw thrown;
  }
}

async function bringUpToDate(database: Database, logger: Log): Promise<void> {
  if (database.embedded) {
    await migrate(database, { logger });
    return;
  }
  const pending = await pendingMigrations(database);
  if (pending.length === 0) return;
  const message = `The database lacks ${pending.length} of the migrations this code needs (${pending.join(", ")}). Run: npm run migrate`;
  throw Object.assign(new Error(message), { code: "MIGRATIONS_PENDING" });
}
