import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { migrate } from "../../../mixins/database/migrate.ts";
import { openDatabase } from "../../../mixins/database/database.ts";
import { quietLog } from "../../builders/quiet-log.ts";
import { startPostgres } from "../../servers/start-postgres.ts";
import { type OwnRabbitMq, startRabbitMq } from "../../servers/start-rabbitmq.ts";
import { type OwnRedis, startRedis } from "../../servers/start-redis.ts";
import { freePort, type OwnServer } from "../../servers/started-server.ts";
import { startTcpProxy, type TcpProxy } from "../../servers/tcp-proxy.ts";
import { type Member, startMember } from "./member.ts";
import { type CountingModel, countingModel } from "./model.ts";

export type Dependency = "rabbitmq" | "postgres" | "redis";
type Settings = Record<string, string>;

export interface MemberOptions {
  /** Rooms; left out: all. */
  services?: string;
  env?: Settings;
  /** Lines of its own in place of those that all share. */
  lines?: Partial<Record<Dependency, TcpProxy>>;
}

/** Servers of our own, lines to them that can be disturbed, a model that counts, and the processes of one house on them. */
export interface Arena {
  readonly folder: string;
  readonly servers: { rabbitmq: OwnRabbitMq; postgres: OwnServer; redis: OwnRedis };
  readonly lines: Record<Dependency, TcpProxy>;
  readonly model: CountingModel;
  /** Straight to the database, past all lines. */
  readonly sql: <R extends object>(text: string, bind?: unknown[]) => Promise<R[]>;
  readonly members: Member[];
  /** Origins of the gateways. */
  readonly gateways: string[];
  /** A line of a member's own. */
  ownLine(to: Dependency): Promise<TcpProxy>;
  /** Starts a process; a gateway keeps its port over all its lives. */
  add(name: string, options?: MemberOptions): Promise<Member>;
  /** Resolves when all members are up and every gateway says that it is ready. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** What every process of a chaos house runs with: short times, so that a case shows in seconds what takes a cluster a minute. */
const COMMON: Settings = {
  LOG_FORMAT: "json",
  LOG_LEVEL: "info",
  NODE_ENV: "test",
  AMQP_HEARTBEAT_S: "3",
  SHUTDOWN_MS: "20000",
  MODEL_CONCURRENCY: "16",
};

/** @throws Error where RabbitMQ or PostgreSQL is not installed */
export async function openArena(postgresSettings: Settings = {}): Promise<Arena> {
  const folder = mkdtempSync(join(tmpdir(), "eco2-chaos-"));
  mkdirSync(join(folder, "data"));
  const [rabbitmq, postgres, redis] = await Promise.all([
    startRabbitMq(),
    // What was committed must survive its power cuts.
    startPostgres({ fsync: "on", full_page_writes: "on", synchronous_commit: "on", ...postgresSettings }),
    startRedis(),
  ]);
  if (!rabbitmq || !postgres || !redis) throw new Error("RabbitMQ, PostgreSQL and Redis have to be installed");
  await migrated(postgres.url, folder);
  const proxies: TcpProxy[] = [];
  const ownLine = async (to: Dependency) => {
    const proxy = await startTcpProxy({ rabbitmq, postgres, redis }[to].port);
    proxies.push(proxy);
    return proxy;
  };
  const lines = {
    rabbitmq: await ownLine("rabbitmq"),
    postgres: await ownLine("postgres"),
    redis: await ownLine("redis"),
  };
  const model = countingModel();
  const members: Member[] = [];
  const gateways: string[] = [];

  return {
    folder,
    servers: { rabbitmq, postgres, redis },
    lines,
    model,
    members,
    gateways,
    ownLine,
    sql: (text, bind) => query(postgres.url, text, bind),
    async add(name, { services, env = {}, lines: own = {} } = {}) {
      const port = await freePort();
      const { PATH, HOME, TMPDIR } = process.env;
      const member = startMember(
        name,
        {
          ...{ PATH, HOME, TMPDIR, PORT: String(port), SERVICES: services, DATA_DIR: join(folder, "data") },
          DATABASE_URL: through(own.postgres ?? lines.postgres, postgres.url),
          AMQP_URL: through(own.rabbitmq ?? lines.rabbitmq, rabbitmq.url),
          REDIS_URL: through(own.redis ?? lines.redis, redis.url),
          OPENAI_API_KEY: model.key,
          OPENAI_BASE_URL: await model.urlFor(name),
          ...COMMON,
          ...env,
        },
        join(folder, `${name}.log`),
      );
      members.push(member);
      if (services === undefined || services.split(",").includes("api")) gateways.push(`http://127.0.0.1:${port}`);
      return member;
    },
    async ready() {
      await Promise.all(members.map(member => member.up()));
      await Promise.all(gateways.map(untilReady));
    },
    async close() {
      await Promise.all(members.map(member => member.end()));
      await Promise.all([...proxies.map(proxy => proxy.close()), model.close()]);
      await Promise.all([rabbitmq.stop(), postgres.stop(), redis.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function migrated(databaseUrl: string, dataDir: string): Promise<void> {
  const database = await openDatabase({ databaseUrl, dataDir });
  await migrate(database, { logger: quietLog });
  await database.close();
}

async function query<R extends object>(url: string, text: string, bind: unknown[] = []): Promise<R[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<R>(text, bind)).rows;
  } finally {
    await client.end();
  }
}

function through({ port }: TcpProxy, url: string): string {
  const address = new URL(url);
  address.port = String(port);
  return address.href;
}

async function untilReady(gateway: string): Promise<void> {
  for (;;) {
    const isReady = await fetch(`${gateway}/ready`).then(
      async answer => (await answer.text(), answer.ok),
      () => false,
    );
    if (isReady) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** The usual house: a gateway, its quick rooms, and workers that scan. */
export async function usualHouse(
  arena: Arena,
  { workers = 2, gateways = 1 }: { workers?: number; gateways?: number } = {},
) {
  const doors = await Promise.all(
    Array.from({ length: gateways }, (_, n) => arena.add(`gateway-${n + 1}`, { services: "api" })),
  );
  const rooms = await arena.add("rooms", { services: "auth,users,images,character,info,chat,location" });
  const hands = await Promise.all(
    Array.from({ length: workers }, (_, n) => arena.add(`worker-${n + 1}`, { services: "scan" })),
  );
  await arena.ready();
  return { gateways: doors, rooms, workers: hands };
}
