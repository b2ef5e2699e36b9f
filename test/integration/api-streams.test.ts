import { afterEach, describe, expect, it } from "@jest/globals";
import { once } from "node:events";
import { memoryProgress, type ProgressEvent, type ProgressLog } from "../../mixins/progress/progress.ts";
import type { GatewaySettings } from "../../services/api/api.settings.ts";
import { APP, startGateway, type TestGateway, tokenFor } from "../builders/gateway.ts";
import { probe, type Probe, probeRoom } from "../builders/probe-room.ts";
import { send } from "../builders/raw-http.ts";
import { readEvents } from "../builders/read-events.ts";

const USER = "0b5f8a52-6d5e-4b6e-9a55-0c9f5a8f1c11";
const event = (id: string, name: string, data: Record<string, unknown> = {}): ProgressEvent => ({
  id,
  event: name,
  data: { stage: name, ...data },
});
const QUIET = { keepaliveMs: 60_000, rereadMs: 60_000, lifeMs: 60_000, backlogBytes: 64 * 1024 };

let gate: TestGateway;
let room: Probe;
let headers: Record<string, string>;
afterEach(() => gate.stop());

async function start(
  stream: Partial<GatewaySettings["stream"]> = {},
  progress?: ProgressLog,
  settings: Partial<GatewaySettings> = {},
) {
  room = probeRoom();
  gate = await startGateway({
    contracts: [probe],
    services: [room.service],
    settings: { stream: { ...QUIET, ...stream }, ...settings },
    ...(progress ? { progress } : {}),
  });
  headers = { cookie: `s_access=${await tokenFor(USER)}`, origin: APP };
}
const listen = (job: string, more: Record<string, string> = {}) =>
  readEvents(`${gate.url}/api/v1/probe/${job}/events`, { ...headers, ...more });
const openStreams = async () => (await send(`${gate.url}/health`, {})).json()["open_streams"];
const names = (events: { event?: string | undefined }[]) => events.map(({ event }) => event);

