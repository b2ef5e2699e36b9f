import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "@jest/globals";
import { type Channel, type ChannelModel, connect } from "amqplib";
import Type from "typebox";
import { amqpCarrier } from "../../broker/channels/amqp-carrier.ts";
import {
  type Carrier,
  DEADLY,
  DELIVERY_LIMIT,
  type Envelope,
  type Handle,
  type Recipient,
} from "../../broker/channels/carrier.ts";
import { deadQueueName, queuesOf, retryQueueName } from "../../broker/channels/topology.ts";
import { fail } from "../../broker/errors.ts";
import { quietLog } from "../builders/quiet-log.ts";
import { until } from "../builders/until.ts";
import { amqpUrl, describeOnRabbitMq } from "../servers/rabbitmq.ts";

const url = amqpUrl;
const of = { summary: "test", version: 1, message: Type.Object({ n: Type.Integer() }) };
const noTransaction = { run: () => Promise.resolve(0), afterCommit: (fn: () => void) => fn() };

let admin: ChannelModel;
let at: Channel;
let carrier: Carrier;
let channel: string;
let queue: string;

beforeAll(async () => {
  admin = await connect(url);
});
afterAll(() => admin.close());
beforeEach(async () => {
  channel = `eco2test.${randomUUID().slice(0, 8)}`;
  queue = `tester.${channel}`;
  at = await admin.createChannel();
  carrier = amqpCarrier({ urls: [url], heartbeatS: 5, topology: "declare" }, quietLog);
});
afterEach(async () => {
  await carrier.close();
  for (const { name } of queuesOf(queue)) await at.deleteQueue(name);
  await at.deleteExchange(channel);
  await at.close();
});

const consume = (handle: Handle, concurrency = 4, timeoutMs = 5_000, notices: Omit<Recipient, "handle"> = {}) =>
  carrier.consume({ channel, queue, of, concurrency, timeoutMs }, { handle, ...notices });
const envelope = (n: number): Envelope => ({
  id: randomUUID(),
  channel,
  version: 1,
  message: { n },
  headers: { requestId: `request-${n}` },
  createdAt: new Date(1_700_000_000_000),
});
/** Publishes until everything is safe, as the relay does. */
async function publish(batch: Envelope[]): Promise<void> {
  let left = batch;
  while (left.length > 0) {
    const safe = await carrier.publish(left, noTransaction);
    left = left.filter(({ id }) => !safe.has(id));
    if (left.length > 0) await new Promise(resolve => setTimeout(resolve, 20));
  }
}
/** A process that dies: it takes the message and its connection is gone. */
async function dieWithIt(): Promise<void> {
  const doomed = await connect(url);
  const channelOfDoomed = await doomed.createChannel();
  await new Promise<void>(resolve => void channelOfDoomed.consume(queue, () => resolve()));
  await doomed.close();
}
const numberIn = ({ message }: Envelope): number => (message as { n: number }).n;
const depth = async (name: string): Promise<number> => (await at.checkQueue(name)).messageCount;

