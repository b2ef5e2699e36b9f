import type { ChannelModel, ConfirmChannel, Message, Options } from "amqplib";
import type { Log } from "../logger.ts";
import type { AmqpConnection } from "./amqp-connection.ts";
import type { TopologyMode } from "./topology.ts";

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

interface Waiting {
  resolve(): void;
  reject(fault: PublishFault): void;
}

/** Publishes persistent, mandatory and confirmed; waits for `drain` when the socket is full, and not at all while there is no broker. */
export function openPublisher(
  connection: AmqpConnection,
  mode: TopologyMode,
  logger: Log,
  confirmTimeoutMs = 10_000,
): Publisher {
  let channel: ConfirmChannel | undefined;
  /** Exchanges that are known to be there: publishing to a missing one kills the channel. */
  let exchanges = new Map<string, Promise<unknown>>();
  let drained: Promise<void> | undefined;
  let blocked: string | undefined;
  const waiting = new Map<string, Waiting>();

  connection.onUp(up => void open(up));

  async function open(up: ChannelModel): Promise<void> {
    try {
      const opened = await up.createConfirmChannel();
      opened.on("return", (message: Message) => {
        waiting.get(String(message.properties.messageId))?.reject(new PublishFault("no queue is bound"));
      });
      opened.on("error", (cause: unknown) => logger.error({ err: cause }, "publishing channel failed"));
      opened.once("close", () => {
        if (channel === opened) channel = undefined;
        for (const each of waiting.values()) each.reject(new PublishFault("the channel closed before the confirm"));
        // The connection may live on: a channel that died of a fault is opened again on it.
        if (!gone) void open(up);
      });
      let gone = false;
      up.once("close", () => (gone = true));
      up.on("blocked", (reason: string) => (blocked = reason));
      up.on("unblocked", () => (blocked = undefined));
      blocked = undefined;
      drained = undefined;
      exchanges = new Map();
      channel = opened;
    } catch (cause) {
      logger.warn({ err: cause }, "publishing channel cannot be opened");
    }
  }

  async function present(on: ConfirmChannel, exchange: string): Promise<void> {
    const known =
      exchanges.get(exchange) ??
      (mode === "declare" ? on.assertExchange(exchange, "fanout", { durable: true }) : on.checkExchange(exchange));
    exchanges.set(exchange, known);
    await known.catch(() => {
      throw new PublishFault(`exchange ${exchange} is not there`);
    });
  }

  return {
    async publish(exchange, routingKey, content, options) {
      await drained;
      const on = channel;
      if (!on) throw new PublishFault("RabbitMQ is not there");
      if (blocked !== undefined) throw new PublishFault(`RabbitMQ takes nothing at the moment: ${blocked}`);
      if (exchange !== "") await present(on, exchange);
      const key = options.messageId;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => settle.reject(new PublishFault("no confirm in time")), confirmTimeoutMs);
        const settle: Waiting = {
          resolve() {
            clearTimeout(timer);
            waiting.delete(key);
            resolve();
          },
          reject(fault) {
            clearTimeout(timer);
            waiting.delete(key);
            reject(fault);
          },
        };
        waiting.set(key, settle);
        const more = on.publish(
          exchange,
          routingKey,
          content,
          { persistent: true, mandatory: true, ...options },
          (fault: unknown) => {
            if (fault) settle.reject(new PublishFault("the broker refused the message"));
            else settle.resolve();
          },
        );
        if (!more) drained ??= roomAgain(on).then(() => (drained = undefined));
      });
    },
  };
}

/** A channel that dies never drains; waiting for it ends all the same. */
const roomAgain = (channel: ConfirmChannel): Promise<void> =>
  new Promise(resolve => {
    channel.once("drain", resolve);
    channel.once("close", resolve);
  });
