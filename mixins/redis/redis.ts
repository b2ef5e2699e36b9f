import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Log } from "../../broker/logger.ts";
import { keepConnection, type KeptConnection, messageOf, type RedisTimes } from "./connection.ts";

export interface RedisOptions extends Partial<RedisTimes> {
  url: string;
  /** Put before every key and channel, so that houses and tests can share a server. */
  namespace: string;
}

type OnMessage = (message: string) => void;

/** Redis as one process uses it: one connection for commands, and one that listens, opened with the first listener. */
export interface HouseRedis {
  readonly commands: Redis;
  /** The name of a key or channel at the server. */
  key(name: string): string;
  /**
   * Hears the messages of a channel from now on; resolves when it does, or at once while Redis does not work.
   * @param onHeard called whenever it begins to hear the channel: what was said before then is lost
   */
  listen(channel: string, onMessage: OnMessage, onHeard: () => void): Promise<void>;
  /** What keeps it from working as it should, in the server's words; undefined: nothing. */
  trouble(): string | undefined;
  close(): Promise<void>;
}

const TIMES: RedisTimes = { commandTimeoutMs: 1_000, probeEveryMs: 1_000, reconnectMs: 2_000 };

/** Opens Redis. It never throws and never waits: what is asked of it while it does not work fails, and the trouble is logged. */
export function openRedis({ url, namespace, ...times }: RedisOptions, log: Log): HouseRedis {
  const key = (name: string): string => `${namespace}:${name}`;
  const alive = key(`alive:${randomUUID()}`);
  const options = { ...TIMES, ...times, url };
  // A write, since a server that is full or a replica answers everything else.
  const write = (client: Redis) => client.set(alive, "", "PX", 2 * options.probeEveryMs);
  const commands = keepConnection({ ...options, name: "commands", probe: write }, log);
  let listener: Listener | undefined;
  return {
    commands: commands.client,
    key,
    listen(channel, onMessage, onHeard) {
      listener ??= openListener(
        keepConnection({ ...options, name: "listener", probe: client => client.ping() }, log),
        log,
      );
      return listener.listen(key(channel), onMessage, onHeard);
    },
    trouble: () => commands.trouble() ?? listener?.trouble(),
    async close() {
      await Promise.all([commands.close(), listener?.close()]);
    },
  };
}

type Listener = Pick<HouseRedis, "listen" | "trouble" | "close">;

function openListener({ client, trouble, close }: KeptConnection, log: Log): Listener {
  const channels = new Map<string, { onMessage: OnMessage; onHeard: () => void; isHeard: boolean }>();
  const hear = async (channel: string): Promise<void> => {
    if (client.status !== "ready") return;
    try {
      await client.subscribe(channel);
      const listening = channels.get(channel);
      if (!listening) return;
      listening.isHeard = true;
      listening.onHeard();
    } catch (thrown) {
      log.warn({ channel, trouble: messageOf(thrown) }, "a channel of Redis is not heard");
      // A connection that hears only half of its channels would look well: the next one hears them all.
      client.disconnect(true);
    }
  };
  client.on("message", (channel: string, message: string) => {
    const listening = channels.get(channel);
    // Messages can come in one piece with the answer to SUBSCRIBE, before anybody knows that something was lost until then.
    if (listening?.isHeard) listening.onMessage(message);
  });
  client.on("close", () => {
    for (const listening of channels.values()) listening.isHeard = false;
  });
  client.on("ready", () => {
    for (const channel of channels.keys()) void hear(channel);
  });
  return {
    async listen(channel, onMessage, onHeard) {
      channels.set(channel, { onMessage, onHeard, isHeard: false });
      await hear(channel);
    },
    trouble,
    close,
  };
}