describeOnRabbitMq("channels over RabbitMQ", () => {
  it("hands over every confirmed message with its id, version, request id and time", async () => {
    const seen = new Map<string, Envelope>();
    await consume(async each => void seen.set(each.id, each));
    carrier.start();
    const batch = Array.from({ length: 300 }, (_, n) => envelope(n));
    await publish(batch);
    await until(async () => seen.size === batch.length);
    expect(seen.get(batch[7]?.id ?? "")).toEqual(batch[7]);
  });

  it("does not call a message safe that no queue would take", async () => {
    const batch = [envelope(1)];
    await until(async () => (await carrier.publish([], noTransaction)).size === 0);
    expect(await carrier.publish(batch, noTransaction)).toEqual(new Set());
  });

  it("tries the world's fault again after its rung of the ladder, counting", async () => {
    const attempts: number[] = [];
    await consume(async (_, attempt) => {
      attempts.push(attempt.number);
      if (attempt.number === 1) throw fail("MODEL_UNAVAILABLE");
    });
    carrier.start();
    await publish([envelope(1)]);
    await until(async () => (await depth(retryQueueName(queue, 1_000))) === 1 || attempts.length === 2);
    await until(async () => attempts.length === 2);
    expect(attempts).toEqual([1, 2]);
  });

  it("buries the caller's fault, a foreign message and an unknown version with their reasons", async () => {
    await consume(async each => {
      if (each.version !== 1) throw fail("VALIDATION_FAILED", "unknown version");
      throw fail("IMAGE_INVALID");
    });
    carrier.start();
    await publish([envelope(1)]);
    at.sendToQueue(queue, Buffer.from("{not json"), { messageId: "foreign" });
    const dead = deadQueueName(queue);
    await until(async () => (await depth(dead)) === 2);
    const reasons: string[] = [];
    for (let message = await at.get(dead, { noAck: true }); message; message = await at.get(dead, { noAck: true })) {
      reasons.push(String(message.properties.headers?.["x-eco2-reason"]));
    }
    expect(reasons.sort()).toEqual([
      expect.stringContaining("IMAGE_INVALID"),
      expect.stringContaining("VALIDATION_FAILED"),
    ]);
  });

  it("never has more in hand than the declared concurrency", async () => {
    let inHand = 0;
    let most = 0;
    let done = 0;
    await consume(async () => {
      most = Math.max(most, ++inHand);
      await new Promise(resolve => setTimeout(resolve, 5));
      inHand--;
      done++;
    }, 3);
    carrier.start();
    await publish(Array.from({ length: 30 }, (_, n) => envelope(n)));
    await until(async () => done === 30);
    expect(most).toBe(3);
  });

  it("subscribes again when its queue is deleted under it, and says that what it held is lost", async () => {
    const seen: number[] = [];
    let losses = 0;
    await consume(async each => void seen.push(numberIn(each)), 4, 5_000, {
      lost: async () => {
        losses++;
      },
    });
    carrier.start();
    await publish([envelope(1)]);
    await until(async () => seen.length === 1);
    const atStart = losses;
    await at.deleteQueue(queue);
    await publish([envelope(2)]);
    await until(async () => seen.includes(2));
    expect(seen.slice(0, 1)).toEqual([1]);
    expect([atStart, losses]).toEqual([1, 2]);
  });

  it("waits for queues that an operator makes, and then consumes them once", async () => {
    await carrier.close();
    carrier = amqpCarrier({ urls: [url], heartbeatS: 5, topology: "check" }, quietLog);
    let lookedFor = 0;
    const seen: number[] = [];
    await consume(async each => void seen.push(numberIn(each)), 4, 5_000, {
      lost: async () => {
        lookedFor++;
      },
    });
    carrier.start();
    await until(async () => lookedFor >= 3);
    await at.assertExchange(channel, "fanout", { durable: true });
    for (const each of queuesOf(queue).reverse())
      await at.assertQueue(each.name, { durable: true, arguments: each.arguments });
    await at.bindQueue(queue, channel, "");
    await publish([envelope(1)]);
    await until(async () => seen.length === 1);
    expect((await at.checkQueue(queue)).consumerCount).toBe(1);
  });

  it("says before the end which message killed its process each time, and does not begin it again", async () => {
    const begun: number[] = [];
    const buried: number[] = [];
    await consume(async each => void begun.push(numberIn(each)), 4, 5_000, {
      buried: async each => void buried.push(numberIn(each)),
    });
    await publish([envelope(7)]);
    for (let death = 0; death < DELIVERY_LIMIT; death++) await dieWithIt();
    carrier.start();
    await until(async () => (await depth(deadQueueName(queue))) === 1);
    expect([begun, buried]).toEqual([[], [7]]);
    const dead = await at.get(deadQueueName(queue), { noAck: true });
    expect(dead && dead.properties.headers?.["x-eco2-reason"]).toBe(DEADLY);
  });

  it("hands over again what a lost connection had in hand, and buries what keeps killing its process", async () => {
    await consume(() => Promise.resolve());
    await publish([envelope(1)]);
    for (let death = 0; death <= DELIVERY_LIMIT; death++) await dieWithIt();
    await until(async () => (await depth(deadQueueName(queue))) === 1);
    expect(await depth(queue)).toBe(0);
  });

  it("drains: finishes what is in hand, leaves the rest in the queue", async () => {
    const seen: number[] = [];
    let finish: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const began = new Promise<void>(resolve => (begun = resolve));
    const subscription = await consume(async each => {
      begun();
      await new Promise<void>(done => (finish = done));
      seen.push(numberIn(each));
    }, 1);
    carrier.start();
    await publish([envelope(1), envelope(2)]);
    await began;
    const drained = subscription.drain(10_000);
    finish();
    await drained;
    expect(seen).toHaveLength(1);
    await until(async () => (await depth(queue)) === 1);
  });
});
