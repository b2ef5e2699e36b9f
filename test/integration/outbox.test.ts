import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import Type from "typebox";
import { type Carrier, DELIVERY_LIMIT, type Handle } from "../../broker/channels/carrier.ts";
import { fail } from "../../broker/errors.ts";
import { type Database, openDatabase } from "../../mixins/database/database.ts";
import { migrate } from "../../mixins/database/migrate.ts";
import { embeddedCarrier } from "../../mixins/outbox/embedded-carrier.ts";
import { embeddedDesk } from "../../mixins/outbox/embedded-desk.ts";
import { openRelay } from "../../mixins/outbox/relay.ts";
import type { WakeLoop } from "../../mixins/outbox/wake-loop.ts";
import { quietLog } from "../builders/quiet-log.ts";
import { until } from "../builders/until.ts";

const of = { summary: "test", version: 1, message: Type.Object({ n: Type.Integer() }) };
const queue = "tester.test.happened";

let folder: string;
let db: Database;
let carrier: Carrier;
let relay: WakeLoop;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "eco2-outbox-"));
  db = await openDatabase({ dataDir: folder });
  await migrate(db, { logger: quietLog });
});
afterAll(async () => {
  await db.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await relay.stop();
  await carrier.close();
  await db.run("delete from messages.outbox");
  await db.run("delete from messages.deliveries");
});

function open(): void {
  carrier = embeddedCarrier(db, quietLog);
  relay = openRelay(db, carrier, quietLog);
}
const consume = (handle: Handle, concurrency = 4, timeoutMs = 5_000) =>
  carrier.consume({ channel: "test.happened", queue, of, concurrency, timeoutMs }, { handle });
function start(): void {
  carrier.start();
  relay.start();
}
const write = (n: number, id: string = randomUUID()): Promise<number> =>
  db.run("insert into messages.outbox (id, channel, version, message) values ($1, 'test.happened', 1, $2::jsonb)", [
    id,
    JSON.stringify({ n }),
  ]);
const deliveries = () =>
  db.rows<{ failures: number; unanswered: number; dead_at: Date | null; reason: string | null }>(
    "select * from messages.deliveries",
  );

/** Collects what a handler sees and resolves when `count` have come. */
function collector(count: number): { handle: Handle; all: Promise<number[]>; seen: number[] } {
  const seen: number[] = [];
  let resolve: (all: number[]) => void;
  const all = new Promise<number[]>(done => (resolve = done));
  return {
    seen,
    all,
    handle: async envelope => {
      seen.push((envelope.message as { n: number }).n);
      if (seen.length === count) resolve(seen);
    },
  };
}