describe("a progress stream", () => {
  it("begins at once, with headers that nothing in between may spoil", async () => {
    await start();
    const reader = await listen("j");
    expect(reader).toMatchObject({
      status: 200,
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
        "access-control-allow-origin": APP,
        "access-control-allow-credentials": "true",
      },
    });
    expect(reader.headers).not.toHaveProperty("content-encoding");
    reader.close();
  });

  it("replays what the job knows and what the log knows as one line, then goes on live, and ends after done", async () => {
    await start();
    room.job = [event("5-0", "queued"), event("5-10", "vision")];
    await gate.progress.append("j", event("5-10", "vision"));
    await gate.progress.append("j", event("5-11", "vision"));
    const reader = await listen("j");
    await reader.until(({ id }) => id === "5-11");
    await gate.progress.append("j", event("5-20", "rule"));
    await gate.progress.append("j", event("5-51", "done", { result: { text: "줄\n바꿈" } }));
    await gate.progress.append("j", event("5-60", "late"));
    expect(await reader.ended).toBe(true);
    expect(reader.events.map(({ id, event }) => [id, event])).toEqual([
      ["5-0", "queued"],
      ["5-10", "vision"],
      ["5-11", "vision"],
      ["5-20", "rule"],
      ["5-51", "done"],
    ]);
    expect(JSON.parse(reader.events.at(-1)?.data ?? "")).toEqual({ stage: "done", result: { text: "줄\n바꿈" } });
    expect(await openStreams()).toBe(0);
  });

  it("sends only what came after Last-Event-ID", async () => {
    await start();
    room.job = [event("5-0", "queued"), event("5-10", "vision"), event("5-20", "rule"), event("5-51", "done")];
    const reader = await listen("j", { "last-event-id": "5-10" });
    expect(await reader.ended).toBe(true);
    expect(names(reader.events)).toEqual(["rule", "done"]);
  });

  it.each(["rubbish", "5", "-1--1", "9e9-0", "5-10; drop"])(
    "takes the odd Last-Event-ID %j for none",
    async lastEventId => {
      await start();
      room.job = [event("5-0", "queued"), event("5-51", "done")];
      const reader = await listen("j", { "last-event-id": lastEventId });
      expect(await reader.ended).toBe(true);
      expect(names(reader.events)).toEqual(["queued", "done"]);
    },
  );

  it("sends a browser that has seen done away for good", async () => {
    await start();
    room.job = [event("5-0", "queued"), event("5-51", "done")];
    const reader = await listen("j", { "last-event-id": "5-51" });
    expect(reader.status).toBe(204);
    expect(await reader.ended).toBe(true);
  });

  it("sends a job that is over whole, and ends", async () => {
    await start();
    room.job = [event("5-0", "queued"), event("5-51", "done")];
    expect(await (await listen("j")).ended).toBe(true);
  });

  it("asks the job for what the log has lost before it goes on, and goes on when the job knows no more", async () => {
    await start();
    room.job = [event("5-0", "queued")];
    const reader = await listen("j");
    await reader.until(({ id }) => id === "5-0");
    room.job.push(event("5-10", "vision"), event("5-11", "vision"));
    await gate.progress.append("j", { ...event("5-20", "rule"), after: "5-11" });
    await reader.until(({ id }) => id === "5-20");
    await gate.progress.append("j", { ...event("5-30", "answer"), after: "5-21" });
    await gate.progress.append("j", event("5-51", "done"));
    expect(await reader.ended).toBe(true);
    expect(reader.events.map(({ id }) => id)).toEqual(["5-0", "5-10", "5-11", "5-20", "5-30", "5-51"]);
  });

  it("notices what was lost between the job's row and the log", async () => {
    const log = memoryProgress();
    const late: ProgressLog = {
      append: (topic, item) => log.append(topic, item),
      follow(topic, onEvent) {
        room.job.push(event("5-11", "vision"));
        onEvent({ ...event("5-20", "rule"), after: "5-11" });
        return log.follow(topic, onEvent);
      },
    };
    await start({}, late);
    room.job = [event("5-0", "queued")];
    const reader = await listen("j");
    await reader.until(({ id }) => id === "5-20");
    reader.close();
    expect(reader.events.map(({ id }) => id)).toEqual(["5-0", "5-11", "5-20"]);
  });

  it("puts events that come in disorder while the log is read into order", async () => {
    const log = memoryProgress();
    const disorderly: ProgressLog = {
      append: (topic, item) => log.append(topic, item),
      async follow(topic, onEvent) {
        onEvent(event("5-51", "done"));
        onEvent(event("5-20", "rule"));
        return log.follow(topic, onEvent);
      },
    };
    await start({}, disorderly);
    room.job = [event("5-0", "queued"), event("5-10", "vision")];
    const reader = await listen("j");
    expect(await reader.ended).toBe(true);
    expect(names(reader.events)).toEqual(["queued", "vision", "rule", "done"]);
  });

  it("breaks silence with named keepalives", async () => {
    await start({ keepaliveMs: 30 });
    const reader = await listen("j");
    const keepalive = await reader.until(({ event }) => event === "keepalive");
    expect(keepalive.id).toBeUndefined();
    expect(JSON.parse(keepalive.data)).toEqual({ timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
    reader.close();
  });

  it("asks the job again in silence, and so finds an event that was lost on the way", async () => {
    await start({ rereadMs: 40 });
    const reader = await listen("j");
    room.job = [event("5-0", "queued"), event("5-51", "done")];
    expect(await reader.ended).toBe(true);
    expect(names(reader.events)).toEqual(["queued", "done"]);
  });

  it("goes on when the log cannot be followed or the job cannot be asked", async () => {
    let asked = 0;
    const broken: ProgressLog = {
      append: async () => undefined,
      follow: async () => Promise.reject(new Error("redis is away")),
    };
    await start({ rereadMs: 30 }, broken);
    const reader = await listen("j");
    Object.defineProperty(room, "job", {
      get: () => {
        if (++asked === 1) throw new Error("database is away");
        return [event("5-51", "done")];
      },
    });
    expect(await reader.ended).toBe(true);
    expect(names(reader.events)).toEqual(["done"]);
    expect(asked).toBeGreaterThan(1);
  });

  it("lives no longer than it may, and says so", async () => {
    await start({ lifeMs: 60 });
    const reader = await listen("j");
    expect(await reader.ended).toBe(true);
    const last = reader.events.at(-1);
    expect(last?.event).toBe("error");
    expect(JSON.parse(last?.data ?? "")).toEqual({
      type: "error",
      error: "timeout",
      message: expect.stringMatching(/[가-힣]/),
    });
  });

  it("is cut when its reader is too slow, and replays what was missed when it comes back", async () => {
    await start({ backlogBytes: 32 * 1024 });
    const reader = await listen("j");
    await gate.progress.append("j", event("5-1", "token"));
    await reader.until(({ id }) => id === "5-1");
    reader.pause();
    const text = "쓰".repeat(20_000);
    let sent = 1;
    while ((await openStreams()) === 1) await gate.progress.append("j", event(`5-${++sent}`, "token", { text }));
    reader.resume();
    expect(await reader.ended).toBe(false);
    const seen = reader.events.at(-1)?.id ?? "";
    expect(Number(seen.split("-")[1])).toBeLessThan(sent);
    const again = await listen("j", { "last-event-id": seen });
    await again.until(({ id }) => id === `5-${sent}`);
    expect(again.events[0]?.id).toBe(`5-${Number(seen.split("-")[1]) + 1}`);
    again.close();
  });

  it("stops following when its reader leaves", async () => {
    const log = memoryProgress();
    let following = 0;
    let left: () => void = () => undefined;
    const allLeft = new Promise<void>(resolve => (left = resolve));
    const counted: ProgressLog = {
      append: (topic, item) => log.append(topic, item),
      async follow(topic, onEvent) {
        const stop = await log.follow(topic, onEvent);
        following++;
        return () => {
          stop();
          if (--following === 0) left();
        };
      },
    };
    await start({ rereadMs: 20 }, counted);
    const [one, two] = [await listen("j"), await listen("j")];
    expect(await openStreams()).toBe(2);
    one.close();
    two.close();
    await allLeft;
    expect(await openStreams()).toBe(0);
    const calls = room.calls.length;
    await gate.progress.append("j", event("5-51", "done"));
    expect(room.calls.length).toBe(calls);
  });

  it("is refused like any other request when the job is not the caller's, or nobody asks", async () => {
    await start();
    const foreign = await send(`${gate.url}/api/v1/probe/foreign/events`, { headers });
    expect([foreign.status, foreign.json()["code"]]).toEqual([404, "RESULT_NOT_FOUND"]);
    const nobody = await send(`${gate.url}/api/v1/probe/j/events`, {});
    expect([nobody.status, nobody.json()["code"]]).toEqual([401, "UNAUTHENTICATED"]);
  });

  it("has no body for HEAD", async () => {
    await start();
    const answer = await send(`${gate.url}/api/v1/probe/j/events`, { method: "HEAD", headers });
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(await openStreams()).toBe(0);
  });

  it("is one too many at some number", async () => {
    await start({}, undefined, { maxStreams: 1 });
    const reader = await listen("j");
    const second = await send(`${gate.url}/api/v1/probe/j/events`, { headers });
    expect([second.status, second.headers["retry-after"]]).toEqual([503, "2"]);
    reader.close();
  });

  it("ends when the gateway stops, so that its reader comes back elsewhere", async () => {
    await start();
    room.job = [event("5-0", "queued")];
    const reader = await listen("j");
    await reader.until(({ id }) => id === "5-0");
    const closed = once(gate.server, "close");
    await gate.broker.stop();
    expect(await reader.ended).toBe(true);
    await closed;
  });

  it("that begins while the gateway stops is ended too", async () => {
    let follow: () => void = () => undefined;
    let asked: () => void = () => undefined;
    const mayFollow = new Promise<void>(resolve => (follow = resolve));
    const isAsked = new Promise<void>(resolve => (asked = resolve));
    const slow: ProgressLog = {
      append: async () => undefined,
      async follow() {
        asked();
        await mayFollow;
        return () => undefined;
      },
    };
    await start({}, slow);
    room.job = [event("5-0", "queued")];
    const reader = await listen("j");
    await isAsked;
    const stopped = gate.broker.stop();
    expect(await reader.ended).toBe(true);
    follow();
    await stopped;
  });
});
