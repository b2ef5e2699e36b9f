import type { Readable } from "node:stream";
import { jest } from "@jest/globals";
import type { CallingOptions, Context, ServiceBroker, ServiceSchema } from "moleculer";
import type { Actions, Events } from "../../broker/contract.ts";
import type { Meta } from "../../broker/service.ts";
import type { Database } from "../../mixins/database/database.ts";
import type { TestDatabase } from "../servers/databases.ts";

export interface OpenRoom {
  broker: ServiceBroker;
  db: Database;
  /** Calls an action the way the gateway does for a signed-in person, or another room for nobody. */
  call<K extends keyof Actions>(
    action: K,
    params: Actions[K]["params"],
    options?: { userId?: string; meta?: Meta; stream?: Readable },
  ): Promise<Actions[K]["result"]>;
  /** Every broadcast of that name so far. */
  heard<K extends keyof Events>(event: K): Events[K][];
  stop(): Promise<void>;
}

interface Options {
  database: TestDatabase;
  /** Loads the rooms; called after the settings are there, since a process reads them once. */
  load: () => Promise<ServiceSchema[]>;
  /** Broadcasts to listen to. */
  events?: readonly (keyof Events)[];
  env?: Record<string, string>;
}

/** Rooms on a database of their own, in a broker that is set up as the house's. Modules are loaded afresh. */
export async function openRoom({ database, load, events = [], env = {} }: Options): Promise<OpenRoom> {
  jest.resetModules();
  const { databaseUrl, dataDir } = database.options;
  // An empty value counts as unset.
  Object.assign(process.env, { LOG_LEVEL: "silent", DATA_DIR: dataDir, DATABASE_URL: databaseUrl ?? "", ...env });
  const { openDatabase } = await import("../../mixins/database/database.ts");
  const { migrate } = await import("../../mixins/database/migrate.ts");
  const { ServiceBroker } = await import("moleculer");
  const { SchemaValidator } = await import("../../broker/validator.ts");
  const db = await openDatabase(database.options);
  await migrate(db, { logger: { info: () => undefined } });
  const broker = new ServiceBroker({ logger: false, validator: new SchemaValidator({}), contextParamsCloning: true });
  for (const schema of await load()) broker.createService(schema);
  const told = new Map<string, unknown[]>(events.map(name => [name, []]));
  const listen = (name: string) => (ctx: Context) => void told.get(name)?.push(ctx.params);
  broker.createService({ name: "listener", events: Object.fromEntries(events.map(name => [name, listen(name)])) });
  await broker.start();
  return {
    broker,
    db,
    call: async (action, params, { userId, meta, stream } = {}) => {
      const caller = userId === undefined ? {} : { caller: { userId, sessionId: "s", provider: "kakao" } };
      const options = { meta: { ...caller, ...meta }, ...(stream ? { stream } : {}) } as CallingOptions;
      return await broker.call(action, params as Record<string, unknown>, options);
    },
    heard: event => (told.get(event) ?? []) as never,
    async stop() {
      await broker.stop();
      await db.close();
    },
  };
}