describe("outbox and in-process carrier", () => {
  it("hands over every message once and leaves nothing behind", async () => {
    open();
    const { handle, all } = collector(250);
    await consume(handle);
    start();
    for (let n = 0; n < 250; n++) await write(n);
    relay.wake();
    expect([...(await all)].sort((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, n) => n));
    await until(async () => (await deliveries()).length === 0);
    expect(await db.rows("select 1 from messages.outbox")).toEqual([]);
  });

  it("keeps a message whose transaction rolled back to itself", async () => {
    open();
    const { handle, all, seen } = collector(1);
    await consume(handle);
    start();
    const undone = db.transaction(async tx => {
      await tx.run(
        "insert into messages.outbox (id, channel, version, message) values ($1, 'test.happened', 1, '{\"n\": 1}')",
        [randomUUID()],
      );
      throw new Error("changed my mind");
    });
    await expect(undone).rejects.toThrow("changed my mind");
    await write(2);
    relay.wake();
    await all;
    expect(seen).toEqual([2]);
  });

  it("leaves a message in the outbox until somebody's queue is bound to its channel", async () => {
    open();
    start();
    await write(7);
    relay.wake();
    const { handle, all } = collector(1);
    await consume(handle);
    relay.wake();
    expect(await all).toEqual([7]);
  });

  it("never has more in hand than the declared concurrency", async () => {
    open();
    let inHand = 0;
    let most = 0;
    const { handle, all } = collector(30);
    await consume(async (envelope, attempt) => {
      most = Math.max(most, ++inHand);
      await new Promise(resolve => setImmediate(resolve));
      inHand--;
      await handle(envelope, attempt);
    }, 3);
    for (let n = 0; n < 30; n++) await write(n);
    start();
    await all;
    expect(most).toBe(3);
  });

  it("tries the world's fault again, one rung at a time, and buries the caller's at once with its reason", async () => {
    open();
    const attempts: number[] = [];
    await consume(async (envelope, attempt) => {
      attempts.push(attempt.number);
      if ((envelope.message as { n: number }).n === 0) throw fail("IMAGE_INVALID");
      if (attempt.number === 1) throw fail("MODEL_UNAVAILABLE");
    }, 1);
    await write(0);
    await write(1);
    start();
    await until(async () => (await deliveries()).some(row => row.failures === 1));
    const [dead, waiting] = (await deliveries()).sort((a, b) => a.failures - b.failures);
    expect(dead?.failures).toBe(0);
    expect(dead?.reason).toContain("IMAGE_INVALID");
    expect(dead?.dead_at).toBeInstanceOf(Date);
    expect(waiting).toMatchObject({ failures: 1, unanswered: 0, dead_at: null });
    await until(async () => (await deliveries()).length === 1);
    expect(attempts).toEqual([1, 1, 2]);
  });

  it("gives up a handler that outlives its time, and tells it", async () => {
    open();
    let told: AbortSignal | undefined;
    await consume(
      (_, attempt) => {
        told = attempt.signal;
        return new Promise(() => undefined);
      },
      1,
      50,
    );
    await write(1);
    start();
    await until(async () => (await deliveries())[0]?.failures === 1);
    expect(told?.aborted).toBe(true);
    expect((await deliveries())[0]?.reason).toContain("DEADLINE_EXCEEDED");
  });

  it("hands over again what was in hand when the process died, and buries what keeps killing it", async () => {
    open();
    const { handle, all } = collector(1);
    await write(1);
    await write(2);
    await consume(handle, 1);
    relay.start();
    await until(async () => (await deliveries()).length === 2);
    // What a killed process leaves: taken, and no word since.
    await db.run("update messages.deliveries set unanswered = $1 where message->>'n' = '1'", [DELIVERY_LIMIT]);
    await db.run("update messages.deliveries set unanswered = 1 where message->>'n' = '2'");
    carrier.start();
    expect(await all).toEqual([2]);
    await until(async () => (await deliveries()).length === 1);
    expect((await deliveries())[0]?.reason).toContain("delivery limit");
  });

  it("drains: finishes what is in hand, takes nothing new", async () => {
    open();
    let finish: () => void = () => undefined;
    const { handle, seen } = collector(1);
    const begun = new Promise<void>(began => {
      void consume(async (envelope, attempt) => {
        began();
        await new Promise<void>(done => (finish = done));
        await handle(envelope, attempt);
      }, 1).then(subscription => (drain = subscription.drain.bind(subscription)));
    });
    let drain: (graceMs: number) => Promise<void> = () => Promise.resolve();
    await write(1);
    await write(2);
    start();
    await begun;
    const drained = drain(10_000);
    finish();
    await drained;
    expect(seen).toEqual([1]);
    expect(await deliveries()).toHaveLength(1);
  });
});

it("lets operators look at dead letters, replay one and drop one", async () => {
  open();
  let isBroken = true;
  const heard: unknown[] = [];
  await consume(({ message }) => {
    if (isBroken) return Promise.reject(fail("VALIDATION_FAILED", "no such thing"));
    heard.push(message);
    return Promise.resolve();
  });
  const [again, gone] = [randomUUID(), randomUUID()];
  await write(1, again);
  await write(2, gone);
  start();
  await until(async () => (await deliveries()).filter(({ dead_at }) => dead_at !== null).length === 2);

  const desk = embeddedDesk(db, [queue]);
  expect(await desk.queues()).toEqual([
    { name: queue, ready: 0, inHand: 0, consumers: null, retrying: 0, dead: 2, oldestAgeS: null },
  ]);
  expect((await desk.dead(queue)).map(({ id }) => id).sort()).toEqual([again, gone].sort());
  isBroken = false;
  expect(await desk.replay(queue, { id: "nobody" })).toBe(0);
  expect(await desk.replay("another.test.happened", "all")).toBe(0);
  expect(await desk.replay(queue, { id: again })).toBe(1);
  await until(async () => (await deliveries()).length === 1);
  expect(heard).toEqual([{ n: 1 }]);
  expect(await desk.drop(queue, "all")).toBe(1);
  expect(await deliveries()).toEqual([]);
});
