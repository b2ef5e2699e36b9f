import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { ChannelModel, Channel } from "amqplib";
import { type Context, ServiceBroker } from "moleculer";
import { ResilientAmqp } from "../../broker/transporter.ts";
import { until } from "../builders/until.ts";
import { amqpUrl, describeOnRabbitMq } from "../servers/rabbitmq.ts";

const url = amqpUrl;

/** What the transporter holds inside: the test breaks it there, as RabbitMQ would. */
interface Inside {
  connection: ChannelModel & { connection: { stream: { destroy(cause: Error): void } } };
  /** Null while it reconnects. */
  channel: Channel | null;
}
const node = (nodeID: string): ServiceBroker =>
  new ServiceBroker({
    // Fixed: every namespace leaves its exchanges behind at the broker.
    namespace: "eco2test",
    nodeID: `${nodeID}-${process.pid}`,
    logger: false,
    serializer: "CBOR",
    requestTimeout: 5_000,
    heartbeatInterval: 3,
    heartbeatTimeout: 10,
    transporter: new ResilientAmqp({ urls: [url], heartbeatS: 10 }),
  });
const inside = (broker: ServiceBroker): Inside => (broker.transit as unknown as { tx: Inside }).tx;

describeOnRabbitMq("calls over RabbitMQ", () => {
  let near: ServiceBroker;
  let far: ServiceBroker;
  let release: () => void = () => undefined;
  let held: Promise<void> = Promise.resolve();
  let begun = false;

  beforeAll(async () => {
    near = node("near");
    far = node("far");
    far.createService({
      name: "far",
      actions: {
        double: (ctx: Context<{ n: number }>) => ctx.params.n * 2,
        // Re-entrant: with one request at a time the transporter would wait for itself.
        twice: async (ctx: Context<{ n: number }>) => ctx.call<number, { n: number }>("near.back", ctx.params),
        wait: async () => {
          begun = true;
          await held;
          return "at last";
        },
      },
    });
    near.createService({
      name: "near",
      actions: { back: (ctx: Context<{ n: number }>) => ctx.call<number, { n: number }>("far.double", ctx.params) },
    });
    await Promise.all([near.start(), far.start()]);
    await near.waitForServices("far");
    await far.waitForServices("near");
  });
  afterAll(() => Promise.all([near.stop(), far.stop()]));

  const double = (n: number): Promise<number> => near.call<number, { n: number }>("far.double", { n });
  const answers = async (): Promise<boolean> =>
    double(1).then(
      () => true,
      () => false,
    );

  it("answer, many at a time and re-entrant", async () => {
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    expect(await Promise.all(numbers.map(double))).toEqual(numbers.map(n => n * 2));
    expect(await near.call("far.twice", { n: 21 })).toBe(42);
  });

  it("a room that starts late is known to every node at once, not when it is next asked for", async () => {
    const later = node("later");
    // Nothing but what the node tells everybody by itself can bring the news.
    const heard: string[] = [];
    near.localBus.on("$node.updated", ({ node: { id } }: { node: { id: string } }) => heard.push(id));
    await later.start();
    try {
      await until(() => near.registry.nodes.list({}).some(({ id }) => id === later.nodeID));
      later.createService({ name: "late", actions: { hello: () => "hello" } });
      await until(() => near.registry.actions.isAvailable("late.hello"));
      expect(heard).toContain(later.nodeID);
      expect(await near.call("late.hello")).toBe("hello");
    } finally {
      await later.stop();
    }
  }, 20_000);

  it("a node whose channel dies hears again", async () => {
    const before = inside(far).channel;
    await before!.close();
    await until(() => inside(far).channel !== null && inside(far).channel !== before);
    await until(answers);
    expect(await double(3)).toBe(6);
  });

  it("a handler that ends after a reconnect does not make its node deaf", async () => {
    held = new Promise(resolve => (release = resolve));
    const waiting = near.call("far.wait").catch(() => "lost");
    await until(() => begun);
    const before = inside(far).channel;
    inside(far).connection.connection.stream.destroy(new Error("cut"));
    await until(() => inside(far).channel !== null && inside(far).channel !== before);
    release();
    await waiting;
    await until(answers);
    expect(await double(4)).toBe(8);
  });

  it("a request to a node that is gone fails at once, not at its timeout", async () => {
    const doomed = node("doomed");
    doomed.createService({ name: "doomed", actions: { hello: () => "hello" } });
    await doomed.start();
    await near.waitForServices("doomed");
    // Gone without a word: its queues are deleted, and nobody told its neighbours.
    const admin = inside(near).channel!;
    const before = inside(doomed).channel;
    await admin.deleteQueue(`MOL-eco2test.REQ.${doomed.nodeID}`);
    await expect(near.call("doomed.hello", {}, { timeout: 60_000 })).rejects.toMatchObject({
      type: "SERVICE_NOT_AVAILABLE",
    });
    // It hears of it too and comes back; a node that is stopped in the middle of coming back would go on trying.
    await until(() => inside(doomed).channel !== null && inside(doomed).channel !== before);
    await doomed.stop();
  }, 20_000);
});
