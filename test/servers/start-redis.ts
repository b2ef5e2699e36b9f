import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { endServer, freePort, type OwnServer, untilUp } from "./started-server.ts";

const CONNECT_TIMEOUT_MS = 2_000;
const START_TIMEOUT_MS = 10_000;
const BINARY = "redis-server";

/** True when Redis answers there and takes what we write. */
export async function canUseRedis(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: CONNECT_TIMEOUT_MS, retryStrategy: () => null });
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    await redis.set("eco2test:can-write", "", "PX", 1_000);
    return true;
  } catch {
    return false; // no server, wrong password, read-only: for us it is not there
  } finally {
    redis.disconnect();
  }
}

export const hasRedis = (): boolean => spawnSync(BINARY, ["--version"], { stdio: "ignore" }).status === 0;

/** It keeps nothing on disk: what was in it is gone with its process. */
export interface OwnRedis extends OwnServer {
  /** What `redis-cli` would do. */
  admin<T>(work: (redis: Redis) => Promise<T>, password?: string): Promise<T>;
}

/** Starts a Redis of our own that keeps nothing on disk; undefined where none is installed. */
export async function startRedis(): Promise<OwnRedis | undefined> {
  if (!hasRedis()) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "eco2-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const settings = { port, bind: "127.0.0.1", dir: folder, save: "", appendonly: "no", "enable-debug-command": "yes" };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  let server: ChildProcess | undefined;

  const run = async () => {
    server = spawn(BINARY, args, { cwd: folder, stdio: "ignore", detached: true });
    await untilUp(server, () => canUseRedis(url), START_TIMEOUT_MS);
  };
  const kill = async () => {
    if (server) await endServer(server, "SIGKILL");
  };
  const stop = async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await run();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    url,
    port,
    stop,
    kill,
    restart: async () => {
      await kill();
      await run();
    },
    signal: signal => server?.kill(signal),
    async admin(work, password) {
      const redis = new Redis(url, password === undefined ? {} : { password });
      try {
        return await work(redis);
      } finally {
        redis.disconnect();
      }
    },
  };
}
