import { setTimeout as pause } from "node:timers/promises";
import type { Channel, ChannelModel, ConfirmChannel, Message, Options } from "amqplib";
import type { Log } from "../logger.ts";
import type { AmqpConnection } from "./amqp-connection.ts";
import type { TopologyMode } from "./topology.ts";

const CONFIRM_TIMEOUT_MS = 10_000;
const REOPEN_MS = 1_000;

/** Why a message is not known to be safe. */
export class PublishFault extends Error {}

export interface Publisher {
  /**
   * Resolves when the broker has the message on disk in every queue it was routed to.
   * @throws PublishFault when it was routed nowhere, refused, or not confirmed in time; it may then have arrived all the same
   */
  publish(
    exchange: string,
    routingKey: string,
    content: Buffer,
    options: Options.Publish & { messageId: string },
  ): Promise<void>;
}

/** A message on its way. Several may have the same id: two queues of a channel whose handlers both failed. */
interface Waiting {
  messageId: string;
  reject(fault: PublishFault): void;
}

/** One connection's confirm channel. */
interface Line {
  up: ChannelModel;
  channel: ConfirmChannel;
  /** Exchanges that are known to be there: publishing to a missing one kills the channel. */
  exchanges: Map<string, Promise<void>>;
  /** Pending while the socket is full. */
  drained: Promise<void> | undefined;
}

/** Publishes persistent, mandatory and confirmed; waits for `drain` when the socket is full, and not at all while there is no broker. */
export function openPublisher(
  connection: AmqpConnection,
  mode: TopologyMode,
  logger: Log,
  confirmTimeoutMs = CONFIRM_TIMEOUT_MS,
): Publisher {
  let line: Line | undefined;
  let blocked: string | undefined;
  const waiting = new Set<Waiting>();

  connection.onUp(up => {
    blocked = undefined;
    up.on("blocked", (reason: string) => {
      blocked = reason;
      logger.warn({ reason }, "RabbitMQ takes nothing at the moment; messages wait in the outbox");
    });
    up.on("unblocked", () => {
      blocked = undefined;
      logger.info("RabbitMQ takes messages again");
    });
    let isUp = true;
    up.once("close", () => (isUp = false));
    void keepOpen(up, () => isUp);
  });

  /** A channel that died of a fault is opened again while its connection lives. */
  async function keepOpen(up: ChannelModel, isUp: () => boolean): Promise<void> {
    while (isUp()) {
      try {
        await openLine(up);
      } catch (cause) {
        logger.warn({ err: cause }, "publishing channel cannot be opened");
        await pause(REOPEN_MS, undefined, { ref: false });
      }
    }
  }

  /** Resolves when the channel is gone again. */
  async function openLine(up: ChannelModel): Promise<void> {
    const channel = await up.createConfirmChannel();
    const gone = new Promise<void>(resolve => channel.once("close", resolve));
    channel.on("error", (cause: unknown) => logger.error({ err: cause }, "publishing channel failed"));
    channel.on("return", ({ properties }: Message) => {
      for (const each of waiting)
        if (each.messageId === properties.messageId) each.reject(new PublishFault("no queue is bound"));
    });
    line = { up, channel, exchanges: new Map(), drained: undefined };
    await gone;
    line = undefined;
    for (const each of waiting) each.reject(new PublishFault("the channel closed before the confirm"));
  }

  /** @param isWanted false once nobody waits for the outcome any more: sent all the same it would be there twice */
  async function send(
    isWanted: () => boolean,
    exchange: string,
    routingKey: string,
    content: Buffer,
    options: Options.Publish,
  ): Promise<void> {
    const on = line;
    if (!on) throw new PublishFault("RabbitMQ is not there");
    if (exchange !== "") await (on.exchanges.get(exchange) ?? lookFor(on, exchange, mode));
    // One after the other, and looked at again each time: all that waited wake up at once.
    while (on.drained) await on.drained;
    if (!isWanted()) return;
    if (blocked !== undefined) throw new PublishFault(`RabbitMQ takes nothing at the moment: ${blocked}`);
    await new Promise<void>((resolve, reject) => {
      const settle = (fault: unknown) =>
        fault ? reject(new PublishFault("the broker refused the message")) : resolve();
      const all = { persistent: true, mandatory: true, ...options };
      const hasRoom = on.channel.publish(exchange, routingKey, content, all, settle);
      if (!hasRoom) on.drained ??= roomAgain(on.channel).then(() => (on.drained = undefined));
    }).catch((cause: unknown) => {
      throw cause instanceof PublishFault ? cause : new PublishFault("the channel is closed");
    });
  }

  return {
    async publish(exchange, routingKey, content, options) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const mine: Waiting = { messageId: options.messageId, reject };
      waiting.add(mine);
      const timer = setTimeout(() => reject(new PublishFault("no confirm in time")), confirmTimeoutMs);
      send(() => waiting.has(mine), exchange, routingKey, content, options).then(resolve, reject);
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(mine);
      }
    },
  };
}

/** Makes sure of an exchange, on a channel of its own: one that is missing or different costs nobody else theirs. */
function lookFor(line: Line, exchange: string, mode: TopologyMode): Promise<void> {
  const looked = look(line.up, exchange, mode).catch((cause: unknown) => {
    line.exchanges.delete(exchange);
    throw new PublishFault(`exchange ${exchange} is not there: ${cause instanceof Error ? cause.message : "unknown"}`);
  });
  line.exchanges.set(exchange, looked);
  return looked;
}

async function look(up: ChannelModel, exchange: string, mode: TopologyMode): Promise<void> {
  const channel = await up.createChannel();
  channel.on("error", () => undefined); // the call below rejects with it
  await (mode === "declare"
    ? channel.assertExchange(exchange, "fanout", { durable: true })
    : channel.checkExchange(exchange));
  await channel.close();
}

/** A channel that dies never drains; waiting for it ends all the same. */
const roomAgain = (channel: Channel): Promise<void> =>
  new Promise(resolve => {
    channel.once("drain", resolve);
    channel.once("close", resolve);
  });
