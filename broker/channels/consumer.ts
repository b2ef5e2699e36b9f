import type { Channel, ChannelModel, ConsumeMessage, Options } from "amqplib";
import { fail } from "../errors.ts";
import type { Log } from "../logger.ts";
import type { AmqpConnection } from "./amqp-connection.ts";
import { attempt, reasonOf } from "./attempt.ts";
import { type Consumer, dispositionOf, type Envelope, type Handle, type Subscription } from "./carrier.ts";
import type { Publisher } from "./publisher.ts";
import { deadQueueName, queuesOf, retryQueueName, type TopologyMode } from "./topology.ts";

/** Failures a handler reported so far; the deaths of processes are counted by the queue itself. */
const FAILURES = "x-eco2-failures";
const REASON = "x-eco2-reason";
const REOPEN_MS = 1_000;

export interface AmqpSubscription extends Subscription {
  begin(): void;
}

/**
 * Consumes one queue. A message is acknowledged on the channel that brought it, after its handler resolved; one that failed is first
 * published, confirmed, to its step of the ladder or to the dead letters, and acknowledged then, so that it is never nowhere.
 */
export function openConsumer(
  connection: AmqpConnection,
  publisher: Publisher,
  consumer: Consumer,
  handle: Handle,
  mode: TopologyMode,
  logger: Log,
): AmqpSubscription {
  const inHand = new Set<Promise<void>>();
  const stopping = new AbortController();
  let state: "bound" | "open" | "draining" = "bound";
  let present: { up: ChannelModel; channel?: Channel; tag?: string } | undefined;

  connection.onUp(up => {
    present = { up };
    void subscribe(up);
  });

  async function subscribe(up: ChannelModel): Promise<void> {
    if (state === "draining" || present?.up !== up) return;
    try {
      const channel = await up.createChannel();
      channel.on("error", (cause: unknown) =>
        logger.error({ err: cause, queue: consumer.queue }, "consuming channel failed"),
      );
      channel.once("close", () => again(up));
      await bind(channel, consumer, mode);
      await channel.prefetch(consumer.concurrency);
      present = { up, channel };
      if (state === "open") await consume(channel);
    } catch (cause) {
      logger.warn({ err: cause, queue: consumer.queue }, "queue cannot be consumed");
      again(up);
    }
  }

  /** The channel died or the broker cancelled us (queue deleted, leader moved) while the connection lives: subscribe again. */
  function again(up: ChannelModel): void {
    if (present?.up !== up) return;
    present = { up };
    setTimeout(() => void subscribe(up), REOPEN_MS).unref();
  }

  async function consume(channel: Channel): Promise<void> {
    const { consumerTag } = await channel.consume(consumer.queue, message => {
      if (message === null) {
        logger.warn({ queue: consumer.queue }, "RabbitMQ cancelled the consumer");
        void channel.close().catch(() => undefined);
        return;
      }
      const work = handOver(channel, message).finally(() => inHand.delete(work));
      inHand.add(work);
    });
    if (present?.channel === channel) present.tag = consumerTag;
  }

  async function handOver(channel: Channel, message: ConsumeMessage): Promise<void> {
    const failures = Number(propertiesOf(message).headers?.[FAILURES] ?? 0);
    const thrown = await tryOnce(message, failures + 1);
    try {
      if (thrown !== undefined && stopping.signal.aborted) channel.nack(message);
      else {
        if (thrown !== undefined) await moveOn(message, thrown, failures);
        channel.ack(message);
      }
    } catch (cause) {
      // Not settled: the broker hands it over again once the channel is gone, or at once.
      logger.warn(
        { err: cause, queue: consumer.queue, messageId: messageIdOf(message) },
        "message is handed over again",
      );
      giveBack(channel, message);
    }
  }

  async function tryOnce(message: ConsumeMessage, number: number): Promise<unknown> {
    const envelope = readEnvelope(message, consumer.channel);
    return envelope instanceof Error ? envelope : attempt(consumer, handle, envelope, number, stopping.signal);
  }

  async function moveOn(message: ConsumeMessage, thrown: unknown, failures: number): Promise<void> {
    const next = dispositionOf(thrown, failures + 1);
    const context = { err: thrown, queue: consumer.queue, messageId: messageIdOf(message), attempt: failures + 1 };
    if (next === "dead") logger.error(context, "message is dead");
    else logger.warn({ ...context, ...next }, "message will be tried again");
    const to = next === "dead" ? deadQueueName(consumer.queue) : retryQueueName(consumer.queue, next.retryInMs);
    // A foreign message may lack any property; what it has goes with it.
    const { headers, ...properties } = propertiesOf(message);
    await publisher.publish("", to, message.content, {
      ...properties,
      messageId: messageIdOf(message),
      headers: { ...headers, [FAILURES]: failures + 1, [REASON]: reasonOf(thrown) },
    });
  }

  return {
    begin() {
      if (state !== "bound") return;
      state = "open";
      const channel = present?.channel;
      if (channel)
        consume(channel).catch((cause: unknown) =>
          logger.warn({ err: cause, queue: consumer.queue }, "queue cannot be consumed"),
        );
    },
    async drain(graceMs) {
      state = "draining";
      const { channel, tag } = present ?? {};
      if (channel && tag !== undefined) await channel.cancel(tag).catch(() => undefined);
      const grace = setTimeout(() => stopping.abort(), graceMs);
      await Promise.all(inHand);
      clearTimeout(grace);
      await channel?.close().catch(() => undefined);
    },
  };
}

async function bind(channel: Channel, consumer: Consumer, mode: TopologyMode): Promise<void> {
  if (mode === "check") {
    for (const { name } of queuesOf(consumer.queue)) await channel.checkQueue(name);
    return;
  }
  await channel.assertExchange(consumer.channel, "fanout", { durable: true });
  for (const queue of queuesOf(consumer.queue))
    await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
  await channel.bindQueue(consumer.queue, consumer.channel, "");
}

/** amqplib says nothing of what headers hold; they may be anybody's. */
const propertiesOf = ({ properties }: ConsumeMessage) =>
  properties as Omit<Options.Publish, "headers"> & { headers?: Record<string, unknown> };

/** A message without an id of its own is told apart by its delivery. */
const messageIdOf = ({ properties, fields }: ConsumeMessage): string =>
  typeof properties.messageId === "string" ? properties.messageId : `${fields.consumerTag}/${fields.deliveryTag}`;

function giveBack(channel: Channel, message: ConsumeMessage): void {
  try {
    channel.nack(message);
  } catch {
    // The channel is closed, and with it the message is back in its queue.
  }
}

/** @returns an error where the message is not one of ours: it belongs to the dead letters */
function readEnvelope(message: ConsumeMessage, channel: string): Envelope | Error {
  const { headers, timestamp } = propertiesOf(message);
  try {
    return {
      id: messageIdOf(message),
      channel,
      version: Number(headers?.["x-eco2-version"]),
      message: JSON.parse(message.content.toString("utf8")) as unknown,
      headers: {
        ...(typeof headers?.["x-request-id"] === "string" ? { requestId: headers["x-request-id"] } : {}),
        ...(typeof headers?.["traceparent"] === "string" ? { traceparent: headers["traceparent"] } : {}),
      },
      createdAt: new Date(Number(timestamp)),
    };
  } catch {
    return fail("VALIDATION_FAILED", "the message is not valid JSON");
  }
}
