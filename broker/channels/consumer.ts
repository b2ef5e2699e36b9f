import { setTimeout as pause } from "node:timers/promises";
import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import type { Log } from "../logger.ts";
import type { AmqpConnection } from "./amqp-connection.ts";
import { attempt, reasonOf } from "./attempt.ts";
import { type Consumer, DEADLY, DELIVERY_LIMIT, dispositionOf, type Recipient, type Subscription } from "./carrier.ts";
import { bindQueues, missingQueues } from "./declare-queues.ts";
import { type Publisher, PublishFault } from "./publisher.ts";
import { deliveriesOf, failuresOf, messageIdOf, movedOn, readEnvelope } from "./read-message.ts";
import { deadQueueName, retryQueueName, type TopologyMode } from "./topology.ts";

const REOPEN_MS = 1_000;
/** How often a message that cannot be put on its step of the ladder is tried to. */
const MOVE_AGAIN_MS = 1_000;
/** A binding that somebody removed would go unnoticed for ever: nothing fails, only nothing comes. */
const BIND_AGAIN_MS = 30_000;
/** The broker's answer is not waited for longer than this when we leave. */
const GOODBYE_MS = 2_000;

export interface AmqpSubscription extends Subscription {
  begin(): void;
}

/** One channel and what came over it. Once it is closed, what it brought belongs to the broker again. */
interface Line {
  channel: Channel;
  isOpen: boolean;
  tag?: string;
}

/**
 * Consumes one queue. A message is acknowledged on the channel that brought it, after its handler resolved; one that failed is first
 * published, confirmed, to its step of the ladder or to the dead letters, and acknowledged then, so that it is never nowhere.
 */
