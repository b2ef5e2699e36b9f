import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";
import type { Log } from "../logger.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** A broker that does not say goodbye within this time is left without. */
const GOODBYE_MS = 2_000;

export interface AmqpConnection {
  /** Calls back with each new connection, the present one included. Whoever holds channels opens them again there. */
  onUp(listener: (connection: ChannelModel) => void): void;
  close(): Promise<void>;
}

/**
 * Keeps one connection to one of several brokers: tries them in turn, with jitter, for ever.
 * Nagle is off (it costs 40 ms a message) and heartbeats find a frozen broker within two intervals.
 */
export function keepConnection(urls: readonly string[], heartbeatS: number, logger: Log): AmqpConnection {
  const listeners: ((connection: ChannelModel) => void)[] = [];
  let current: ChannelModel | undefined;
  const stop = new AbortController();
  const isClosing = () => stop.signal.aborted;

  async function keep(): Promise<void> {
    for (let attempt = 0; !isClosing(); attempt++) {
      const url = urls[attempt % urls.length] ?? "";
      try {
        const opened = await open(url, heartbeatS);
        const lost = closed(opened);
        if (isClosing()) {
          await goodbye(opened);
          return;
        }
        current = opened;
        attempt = -1;
        logger.info({ broker: hostOf(url) }, "connected to RabbitMQ");
        for (const listener of listeners) listener(opened);
        const cause = await lost;
        // What a dead line still holds would be sent for a quarter of an hour.
        socketOf(opened).destroy();
        if (!isClosing()) logger.warn({ err: cause, broker: hostOf(url) }, "lost RabbitMQ");
      } catch (cause) {
        if (!isClosing()) logger.warn({ err: cause, broker: hostOf(url), attempt }, "cannot reach RabbitMQ");
      }
      current = undefined;
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, attempt)) * (0.5 + Math.random());
      if (!isClosing()) await pause(waitMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }
  void keep();

  return {
    onUp(listener) {
      listeners.push(listener);
      if (current) listener(current);
    },
    async close() {
      stop.abort();
      if (current) await goodbye(current);
    },
  };
}

async function open(url: string, heartbeatS: number): Promise<ChannelModel> {
  const address = new URL(url);
  address.searchParams.set("heartbeat", String(heartbeatS));
  return connect(address.href, {
    noDelay: true,
    keepAlive: true,
    timeout: CONNECT_TIMEOUT_MS,
    servername: address.hostname,
  });
}

async function goodbye(connection: ChannelModel): Promise<void> {
  await Promise.race([connection.close().catch(() => undefined), pause(GOODBYE_MS, undefined, { ref: false })]);
  socketOf(connection).destroy();
}

const closed = (connection: ChannelModel): Promise<unknown> =>
  new Promise(resolve => {
    let cause: unknown;
    connection.on("error", (error: unknown) => (cause = error));
    connection.on("close", () => resolve(cause));
  });

/** amqplib's types leave it out. */
const socketOf = ({ connection }: ChannelModel): Socket => (connection as unknown as { stream: Socket }).stream;

/** For logs: never the credentials. */
const hostOf = (url: string): string => new URL(url).host;
