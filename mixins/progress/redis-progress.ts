import { crc32 } from "node:zlib";
import type { HouseRedis } from "../redis/redis.ts";
import { compareIds, type ProgressEvent, type ProgressLog } from "./progress.ts";

/**
 * Channels that all topics share: however many streams a process serves, it listens to these and no more, and one with a few streams
 * hears a part of the house only. Ordinary channels, since the sharded ones of Redis 7 (SSUBSCRIBE) differ in a cluster alone.
 */
const SHARDS = 16;
/** A job that tells nothing for so long is forgotten here; its row can tell it all. */
const KEPT_MS = 30 * 60_000;
/** What is over is kept for those who are about to listen. */
const KEPT_AFTER_DONE_MS = 60_000;
/** Topics of which events that Redis did not take are remembered. */
const MISSED_TOPICS = 1_000;
/** Topics read with one round trip. */
const READ_AT_ONCE = 200;

/**
 * One step, so that what is kept and what is heard are in the same order. Redis itself refuses an id that is not newer. A server that
 * is full or read-only keeps nothing, but whoever listens can still be told.
 */
const APPEND = `
local kept = redis.pcall("XADD", KEYS[1], ARGV[1], "event", ARGV[2])
local fault = type(kept) == "table" and kept["err"] or false
if fault and string.find(fault, "equal or smaller", 1, true) then return "old" end
if not fault then redis.call("PEXPIRE", KEYS[1], ARGV[3]) end
redis.call("PUBLISH", KEYS[2], ARGV[4])
return fault or "kept"`;
interface WithAppend {
  appendProgress(stream: string, channel: string, id: string, event: string, ttlMs: number, message: string): unknown;
}

interface Follower {
  onEvent: (event: ProgressEvent) => void;
  lastId: string | undefined;
  /** Reads of what is kept that are under way; what is heard meanwhile waits for them. */
  reads: number;
  waiting: ProgressEvent[];
}

/** The log of a house of many processes. Without Redis it is silent; what this process could not tell, it tells with its next event of that topic. */
export function redisProgress(redis: HouseRedis): ProgressLog {
  redis.commands.defineCommand("appendProgress", { numberOfKeys: 2, lua: APPEND });
  const commands = redis.commands as unknown as WithAppend;
  const missed = new Map<string, ProgressEvent[]>();
  const followers = new Map<string, Set<Follower>>();
  const heard = new Map<number, Promise<void>>();

  const send = async (topic: string, event: ProgressEvent): Promise<void> => {
    const text = JSON.stringify(event);
    const keptMs = event.event === "done" ? KEPT_AFTER_DONE_MS : KEPT_MS;
    const channel = redis.key(channelOf(shardOf(topic)));
    await commands.appendProgress(redis.key(streamOf(topic)), channel, event.id, text, keptMs, `${topic}\n${text}`);
  };

  const tell = (message: string): void => {
    const end = message.indexOf("\n");
    const listening = followers.get(message.slice(0, end));
    if (!listening) return;
    const event = JSON.parse(message.slice(end + 1)) as ProgressEvent;
    for (const follower of listening) take(follower, [event]);
  };

  /** Reads what is kept of topics that are followed, for followers who may have missed something. */
  const catchUp = async (missing: readonly (readonly [topic: string, Follower])[]): Promise<void> => {
    for (const [, follower] of missing) follower.reads++;
    for (let from = 0; from < missing.length; from += READ_AT_ONCE) {
      const some = missing.slice(from, from + READ_AT_ONCE);
      const read = redis.commands.pipeline();
      for (const [topic, { lastId }] of some) read.xrange(redis.key(streamOf(topic)), lastId ? `(${lastId}` : "-", "+");
      const kept = (await read.exec().catch(() => null)) ?? [];
      for (const [index, [, follower]] of some.entries()) {
        follower.reads--;
        take(follower, eventsIn(kept[index]?.[1]));
      }
    }
  };

  const hear = (shard: number): Promise<void> => {
    const ofShard = () =>
      [...followers].flatMap(([topic, of]) =>
        shardOf(topic) === shard ? [...of].map(follower => [topic, follower] as const) : [],
      );
    const hearing = heard.get(shard) ?? redis.listen(channelOf(shard), tell, () => void catchUp(ofShard()));
    heard.set(shard, hearing);
    return hearing;
  };

  return {
    async append(topic, event) {
      const events = [...(missed.get(topic) ?? []), event];
      missed.delete(topic);
      try {
        for (; events[0]; events.shift()) await send(topic, events[0]);
      } catch {
        // Redis logs its trouble itself.
        missed.set(topic, events);
        for (const oldest of missed.keys()) if (missed.size > MISSED_TOPICS) missed.delete(oldest);
      }
    },

    async follow(topic, onEvent) {
      const follower: Follower = { onEvent, lastId: undefined, reads: 1, waiting: [] };
      const listening = followers.get(topic) ?? new Set();
      followers.set(topic, listening.add(follower));
      await hear(shardOf(topic));
      await catchUp([[topic, follower]]);
      follower.reads--;
      take(follower, []);
      return () => {
        follower.onEvent = () => undefined;
        listening.delete(follower);
        if (listening.size === 0 && followers.get(topic) === listening) followers.delete(topic);
      };
    },
  };
}

const shardOf = (topic: string): number => crc32(topic) % SHARDS;
const channelOf = (shard: number): string => `progress:shard:${shard}`;
const streamOf = (topic: string): string => `progress:${topic}`;

/** Passes on what is new to a follower, in order, once nothing older can come any more. */
function take(follower: Follower, events: readonly ProgressEvent[]): void {
  follower.waiting.push(...events);
  if (follower.reads > 0) return;
  const ready = follower.waiting.sort((a, b) => compareIds(a.id, b.id));
  follower.waiting = [];
  for (const event of ready) {
    if (follower.lastId !== undefined && compareIds(event.id, follower.lastId) <= 0) continue;
    follower.lastId = event.id;
    follower.onEvent(event);
  }
}

/** Events in the answer to XRANGE, which nothing but {@link APPEND} has written; none where it failed. */
const eventsIn = (answer: unknown): ProgressEvent[] =>
  ((answer ?? []) as [id: string, fields: string[]][]).map(
    ([, fields]) => JSON.parse(fields[1] ?? "") as ProgressEvent,
  );
