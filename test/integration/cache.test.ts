import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import Type from "typebox";
import { contract } from "../../broker/contract.ts";
import { fail } from "../../broker/errors.ts";
import { type Caller, service } from "../../broker/service.ts";
import { SchemaValidator } from "../../broker/validator.ts";
import type { Answers } from "../../mixins/cache/answers.ts";
import { AnswerCacher } from "../../mixins/cache/cacher.ts";
import { memoryAnswers } from "../../mixins/cache/memory-answers.ts";
import { redisAnswers } from "../../mixins/cache/redis-answers.ts";
import { openRedis } from "../../mixins/redis/redis.ts";
import { quietLog } from "../builders/quiet-log.ts";
import { until } from "../builders/until.ts";
import { clearNamespace, redisUrl, testNamespace } from "../servers/redis.ts";

const Item = Type.Object({ n: Type.Optional(Type.Integer()), more: Type.Optional(Type.Object({ a: Type.Integer() })) });
const door = contract("shelf", {
  actions: {
    all: {
      summary: "The same for everyone",
      rest: "GET /shelf/all",
      auth: "public",
      params: Item,
      result: Type.Unknown(),
      cache: { ttlS: 60, of: "everyone" },
    },
    members: {
      summary: "The same for everyone who is signed in",
      rest: "GET /shelf/members",
      params: Item,
      result: Type.Unknown(),
      cache: { ttlS: 60, of: "everyone" },
    },
    mine: {
      summary: "The caller's",
      rest: "GET /shelf/mine",
      params: Item,
      result: Type.Unknown(),
      cache: { ttlS: 60, of: "caller", forgetOn: ["users.changed"] },
    },
    theirs: {
      summary: "A person's",
      params: Type.Object({ user_id: Type.String() }),
      result: Type.Unknown(),
      cache: { ttlS: 60, of: "user_id", forgetOn: ["users.changed", "character.granted"] },
    },
    brief: {
      summary: "Soon over",
      params: Item,
      result: Type.Unknown(),
      cache: { ttlS: 1, of: "everyone" },
    },
    plain: { summary: "Not cached", params: Item, result: Type.Unknown() },
  },
});

