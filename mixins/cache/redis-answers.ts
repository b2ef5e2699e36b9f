import type { HouseRedis } from "../redis/redis.ts";
import { type Answers, FORGOTTEN_MS } from "./answers.ts";

/** No request looks like it. */
const FORGOTTEN = "forgotten";
const SCANNED_AT_ONCE = 500;

/** A group is a hash. The time it is over is set with its first answer alone, so that the others don't outlive theirs. */
const KEEP = `
if redis.call("HEXISTS", KEYS[1], "${FORGOTTEN}") == 1 then return end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
if redis.call("PTTL", KEYS[1]) < 0 then redis.call("PEXPIRE", KEYS[1], ARGV[3]) end`;
interface WithKeep {
  keepAnswer(group: string, request: string, answer: string, ttlMs: number): Promise<unknown>;
}

/** Answers that all processes of the house share. */
export function redisAnswers(redis: HouseRedis): Answers {
  const { commands } = redis;
  commands.defineCommand("keepAnswer", { numberOfKeys: 1, lua: KEEP });
  const keyOf = (group: string): string => redis.key(`cache:${group}`);
  return {
    isOwn: false,
    async get(group, request) {
      return (await commands.hget(keyOf(group), request)) ?? undefined;
    },
    async keep(group, request, answer, ttlS) {
      await (commands as unknown as WithKeep).keepAnswer(keyOf(group), request, answer, ttlS * 1000);
    },
    async forget(groups) {
      const step = commands.pipeline();
      for (const key of groups.map(keyOf))
        // A full server still deletes, and then keeps nothing anyway.
        step.del(key).hset(key, FORGOTTEN, "").pexpire(key, FORGOTTEN_MS);
      await step.exec();
    },
    async groups() {
      const found: string[] = [];
      const prefix = keyOf("");
      const scan = commands.scanStream({ match: `${prefix}*`, count: SCANNED_AT_ONCE }) as AsyncIterable<string[]>;
      for await (const keys of scan) found.push(...keys.map(key => key.slice(prefix.length)));
      return [...new Set(found)];
    },
  };
}
