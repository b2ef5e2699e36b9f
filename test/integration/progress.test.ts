import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { memoryProgress, type ProgressEvent, type ProgressLog } from "../../mixins/progress/progress.ts";
import { redisProgress } from "../../mixins/progress/redis-progress.ts";
import { type HouseRedis, openRedis } from "../../mixins/redis/redis.ts";
import { quietLog } from "../builders/quiet-log.ts";
import { until } from "../builders/until.ts";
import { clearNamespace, describeOnRedis, redisUrl, testNamespace } from "../servers/redis.ts";

const event = (id: string, name = "vision", data: Record<string, unknown> = {}): ProgressEvent => ({
  id,
  event: name,
  data,
});
let topics = 0;
const newTopic = () => `scan:${process.pid}-${topics++}`;

/** Follows a topic. @returns ids in the order they came, and how to stop */
async function listen(log: ProgressLog, topic: string): Promise<{ ids: string[]; stop: () => void }> {
  const ids: string[] = [];
  const stop = await log.follow(topic, ({ id }) => ids.push(id));
  return { ids, stop };
}

/** The two ends of a log: who tells and who listens, in Redis two processes. */
interface Ends {
  writer: ProgressLog;
  reader: ProgressLog;
}
const namespace = testNamespace();
const opened: HouseRedis[] = [];
async function open(): Promise<HouseRedis> {
  const redis = openRedis({ url: redisUrl, namespace }, quietLog);
  opened.push(redis);
  await until(() => redis.trouble() === undefined);
  return redis;
}
afterAll(async () => {
  await Promise.all(opened.map(redis => redis.close()));
  if (opened.length > 0) await clearNamespace(namespace);
});

const inMemory = async (): Promise<Ends> => {
  const log = memoryProgress();
  return { writer: log, reader: log };
};
const inRedis = async (): Promise<Ends> => ({
  writer: redisProgress(await open()),
  reader: redisProgress(await open()),
});

describe.each([
  { name: "memory", make: inMemory },
  ...(redisUrl === "" ? [] : [{ name: "Redis, between two processes", make: inRedis }]),
])("a progress log in $name", ({ make }) => {
  let ends: Ends;
  beforeAll(async () => {
    ends = await make();
  });

  it("gives a late follower what is kept, then each new event once, until it stops", async () => {
    const { writer, reader } = ends;
    const topic = newTopic();
    await writer.append(topic, event("5-0"));
    await writer.append(topic, event("5-10"));
    const { ids, stop } = await listen(reader, topic);
    expect(ids).toEqual(["5-0", "5-10"]);
    await writer.append(newTopic(), event("5-11"));
    await writer.append(topic, event("5-20"));
    await until(() => ids.length === 3);
    stop();
    await writer.append(topic, event("5-30"));
    const again = await listen(reader, topic);
    await until(() => again.ids.includes("5-30"));
    again.stop();
    expect(ids).toEqual(["5-0", "5-10", "5-20"]);
  });

  it("drops what is not newer, so that a repeated delivery repeats nothing", async () => {
    const { writer, reader } = ends;
    const topic = newTopic();
    const { ids, stop } = await listen(reader, topic);
    for (const id of ["99-10", "99-11", "99-10", "99-11", "99-9", "100-0"]) await writer.append(topic, event(id));
    await until(() => ids.includes("100-0"));
    stop();
    expect(ids).toEqual(["99-10", "99-11", "100-0"]);
    expect((await listen(reader, topic)).ids).toEqual(["99-10", "99-11", "100-0"]);
  });

  it("gives followers that come in the middle of a flood every event once and in order", async () => {
    const { writer, reader } = ends;
    const topic = newTopic();
    const wanted = Array.from({ length: 300 }, (_, n) => `7-${n + 1}`);
    const writing = (async () => {
      for (const id of wanted) await writer.append(topic, event(id, "token", { text: "줄\n바꿈" }));
    })();
    const early = await listen(reader, topic);
    await until(() => early.ids.length > 20);
    const late = await Promise.all(Array.from({ length: 20 }, () => listen(reader, topic)));
    await writing;
    await until(() => [early, ...late].every(({ ids }) => ids.at(-1) === wanted.at(-1)));
    for (const { ids, stop } of [early, ...late]) {
      expect(ids).toEqual(wanted);
      stop();
    }
  });
});

describeOnRedis("a progress log in Redis", () => {
  it("keeps one of two events with one id, when two processes tell them at the same moment", async () => {
    const [one, other] = [await open(), await open()];
    const topic = newTopic();
    const { ids, stop } = await listen(redisProgress(one), topic);
    const writers = [redisProgress(one), redisProgress(other)];
    for (let n = 1; n <= 50; n++) await Promise.all(writers.map(writer => writer.append(topic, event(`8-${n}`))));
    await until(() => ids.includes("8-50"));
    stop();
    expect(ids).toEqual(Array.from({ length: 50 }, (_, n) => `8-${n + 1}`));
    expect(await one.commands.xlen(one.key(`progress:${topic}`))).toBe(50);
  });

  it("serves 5 000 streams with a few subscriptions on one connection, each with its own events alone", async () => {
    const [far, near] = [await open(), await open()];
    const [writer, reader] = [redisProgress(far), redisProgress(near)];
    const all = Array.from({ length: 5_000 }, newTopic);
    const got = new Map<string, string[]>();
    const stops = await Promise.all(
      all.map(topic => {
        got.set(topic, []);
        return reader.follow(topic, ({ data }) => got.get(topic)?.push(String(data["of"])));
      }),
    );
    await Promise.all(all.map(topic => writer.append(topic, event("9-1", "vision", { of: topic }))));
    await until(() => [...got.values()].every(events => events.length > 0));
    expect([...got].filter(([topic, events]) => events.join() !== topic)).toEqual([]);
    const channels = (await far.commands.call("PUBSUB", "CHANNELS", far.key("progress:*"))) as string[];
    expect(channels.length).toBeLessThanOrEqual(16);
    for (const stop of stops) stop();
  });

  it("forgets a job that is over soon, and one that tells nothing any more later", async () => {
    const redis = await open();
    const log = redisProgress(redis);
    const [running, over] = [newTopic(), newTopic()];
    await log.append(running, event("5-10"));
    await log.append(over, event("5-10"));
    await log.append(over, event("5-51", "done"));
    const ttlS = async (topic: string) => redis.commands.ttl(redis.key(`progress:${topic}`));
    expect(await ttlS(running)).toBeGreaterThan(1_700);
    expect(await ttlS(over)).toBeGreaterThan(0);
    expect(await ttlS(over)).toBeLessThanOrEqual(60);
  });
});
