import { resolve } from "node:path";
import { Client, types } from "pg";
import { type Options, Sequelize } from "sequelize";
import { openEmbedded } from "./embedded.ts";
import { lockFolder } from "./folder-lock.ts";
import { refuseInsideTransaction } from "./transaction.ts";

export interface BackendOptions {
  /** `postgres://…`; left out: the embedded database. */
  databaseUrl?: string | undefined;
  /** Folder of everything the embedded house keeps; the database lives in `database/` below it. */
  dataDir: string;
  /** Connections of the pool (default 10). */
  poolMax?: number;
  /** Learns of a crash of the embedded database, which then starts again by itself. Default: a warning of the process. */
  report?: (cause: Error) => void;
}

/** A running database with its one pool. */
export interface Backend {
  sequelize: Sequelize;
  embedded: boolean;
  close(): Promise<void>;
}

/** Two openings with the same key are the same database. */
export const keyOf = ({ databaseUrl, dataDir }: BackendOptions): string => databaseUrl ?? resolve(dataDir);

const STATEMENT_TIMEOUT_MS = 15_000;
const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
const ACQUIRE_TIMEOUT_MS = 10_000;
/** One backend works its queue off in order; giving up early would only put the same work at its end again. */
const EMBEDDED_ACQUIRE_TIMEOUT_MS = 30_000;

export async function openBackend(options: BackendOptions): Promise<Backend> {
  return options.databaseUrl === undefined ? openFolder(options) : openServer(options.databaseUrl, options.poolMax);
}

async function openServer(databaseUrl: string, poolMax = 10): Promise<Backend> {
  const sequelize = new Sequelize(databaseUrl, {
    ...common(poolMax, ACQUIRE_TIMEOUT_MS),
    dialectOptions: {
      application_name: "eco2",
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      clientMinMessages: "ignore",
    },
  });
  prepare(sequelize);
  return { sequelize, embedded: false, close: () => sequelize.close() };
}

async function openFolder({ dataDir, poolMax = 10, report }: BackendOptions): Promise<Backend> {
  const lock = lockFolder(dataDir);
  try {
    const embedded = await openEmbedded(resolve(dataDir, "database"), { report });
    const sequelize = new Sequelize("postgres", "postgres", "", {
      ...common(poolMax, EMBEDDED_ACQUIRE_TIMEOUT_MS),
      ...NOTHING_SET,
      dialectOptions: { stream: embedded.stream, clientMinMessages: "ignore" },
    });
    prepare(sequelize);
    const close = async () => {
      await sequelize.close();
      await embedded.close();
      lock.release();
    };
    return { sequelize, embedded: true, close };
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

/** Sequelize's types leave these two out. The embedded backend is shared by all connections: no connection may SET anything on it. */
const NOTHING_SET: object = { keepDefaultTimezone: true };
/** Known beforehand, or Sequelize opens an extra connection only to ask. */
const KNOWN_VERSION: object = { databaseVersion: "15.0.0" };

const common = (max: number, acquire: number): Options => ({
  dialect: "postgres",
  logging: false,
  ...KNOWN_VERSION,
  pool: { max, acquire, idle: 30_000 },
});

function prepare(sequelize: Sequelize): void {
  sequelize.addHook("beforePoolAcquire", () => refuseInsideTransaction(sequelize));
  sequelize.addHook("afterConnect", client => {
    if (!(client instanceof Client)) return;
    client.setTypeParser(types.builtins.INT8, readBigint);
    // As text: a calendar day is no instant, and pg would read it as midnight of this machine's zone.
    client.setTypeParser(types.builtins.DATE, day => day);
  });
}

function readBigint(digits: string): number | string {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : digits;
}
