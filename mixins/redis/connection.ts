import { Redis } from "ioredis";
import type { Log } from "../../broker/logger.ts";

export interface RedisTimes {
  /** Longest wait for the answer to a command. */
  commandTimeoutMs: number;
  /** How often a connection is asked whether it works. */
  probeEveryMs: number;
  /** Longest pause between two tries to connect. */
  reconnectMs: number;
}

/** A connection that is kept: it comes back by itself, for ever. */
export interface KeptConnection {
  /**
   * Commands fail at once while there is no connection and after `commandTimeoutMs` when there is no answer; none is kept for later
   * or sent twice.
   */
  readonly client: Redis;
  /** What keeps it from working; undefined: nothing. */
  trouble: () => string | undefined;
  close: () => Promise<void>;
}

export interface ConnectionOptions extends RedisTimes {
  url: string;
  /** For logs and `CLIENT LIST`. */
  name: string;
  /** A command that shows whether the connection does what it is for; what it throws is the trouble. */
  probe: (client: Redis) => Promise<unknown>;
}

const FIRST_WAIT_MS = 50;
const CONNECT_TIMEOUT_MS = 2_000;
/** A Redis that takes no writes any more may have handed over to another one: that one is found by connecting anew. */
const LOOK_FOR_PRIMARY_MS = 10_000;

/**
 * Keeps a connection to Redis. It notices a server that is gone by the connection, and one that hangs, is full or takes no writes by
 * the probe. Trouble is logged when it begins, changes and ends, in words of the server and never with a command: those carry
 * passwords and people's data.
 */
export function keepConnection(options: ConnectionOptions, log: Log): KeptConnection {
  const client = openClient(options);
  const server = new URL(options.url).host;
  let trouble: string | undefined = "not connected yet";
  let isClosing = false;
  let lookedAtMs = 0;

  const note = (now: string | undefined): void => {
    if (isClosing || now === trouble) return;
    const facts = { redis: server, connection: options.name };
    if (now === undefined) log.info(facts, "connected to Redis");
    else log.warn({ ...facts, trouble: now }, "Redis does not work; the house goes on without it");
    trouble = now;
  };

  const isReady = (): boolean => client.status === "ready";
  const probe = async (): Promise<void> => {
    if (!isReady()) return;
    try {
      await options.probe(client);
      note(undefined);
    } catch (thrown) {
      const said = messageOf(thrown);
      if (!isReady()) return;
      note(said);
      if (isTimeout(said) || (isReadOnly(said) && Date.now() - lookedAtMs > LOOK_FOR_PRIMARY_MS)) {
        lookedAtMs = Date.now();
        client.disconnect(true);
      }
    }
  };
  client.on("error", (thrown: Error) => note(messageOf(thrown)));
  client.on("close", () => note(trouble ?? "the connection was lost"));
  client.on("ready", () => void probe());
  const timer = setInterval(() => void probe(), options.probeEveryMs);
  timer.unref();

  return {
    client,
    trouble: () => trouble ?? (isReady() ? undefined : "not connected"),
    close: async () => {
      isClosing = true;
      clearInterval(timer);
      // A polite goodbye needs a server that answers.
      await client.quit().catch(() => undefined);
      client.disconnect();
    },
  };
}

function openClient({ url, name, commandTimeoutMs, reconnectMs }: ConnectionOptions): Redis {
  return new Redis(url, {
    connectionName: `eco2:${name}`,
    commandTimeout: commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // How long a server that does not answer may take to close its side.
    disconnectTimeout: 100,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Whoever listens has to know when it is heard again, so it subscribes itself.
    autoResubscribe: false,
    keepAlive: 10_000,
    retryStrategy: times =>
      Math.round(Math.min(FIRST_WAIT_MS * 2 ** Math.min(times, 16), reconnectMs) * (0.5 + Math.random() / 2)),
  });
}

/** What Redis or the network said, without the command that it was said to. */
export const messageOf = (thrown: unknown): string => {
  const { message, code } = (thrown instanceof Error ? thrown : {}) as { message?: string; code?: string };
  return message !== undefined && message !== "" ? message : (code ?? "unknown trouble");
};
const isTimeout = (said: string): boolean => said.includes("timed out");
const isReadOnly = (said: string): boolean => said.startsWith("READONLY");
