import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { ProgressEvent, ProgressLog } from "../../mixins/progress/progress.ts";
import { redisProgress } from "../../mixins/progress/redis-progress.ts";
import { type HouseRedis, openRedis } from "../../mixins/redis/redis.ts";
import { recordingLog } from "../builders/recording-log.ts";
import { until } from "../builders/until.ts";
import { redisUrl } from "../servers/redis.ts";
import { type OwnRedis, startRedis } from "../servers/start-redis.ts";
import { freePort } from "../servers/started-server.ts";

const event = (seq: number): ProgressEvent => ({ id: `5-${seq}`, event: "vision", data: {} });
/** Short, so that a hung server costs the test little. */
const TIMES = { commandTimeoutMs: 300, probeEveryMs: 100, reconnectMs: 200 };

const started = redisUrl === "" ? undefined : await startRedis();
const describeOnOwnRedis = started === undefined ? describe.skip : describe;
const server = started as OwnRedis;

describeOnOwnRedis("with a Redis in trouble", () => {
  let far: HouseRedis;
  let near: HouseRedis;
  let writer: ProgressLog;
  let reader: ProgressLog;
  let lines: string[];
  let topic = "";

  beforeAll(() => {
    const recorded = recordingLog();
    lines = recorded.lines;
    const open = () => openRedis({ url: server.url, namespace: "eco2test", ...TIMES }, recorded.log);
    [far, near] = [open(), open()];
    [writer, reader] = [redisProgress(far), redisProgress(near)];
  });
  beforeEach(async () => {
    topic = `scan:${expect.getState().currentTestName ?? ""}`;
    await until(() => !far.trouble() && !near.trouble());
  });
  afterEach(async () => {
    await until(() => !far.trouble() && !near.trouble());
  });
  afterAll(async () => {
    await Promise.all([far.close(), near.close()]);
    await server.stop();
  });

  const listen = async (): Promise<string[]> => {
    const seen: string[] = [];
    await reader.follow(topic, ({ id }) => seen.push(id));
    return seen;
  };

  it("that is killed and comes back empty: nothing fails, and what could not be told is told before what comes next", async () => {
    const seen = await listen();
    await writer.append(topic, event(10));
    await until(() => seen.length === 1);
    await server.kill();
    await until(() => far.trouble() !== undefined && near.trouble() !== undefined);
    await writer.append(topic, event(11));
    const late: string[] = [];
    await reader.follow(topic, ({ id }) => late.push(id));
    await server.restart();
    await until(() => !far.trouble() && !near.trouble());
    await writer.append(topic, event(20));
    await until(() => seen.length === 3 && late.length === 2);
    expect(seen).toEqual(["5-10", "5-11", "5-20"]);
    expect(late).toEqual(["5-11", "5-20"]);
  });

  it("that hangs: one command waits for its deadline, later ones not at all, and all goes on when it moves again", async () => {
    const seen = await listen();
    await writer.append(topic, event(10));
    await until(() => seen.length === 1);
    server.signal("SIGSTOP");
    try {
      await writer.append(topic, event(11));
      await until(() => far.trouble() !== undefined && near.trouble() !== undefined);
      // Were each of them to wait, this would take five minutes and the test its time-out.
      for (let seq = 1; seq <= 1_000; seq++) await writer.append(`${topic}:${seq}`, event(seq));
    } finally {
      server.signal("SIGCONT");
    }
    await until(() => !far.trouble() && !near.trouble());
    await writer.append(topic, event(20));
    await until(() => seen.includes("5-20"));
    expect(seen).toEqual(["5-10", "5-11", "5-20"]);
  });

  it("that is full: says so, keeps nothing, and still tells whoever listens", async () => {
    const seen = await listen();
    await server.admin(redis => redis.config("SET", "maxmemory", "1"));
    try {
      await until(() => far.trouble()?.startsWith("OOM") === true);
      await writer.append(topic, event(10));
      await until(() => seen.length === 1);
    } finally {
      await server.admin(redis => redis.config("SET", "maxmemory", "0"));
    }
    expect(await server.admin(redis => redis.exists(far.key(`progress:${topic}`)))).toBe(0);
  });

  it("that takes no writes: says so and still tells whoever listens", async () => {
    const seen = await listen();
    const nobody = await freePort();
    await server.admin(redis => redis.replicaof("127.0.0.1", nobody));
    try {
      await until(() => far.trouble()?.startsWith("READONLY") === true);
      await until(() => far.commands.status === "ready" && near.commands.status === "ready");
      await writer.append(topic, event(10));
      await until(() => seen.length === 1);
    } finally {
      await server.admin(redis => redis.replicaof("NO", "ONE"));
    }
  });

  it("whose listeners are cut off: they hear again and catch up with what they missed, in order", async () => {
    const seen = await listen();
    for (let seq = 1; seq <= 200; seq++) {
      if (seq % 50 === 0) await server.admin(redis => redis.client("KILL", "TYPE", "pubsub"));
      await writer.append(topic, event(seq));
    }
    await until(() => seen.includes("5-200"));
    expect(seen).toEqual(Array.from({ length: 200 }, (_, n) => `5-${n + 1}`));
  });

  it("logs when trouble begins and ends, not every command that it costs", () => {
    const begun = lines.filter(line => line.includes("goes on without it"));
    expect(begun.length).toBeGreaterThan(3);
    expect(begun.length).toBeLessThan(100);
  });

  it("refuses the password: it is told nowhere", async () => {
    await server.admin(redis => redis.config("SET", "requirepass", "the-right-one"));
    const recorded = recordingLog();
    const url = server.url.replace("//", "//:hunter2hunter2@");
    const refused = openRedis({ url, namespace: "eco2test", ...TIMES }, recorded.log);
    try {
      await until(() => recorded.lines.some(line => line.includes("WRONGPASS")));
      expect(refused.trouble()).toMatch(/WRONGPASS|NOAUTH|Ready check/);
      await redisProgress(refused).append(topic, event(1));
      expect(recorded.lines.join("\n")).not.toContain("hunter2");
    } finally {
      await refused.close();
      await server.admin(redis => redis.config("SET", "requirepass", ""), "the-right-one");
    }
  });
});
