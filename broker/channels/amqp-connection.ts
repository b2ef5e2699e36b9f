import { setTimeout as pause } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";
import type { Log } from "../logger.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

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
        current = await open(url, heartbeatS);
        attempt = -1;
        if (isClosing()) void current.close();
        logger.info({ broker: hostOf(url) }, "connected to RabbitMQ");
        const lost = closed(current);
        for (const listener of listeners) listener(current);
        const cause = await lost;
        if (!isClosing()) logger.warn({ err: cause, broker: hostOf(url) }, "lost RabbitMQ");
      } catch (cause) {
        if (!isClosing()) logger.warn({ err: cause, broker: hostOf(url), attempt }, "cannot reach RabbitMQ");
      }
      current = undefined;
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, attempt)) * (0.5 + Math.random());
      if (!isClosing()) await pause(waitMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }
  const kept = keep();

  return {
    onUp(listener) {
      listeners.push(listener);
      if (current) listener(current);
    },
    async close() {
      stop.abort();
      await current?.close().catch(() => undefined);
      await kept;
    },
  };
}

async function open(url: string, heartbeatS: number): Promise<ChannelModel> {
  const address = new URL(url);
  address.searchParams.set("heartbeat", String(heartbeatS));
  return connect(address.href, { noDelay: true, keepAlive: true, timeout: 10_000, servername: address.hostname });
}

const closed = (connection: ChannelModel): Promise<unknown> =>
  new Promise(resolve => {
    let cause: unknown;
    connection.on("error", (error: unknown) => (cause = error));
    connection.on("close", () => resolve(cause));
  });

/** For logs: never the credentials. */
const hostOf = (url: string): string => new URL(url).host;
