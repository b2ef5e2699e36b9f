import { randomUUID } from "node:crypto";
import { describe } from "@jest/globals";
import { Redis } from "ioredis";

/** The server that `npm test` found or started; its suites are skipped where it could do neither. */
export const redisUrl = process.env["TEST_REDIS_URL"] ?? "";

/** A suite that needs Redis. */
export const describeOnRedis = redisUrl === "" ? describe.skip : describe;

/** A namespace that nobody else uses. */
export const testNamespace = (): string => `eco2test-${randomUUID().slice(0, 13)}`;

/** Removes what a test left behind in its namespace. */
export async function clearNamespace(namespace: string): Promise<void> {
  const redis = new Redis(redisUrl);
  for await (const keys of redis.scanStream({ match: `${namespace}:*`, count: 1_000 }) as AsyncIterable<string[]>)
    if (keys.length > 0) await redis.del(keys);
  await redis.quit();
}