export function openConsumer(
  connection: AmqpConnection,
  publisher: Publisher,
  consumer: Consumer,
  recipient: Recipient,
  mode: TopologyMode,
  logger: Log,
): AmqpSubscription {
  const { queue } = consumer;
  const inHand = new Set<Promise<void>>();
  /** What is being worked on, by message: the broker hands over again what a lost channel had in hand, and it is not begun twice. */
  const running = new Map<string, Promise<unknown>>();
  const stopping = new AbortController();
  let state: "bound" | "open" | "draining" = "bound";
  let present: Line | undefined;

  connection.onUp(up => {
    let isUp = true;
    up.once("close", () => (isUp = false));
    void keepSubscribed(up, () => isUp && state !== "draining");
  });

  /** Subscribes, and again when the channel died or the broker cancelled us (queue deleted, leader moved) while the connection lives. */
  async function keepSubscribed(up: ChannelModel, isWanted: () => boolean): Promise<void> {
    while (isWanted()) {
      try {
        await subscribe(up);
      } catch (cause) {
        if (isWanted()) logger.warn({ err: cause, queue }, "queue cannot be consumed");
      }
      await pause(REOPEN_MS, undefined, { ref: false });
    }
  }

  /** Resolves when the channel is gone. */
  async function subscribe(up: ChannelModel): Promise<void> {
    const channel = await up.createChannel();
    const line: Line = { channel, isOpen: true };
    const gone = new Promise<void>(resolve => channel.once("close", resolve));
    void gone.then(() => (line.isOpen = false));
    channel.on("error", (cause: unknown) => logger.error({ err: cause, queue }, "consuming channel failed"));
    await bind(up, line);
    await channel.prefetch(consumer.concurrency);
    present = line;
    if (state === "open") await consume(line);
    const binding = setInterval(() => void bindAgain(up, line), BIND_AGAIN_MS);
    binding.unref();
    await gone;
    clearInterval(binding);
    if (present === line) present = undefined;
  }

  async function consume(line: Line): Promise<void> {
    const { channel } = line;
    const { consumerTag } = await channel.consume(queue, message => {
      if (message === null) {
        logger.warn({ queue }, "RabbitMQ cancelled the consumer");
        void channel.close().catch(() => undefined);
        return;
      }
      // What comes after we said that we leave goes back when the channel closes.
      if (state === "draining") return;
      const work = handOver(line, message).finally(() => inHand.delete(work));
      inHand.add(work);
    });
    line.tag = consumerTag;
  }

  async function bindAgain(up: ChannelModel, line: Line): Promise<void> {
    if (mode === "check" || !line.isOpen) return;
    try {
      await bind(up, line);
    } catch (cause) {
      logger.warn({ err: cause, queue }, "bindings could not be looked at");
    }
  }

  /** What a missing queue held is gone; the room knows from its own state what that was, and says so before anybody takes the queue for whole. */
  async function bind(up: ChannelModel, { channel }: Line): Promise<void> {
    const missing = (await missingQueues(up, queue)).map(({ name }) => name);
    if (missing.length > 0) logger.info({ queue, missing }, "queues are not there yet or not there any more");
    if (missing.some(name => name !== deadQueueName(queue))) await recipient.lost?.();
    await bindQueues(channel, consumer, mode);
  }

  async function handOver(line: Line, message: ConsumeMessage): Promise<void> {
    const id = messageIdOf(message);
    const thrown = await (running.get(id) ?? begin(id, message));
    try {
      if (!line.isOpen) return;
      if (thrown === undefined) line.channel.ack(message);
      else if (stopping.signal.aborted) line.channel.nack(message);
      else await moveOn(line, message, thrown);
    } catch (cause) {
      // Not settled: the broker hands it over again once the channel is gone.
      logger.warn({ err: cause, queue, messageId: id }, "message will be handed over again");
    }
  }

  /** @returns what was thrown */
  function begin(id: string, message: ConsumeMessage): Promise<unknown> {
    const work = tryOnce(message).finally(() => running.delete(id));
    running.set(id, work);
    return work;
  }

  async function tryOnce(message: ConsumeMessage): Promise<unknown> {
    const envelope = readEnvelope(message, consumer.channel);
    if (envelope instanceof Error) return envelope;
    const number = failuresOf(message) + 1;
    if (deliveriesOf(message) < DELIVERY_LIMIT)
      return attempt(consumer, recipient.handle, envelope, number, stopping.signal);
    await recipient.buried?.(envelope);
    return DEADLY;
  }

  async function moveOn(line: Line, message: ConsumeMessage, thrown: unknown): Promise<void> {
    const number = failuresOf(message) + 1;
    const next = thrown === DEADLY ? "dead" : dispositionOf(thrown, number);
    const context = { err: thrown, queue, messageId: messageIdOf(message), attempt: number };
    if (next === "dead") logger.error(context, "message is dead");
    else logger.warn({ ...context, ...next }, "message will be tried again");
    const to = next === "dead" ? deadQueueName(queue) : retryQueueName(queue, next.retryInMs);
    while (line.isOpen && !stopping.signal.aborted) {
      try {
        await publisher.publish(
          "",
          to,
          message.content,
          movedOn(message, number, thrown === DEADLY ? DEADLY : reasonOf(thrown)),
        );
        line.channel.ack(message);
        return;
      } catch (cause) {
        // Handed back now it would come again at once and burn its deliveries; it waits in hand until the broker takes it.
        if (!(cause instanceof PublishFault)) throw cause;
        logger.warn({ err: cause, queue, messageId: context.messageId, to }, "message waits for its next queue");
        if (mode === "declare") await bindQueues(line.channel, consumer, mode);
        await pause(MOVE_AGAIN_MS, undefined, { ref: false });
      }
    }
    if (line.isOpen) line.channel.nack(message);
  }

  return {
    begin() {
      if (state !== "bound") return;
      state = "open";
      const line = present;
      if (line?.isOpen)
        consume(line).catch((cause: unknown) => logger.warn({ err: cause, queue }, "queue cannot be consumed"));
    },
    async drain(graceMs) {
      state = "draining";
      const line = present;
      if (line?.tag !== undefined) await atMost(GOODBYE_MS, line.channel.cancel(line.tag));
      const grace = setTimeout(() => stopping.abort(), graceMs);
      await Promise.all(inHand);
      clearTimeout(grace);
      if (line?.isOpen) await atMost(GOODBYE_MS, line.channel.close());
    },
  };
}

/** A frozen broker answers nothing. */
const atMost = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work.catch(() => undefined), pause(ms, undefined, { ref: false })]);
