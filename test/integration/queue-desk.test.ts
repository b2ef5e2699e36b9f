import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { type Channel, type ChannelModel, connect } from "amqplib";
import { deadQueueName, queuesOf } from "../../broker/channels/topology.ts";
import { amqpDesk } from "../../broker/repl/amqp-desk.ts";
import { runEco } from "../../broker/repl/eco-command.ts";
import type { QueueDesk } from "../../broker/repl/queue-desk.ts";
import { until } from "../builders/until.ts";
import { amqpUrl, describeOnRabbitMq } from "../servers/rabbitmq.ts";

/** More looks than RabbitMQ 4 forgives a message. */
const MANY_LOOKS = 25;

describeOnRabbitMq("the operators' desk at RabbitMQ", () => {
  let admin: ChannelModel;
  let at: Channel;
  let queue: string;
  let other: string;
  const open = () => amqpDesk([amqpUrl], [queue, other]);
  const eco = (...args: string[]) => runEco(args, [queue, other], open);
  const depth = async (name: string) => (await at.checkQueue(name)).messageCount;

  beforeAll(async () => {
    admin = await connect(amqpUrl);
  });
  afterAll(() => admin.close());
  beforeEach(async () => {
    at = await admin.createChannel();
    const channel = `eco2test.${randomUUID().slice(0, 8)}`;
    [queue, other] = [`tester.${channel}`, `witness.${channel}`];
    for (const name of [queue, other])
      for (const each of queuesOf(name)) await at.assertQueue(each.name, { durable: true, arguments: each.arguments });
  });
  afterEach(async () => {
    for (const name of [queue, other]) for (const each of queuesOf(name)) await at.deleteQueue(each.name);
    await at.close();
  });

  async function bury(...ids: string[]): Promise<void> {
    for (const messageId of ids) {
      const message = { job_id: messageId, user_input: "내 전화번호는 010" };
      at.sendToQueue(deadQueueName(queue), Buffer.from(JSON.stringify(message)), {
        messageId,
        persistent: true,
        timestamp: 1_700_000_000_000,
        headers: { "x-eco2-version": 1, "x-eco2-failures": 4, "x-eco2-reason": "the model hung", traceparent: "00-a" },
      });
    }
    await until(async () => (await depth(deadQueueName(queue))) === ids.length);
  }

  it("counts what waits and what is dead, and tells a missing queue", async () => {
    await bury(randomUUID(), randomUUID());
    await at.deleteQueue(other);
    const desk = await open();
    const [own, gone] = await desk.queues();
    await desk.close();
    expect(own).toMatchObject({ name: queue, ready: 0, consumers: 0, retrying: 0, dead: 2, inHand: null });
    expect(gone).toMatchObject({ name: other, ready: null });
  });

  it("shows reason and ids of dead letters, no word a person wrote", async () => {
    const id = randomUUID();
    await bury(id);
    const shown = (await eco("dead", queue)).join("\n");
    expect(shown).toContain("the model hung");
    expect(shown).toContain(`job_id=${id} user_input=…`);
    expect(shown).not.toContain("010");
    expect(await eco("dead", other)).toEqual(["No dead letters."]);
  });

  it("loses nothing and counts nothing up however often somebody looks", async () => {
    await bury(randomUUID(), randomUUID());
    for (let look = 0; look < MANY_LOOKS; look++) await eco("dead", queue);
    await until(async () => (await depth(deadQueueName(queue))) === 2);
    const message = await at.get(deadQueueName(queue));
    const headers = message === false ? {} : (message.properties.headers as Record<string, unknown>);
    expect(Number(headers["x-delivery-count"] ?? 0)).toBeLessThanOrEqual(11);
    expect(headers).toMatchObject({ "x-eco2-reason": "the model hung", "x-eco2-failures": 4 });
  });

  it("replays one message, as if never tried, into its own queue alone", async () => {
    const [kept, wanted] = [randomUUID(), randomUUID()];
    await bury(kept, wanted);
    expect(await eco("replay", queue, "--id", wanted)).toEqual([`1 put back (${queue}).`]);
    await until(async () => (await depth(deadQueueName(queue))) === 1);
    expect(await depth(other)).toBe(0);
    const message = await at.get(queue);
    if (message === false) throw new Error("nothing came back");
    expect(message.properties).toMatchObject({ messageId: wanted, timestamp: 1_700_000_000_000 });
    const headers = message.properties.headers as Record<string, unknown>;
    expect(headers).toMatchObject({ "x-eco2-version": 1, traceparent: "00-a" });
    expect(headers["x-eco2-failures"]).toBeUndefined();
    expect(headers["x-eco2-reason"]).toBeUndefined();
  });

  it("replays all, and drops all", async () => {
    await bury(randomUUID(), randomUUID(), randomUUID());
    expect(await eco("replay", queue, "--all")).toEqual([`3 put back (${queue}).`]);
    await until(async () => (await depth(queue)) === 3);
    await bury(randomUUID());
    expect(await eco("drop", queue, "--all")).toEqual([`1 dropped (${queue}).`]);
    expect(await eco("drop", queue, "--all")).toEqual([`${queue} has no dead letters.`]);
  });

  it("keeps a dead letter whose queue is gone", async () => {
    await bury(randomUUID());
    await at.deleteQueue(queue);
    await expect(eco("replay", queue, "--all")).rejects.toThrow(`there is no queue ${queue}`);
    await until(async () => (await depth(deadQueueName(queue))) === 1);
  });

  it("says which id is unknown and leaves the others", async () => {
    await bury(randomUUID());
    await expect(eco("drop", queue, "--id", "nobody")).rejects.toThrow(`${queue} has no dead letter nobody`);
    await until(async () => (await depth(deadQueueName(queue))) === 1);
  });
});

describe("an eco command that is typed wrongly", () => {
  const never = (): Promise<QueueDesk> => Promise.reject(new Error("opened"));
  it.each([
    [["nonsense"], "there is no command eco nonsense"],
    [["dead", "nowhere"], "there is no queue nowhere; there are: a.b.c"],
    [["replay"], "eco replay needs a queue"],
    [["replay", "a.b.c"], "needs either --all or --id"],
    [["drop", "a.b.c", "--all", "--id", "x"], "needs either --all or --id"],
    [["dead", "--all"], "takes neither"],
    [["queues", "--wrong"], "--wrong"],
  ])("%j is refused before anything is opened", async (args, message) => {
    await expect(runEco(args, ["a.b.c"], never)).rejects.toThrow(message);
  });

  it("shows its help without opening anything", async () => {
    expect((await runEco([], [], never)).join("\n")).toContain("eco replay <queue>");
  });
});
