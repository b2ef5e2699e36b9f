import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type HouseRedis, openRedis } from "../../mixins/redis/redis.ts";
import { RateLimits } from "../../services/api/rate-limits.ts";
import type { GatewaySettings } from "../../services/api/api.settings.ts";
import { startGateway, type TestGateway, tokenFor } from "../builders/gateway.ts";
import { probe, probeRoom } from "../builders/probe-room.ts";
import { recordingLog } from "../builders/recording-log.ts";
import { until } from "../builders/until.ts";
import { redisUrl, testNamespace } from "../servers/redis.ts";
import { type OwnRedis, startRedis } from "../servers/start-redis.ts";

let gate: TestGateway | undefined;
afterEach(() => gate?.stop());
/** 1 %: 30 requests a minute from an address, 6 from a person. */
const open = async (settings: Partial<GatewaySettings> = {}): Promise<TestGateway> =>
  (gate = await startGateway({
    contracts: [probe],
    services: [probeRoom().service],
    settings: { rateLimitPercent: 1, sparesLoopback: false, ...settings },
  }));
const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${gate?.url ?? ""}${path}`, { headers });
const statuses = async (count: number, one: (n: number) => Promise<Response>): Promise<Record<number, number>> => {
  const seen: Record<number, number> = {};
  for (let n = 0; n < count; n++) {
    const answer = await one(n);
    await answer.arrayBuffer();
    seen[answer.status] = (seen[answer.status] ?? 0) + 1;
  }
  return seen;
};
const signedIn = async () => ({ authorization: `Bearer ${await tokenFor(randomUUID())}` });

describe("rate limits", () => {
  it("refuse an address beyond its limit with when to come back, and tell all along what is left", async () => {
    await open();
    const first = await ask("/api/v1/probe/open");
    expect(first.headers.get("ratelimit-policy")).toBe('"address";q=30;w=60');
    expect(first.headers.get("ratelimit")).toBe('"address";r=29;t=60');
    expect(await statuses(40, () => ask("/api/v1/probe/open"))).toEqual({ 200: 29, 429: 11 });
    const refused = await ask("/api/v1/probe/open");
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("ratelimit")).toMatch(/^"address";r=0;t=\d+$/);
    expect(await refused.json()).toMatchObject({
      ...{ status: 429, code: "RATE_LIMITED", detail: "At most 30 requests in 60 seconds." },
    });
  });

  it("count people one by one, and say the tightest limit", async () => {
    await open();
    const [one, other] = [await signedIn(), await signedIn()];
    const answer = await ask("/api/v1/probe/open", one);
    expect(answer.headers.get("ratelimit")).toBe('"person";r=5;t=60');
    expect(await statuses(7, () => ask("/api/v1/probe/open", one))).toEqual({ 200: 5, 429: 2 });
    expect(await statuses(2, () => ask("/api/v1/probe/open", other))).toEqual({ 200: 2 });
  });

  it("count guesses at tokens for the address that they come from", async () => {
    await open();
    const guess = () => ask("/api/v1/probe/7/events", { authorization: `Bearer ${randomUUID()}` });
    expect(await statuses(35, guess)).toEqual({ 401: 30, 429: 5 });
  });

  it("are not escaped by made-up forwarding", async () => {
    await open();
    const pretend = (n: number) => ask("/api/v1/probe/open", { "x-forwarded-for": `198.51.100.${n}` });
    expect(await statuses(35, pretend)).toEqual({ 200: 30, 429: 5 });
  });

  it("believe the load balancer in front about who it is, and nothing that stood there before", async () => {
    await open({ trustedHops: 1 });
    const behind = (address: string) => ask("/api/v1/probe/open", { "x-forwarded-for": `203.0.113.9, ${address}` });
    expect(await statuses(31, () => behind("198.51.100.1"))).toEqual({ 200: 30, 429: 1 });
    expect(await statuses(1, () => behind("198.51.100.2"))).toEqual({ 200: 1 });
    const household = (n: number) => behind(`2001:db8:0:1::${(n + 1).toString(16)}`);
    expect(await statuses(31, household)).toEqual({ 200: 30, 429: 1 });
    expect(await statuses(1, () => behind("2001:db8:0:2::1"))).toEqual({ 200: 1 });
    expect(await statuses(1, () => behind("::ffff:198.51.100.1"))).toEqual({ 429: 1 });
  });

  it("spare probes, and this machine where they are told to", async () => {
    await open();
    expect(await statuses(35, () => ask("/health"))).toEqual({ 200: 35 });
    await gate?.stop();
    await open({ sparesLoopback: true });
    expect(await statuses(35, () => ask("/api/v1/probe/open"))).toEqual({ 200: 35 });
    // What comes by way of somebody else is not from this machine.
    const forwarded = () => ask("/api/v1/probe/open", { "x-forwarded-for": "198.51.100.1" });
    expect(await statuses(31, forwarded)).toEqual({ 200: 30, 429: 1 });
  });

  it("are not there at 0 percent", async () => {
    await open({ rateLimitPercent: 0 });
    const answer = await ask("/api/v1/probe/open");
    expect(answer.headers.has("ratelimit")).toBe(false);
    expect(await statuses(35, () => ask("/api/v1/probe/open"))).toEqual({ 200: 35 });
  });
});

/** Short, so that a hung server costs the test little. */
const TIMES = { commandTimeoutMs: 300, probeEveryMs: 100, reconnectMs: 200 };
const headers = () => {
  const written = new Map<string, unknown>();
  return {
    getHeader: (name: string) => written.get(name),
    setHeader: (name: string, value: unknown) => written.set(name, value),
  } as never;
};
const describeOnOwnRedis = redisUrl === "" ? describe.skip : describe;

describeOnOwnRedis("rate limits of several processes", () => {
  let server: OwnRedis;
  let near: HouseRedis;
  let far: HouseRedis;
  beforeAll(async () => {
    server = (await startRedis())!;
    const namespace = testNamespace();
    const [one, other] = [0, 1].map(() => openRedis({ url: server.url, namespace, ...TIMES }, recordingLog().log));
    [near, far] = [one!, other!];
    await until(() => near.trouble() === undefined && far.trouble() === undefined);
  });
  afterAll(async () => {
    await Promise.all([near.close(), far.close()]);
    await server.stop();
  });

  const limitsAt = (redis: HouseRedis) => new RateLimits({ percent: 1, redis: () => redis });
  const take = (limits: RateLimits, who: string) => limits.take(headers(), ["person"], who);

  it("count together at Redis", async () => {
    const [one, other] = [limitsAt(near), limitsAt(far)];
    const who = randomUUID();
    for (let n = 0; n < 3; n++) await Promise.all([take(one, who), take(other, who)]);
    await expect(take(other, who)).rejects.toMatchObject({ type: "RATE_LIMITED", code: 429 });
    await expect(take(one, who)).rejects.toMatchObject({
      type: "RATE_LIMITED",
      data: { retryAfterS: expect.any(Number) },
    });
  });

  it.each([
    ["is killed", () => server.kill(), () => server.restart()],
    ["hangs", async () => server.signal("SIGSTOP"), async () => server.signal("SIGCONT")],
  ])(
    "let people in, each for itself, while Redis %s, and count together again afterwards",
    async (_what, spoil, mend) => {
      const limits = limitsAt(near);
      const who = randomUUID();
      await take(limits, who);
      await spoil();
      // The very first ones meet the trouble itself.
      for (let n = 0; n < 5; n++) await take(limits, who);
      await until(() => near.trouble() !== undefined);
      const other = randomUUID();
      for (let n = 0; n < 6; n++) await take(limits, other);
      await expect(take(limits, other)).rejects.toMatchObject({ type: "RATE_LIMITED" });
      await mend();
      await until(() => near.trouble() === undefined && far.trouble() === undefined);
      const third = randomUUID();
      for (let n = 0; n < 6; n++) await take(n % 2 === 0 ? limits : limitsAt(far), third);
      await expect(take(limitsAt(far), third)).rejects.toMatchObject({ type: "RATE_LIMITED" });
    },
  );
});
