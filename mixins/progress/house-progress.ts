import type { HouseRedis } from "../redis/redis.ts";
import { houseRedis } from "../redis/house-redis.ts";
import { memoryProgress, type ProgressLog } from "./progress.ts";
import { redisProgress } from "./redis-progress.ts";

const inMemory = memoryProgress();
const inRedis = new WeakMap<HouseRedis, ProgressLog>();

function current(): ProgressLog {
  const redis = houseRedis();
  if (redis === undefined) return inMemory;
  const log = inRedis.get(redis) ?? redisProgress(redis);
  inRedis.set(redis, log);
  return log;
}

/** The log of the house: in Redis, shared by its processes, or in the memory of its only one. */
export const progress: ProgressLog = {
  append: (topic, event) => current().append(topic, event),
  follow: (topic, onEvent) => current().follow(topic, onEvent),
};