/** Counts how often each action worked; `before` runs while it works. */
function shelf() {
  const state = { worked: 0, before: async (): Promise<void> => undefined, broken: false };
  const work = async (what: unknown) => {
    const number = ++state.worked;
    await state.before();
    if (state.broken) throw fail("SERVICE_UNAVAILABLE");
    return { number, what };
  };
  const room = service(door)({
    actions: {
      all: ctx => work(ctx.params),
      members: ctx => work(ctx.params),
      mine: ctx => work([ctx.user.userId, ctx.user.provider, ctx.params]),
      theirs: ctx => work(ctx.params.user_id),
      brief: ctx => work(ctx.params),
      plain: ctx => work(ctx.params),
    },
  });
  return { state, room };
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function open(answers: Answers | undefined) {
  const { state, room } = shelf();
  const cacher = new AnswerCacher(() => answers);
  const options = { logger: false, validator: new SchemaValidator({}), contextParamsCloning: true, cacher } as const;
  const broker = new ServiceBroker({ nodeID: randomUUID(), ...options });
  broker.createService(room);
  await broker.start();
  stops.push(() => broker.stop());
  const who = (userId: string, provider = "kakao"): Caller => ({ userId, provider, sessionId: randomUUID() });
  const ask = (action: string, params: object = {}, caller?: Caller) =>
    broker.call<{ number: number; what: unknown }, object>(`shelf.${action}`, params, {
      meta: caller ? { caller } : {},
    });
  return { state, broker, cacher, ask, who };
}

async function inRedis(): Promise<Answers> {
  const namespace = testNamespace();
  const redis = openRedis({ url: redisUrl, namespace }, quietLog);
  stops.push(async () => {
    await redis.close();
    await clearNamespace(namespace);
  });
  await until(() => redis.trouble() === undefined);
  return redisAnswers(redis);
}

describe.each([
  { name: "memory", make: async () => memoryAnswers() },
  ...(redisUrl === "" ? [] : [{ name: "Redis", make: inRedis }]),
])("answers kept in $name", ({ make }) => {
  /** A house whose answers tell when the last one was kept. */
  async function start() {
    const answers = await make();
    const keeping: Promise<void>[] = [];
    const house = await open({
      ...answers,
      keep(...args) {
        const kept = answers.keep(...args);
        keeping.push(kept);
        return kept;
      },
    });
    return { ...house, answers, kept: () => Promise.all(keeping) };
  }

  it("are given again to the same request, whatever the order of its parameters", async () => {
    const { ask, kept, state } = await start();
    const first = await ask("all", { n: 1, more: { a: 2 } });
    await kept();
    expect(await ask("all", { more: { a: 2 }, n: 1 })).toEqual(first);
    await ask("all", { n: 2, more: { a: 2 } });
    await ask("all", {});
    expect(state.worked).toBe(3);
  });

  it("are the caller's own: neither another person nor another way in sees them", async () => {
    const { ask, who, kept, state } = await start();
    const [one, two] = [await ask("mine", {}, who("u1")), await ask("mine", {}, who("u2"))];
    await kept();
    expect(one.what).toEqual(["u1", "kakao", {}]);
    expect(two.what).toEqual(["u2", "kakao", {}]);
    expect(await ask("mine", {}, who("u1"))).toEqual(one);
    expect((await ask("mine", {}, who("u1", "naver"))).what).toEqual(["u1", "naver", {}]);
    expect(state.worked).toBe(3);
  });

  it("do not open a door: strangers are refused what is kept for everyone who is signed in", async () => {
    const { ask, who, kept } = await start();
    await ask("members", {}, who("u1"));
    await kept();
    await expect(ask("members")).rejects.toMatchObject({ type: "UNAUTHENTICATED" });
    await expect(ask("mine")).rejects.toMatchObject({ type: "UNAUTHENTICATED" });
  });

  it("are forgotten for the person of an event, and for nobody else", async () => {
    const { ask, who, kept, broker, state } = await start();
    for (const user of ["u1", "u2"]) {
      await ask("mine", {}, who(user));
      await ask("mine", { n: 1 }, who(user));
      await ask("theirs", { user_id: user });
    }
    await kept();
    state.worked = 100;
    await broker.broadcast("users.changed", { user_id: "u1" });
    expect((await ask("mine", {}, who("u1"))).number).toBe(101);
    expect((await ask("mine", { n: 1 }, who("u1"))).number).toBe(102);
    expect((await ask("theirs", { user_id: "u1" })).number).toBe(103);
    await broker.broadcast("character.granted", { user_id: "u2" });
    expect((await ask("theirs", { user_id: "u2" })).number).toBe(104);
    expect((await ask("mine", {}, who("u2"))).number).toBeLessThan(100);
  });

  it("that were read before an event are not kept after it", async () => {
    const { ask, who, kept, broker, state } = await start();
    state.before = async () => {
      state.before = async () => undefined;
      await broker.broadcast("users.changed", { user_id: "u1" });
    };
    const before = await ask("mine", {}, who("u1"));
    await kept();
    expect(await ask("mine", {}, who("u1"))).not.toEqual(before);
  });

  it("are never errors", async () => {
    const { ask, kept, state } = await start();
    state.broken = true;
    await expect(ask("all")).rejects.toMatchObject({ type: "SERVICE_UNAVAILABLE" });
    state.broken = false;
    await kept();
    expect((await ask("all")).number).toBe(2);
  });

  it("are over after their time", async () => {
    const { ask, kept } = await start();
    await ask("brief");
    await kept();
    expect((await ask("brief")).number).toBe(1);
    await until(async () => (await ask("brief")).number > 1);
  });

  it("are of actions that ask for it alone", async () => {
    const { ask, state } = await start();
    await ask("plain");
    await ask("plain");
    expect(state.worked).toBe(2);
  });

  it("can be looked at and cleared by operators", async () => {
    const { ask, who, kept, cacher, state } = await start();
    await ask("all");
    await ask("mine", {}, who("u1"));
    await kept();
    expect((await cacher.getCacheKeys()).map(({ key }) => key).sort()).toEqual(["shelf.all:everyone", "shelf.mine:u1"]);
    await cacher.clean("shelf.mine*");
    await ask("all");
    expect(state.worked).toBe(2);
    await ask("mine", {}, who("u1"));
    expect(state.worked).toBe(3);
  });
});

describe("a cache in trouble", () => {
  it("costs nothing but the work: it fails, or is not there at all", async () => {
    const refuse = () => Promise.reject(fail("SERVICE_UNAVAILABLE"));
    const broken: Answers = { isOwn: false, get: refuse, keep: refuse, forget: refuse, groups: refuse };
    for (const answers of [broken, undefined]) {
      const { ask, who, broker } = await open(answers);
      expect((await ask("all")).number).toBe(1);
      expect((await ask("mine", {}, who("u1"))).number).toBe(2);
      await broker.broadcast("users.changed", { user_id: "u1" });
      expect((await ask("mine", {}, who("u1"))).number).toBe(3);
    }
  });
});
