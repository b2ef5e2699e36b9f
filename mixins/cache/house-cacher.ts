import type { HouseRedis } from "../redis/redis.ts";
import { env } from "../../broker/env.ts";
import { houseRedis } from "../redis/house-redis.ts";
import type { Answers } from "./answers.ts";
import { AnswerCacher } from "./cacher.ts";
import { memoryAnswers } from "./memory-answers.ts";
import { redisAnswers } from "./redis-answers.ts";

/** The cacher of this process: in Redis, shared by the house, or in memory. */
export function houseCacher(): AnswerCacher {
  if (env.REDIS_URL === undefined) {
    const answers = memoryAnswers();
    return new AnswerCacher(() => answers);
  }
  const inRedis = new WeakMap<HouseRedis, Answers>();
  return new AnswerCacher(() => {
    const redis = houseRedis();
    // In trouble it may give what was forgotten meanwhile.
    if (redis?.trouble() !== undefined || redis === undefined) return undefined;
    const answers = inRedis.get(redis) ?? redisAnswers(redis);
    inRedis.set(redis, answers);
    return answers;
  });
}
