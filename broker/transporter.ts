import type { Channel, ChannelModel, ConsumeMessage, Options } from "amqplib";
import { Errors, Transporters } from "moleculer";
import { env } from "./env.ts";
import { dependsOn } from "./readiness.ts";

export interface TransporterOptions {
  urls: readonly string[];
  heartbeatS: number;
  /** Requests that one node works on at the same time; the transporter's own default of 1 deadlocks re-entrant calls. */
  prefetch?: number;
}

interface RequestPacket {
  type: string;
  /** Whom it is for; null or missing: everybody. */
  target?: string | null;
  payload: { id: string; timeout?: number | null; stream?: boolean; seq?: number | null };
}
/** The parts of Moleculer's transit that a returned request is settled through. */
interface Transit {
  disconnecting: boolean;
  pendingRequests: Map<string, { action: { name: string }; nodeID: string; reject(error: Error): void }>;
  removePendingRequest(id: string): void;
}

const REQUEST = "REQ";

/**
 * Moleculer's AMQP transporter with the repairs that 0.15 needs, each measured: no Nagle and one write per tick, acknowledgement on
 * the channel that delivered (on another one it is a protocol fault that leaves the node deaf), a new connection when the channel
 * or the consumer is lost, requests that expire with their caller, and an unroutable request that fails at once.
 */
export class ResilientAmqp extends Transporters.AMQP {
  constructor({ urls, heartbeatS, prefetch = 200 }: TransporterOptions) {
    const withHeartbeat = urls.map(url => {
      const address = new URL(url);
      address.searchParams.set("heartbeat", String(heartbeatS));
      return address.href;
    });
    const socketOptions = { noDelay: true, keepAlive: true, timeout: 10_000 };
    super({ url: withHeartbeat, prefetch, socketOptions } as ConstructorParameters<typeof Transporters.AMQP>[0]);
    this.#watch();
  }

  /** The base class assigns `connection` and `channel` as they come and go; what has to happen then hangs on the assignment. */
  #watch(): void {
    let connection: ChannelModel | null = null;
    let channel: Channel | null = null;
    Object.defineProperty(this, "connection", {
      get: () => connection,
      set: (next: ChannelModel | null) => {
        connection = next;
        if (next) corkPerTick(next);
      },
    });
    Object.defineProperty(this, "channel", {
      get: () => channel,
      set: (next: Channel | null) => {
        const lost = channel !== null && next === null && !this.channelDisconnecting && !this.#transit.disconnecting;
        channel = next;
        // The channel died while the connection lives: without a new connection nothing would ever subscribe again.
        if (lost) this.#reconnect();
        next?.on("return", (message: { properties: { type?: unknown; messageId?: unknown } }) =>
          this.#returned(message.properties),
        );
      },
    });
  }

  /** Resolves when RabbitMQ answers on this very connection. */
  async ping(): Promise<void> {
    const channel = this.channel as Channel | null;
    if (!channel) throw new Errors.BrokerDisconnectedError("RabbitMQ is not there");
    // Every vhost has this exchange, and asking for it changes nothing.
    await channel.checkExchange("amq.fanout");
  }

  get #transit(): Transit {
    return this.transit as unknown as Transit;
  }

  #reconnect(): void {
    void (this.connection as ChannelModel | null)?.close().catch(() => undefined);
  }

  /** No queue took the request: its node is gone. The caller learns it now instead of at its timeout. */
  #returned({ type, messageId }: { type?: unknown; messageId?: unknown }): void {
    if (type !== REQUEST || typeof messageId !== "string") return;
    const request = this.#transit.pendingRequests.get(messageId);
    if (!request) return;
    this.#transit.removePendingRequest(messageId);
    request.reject(new Errors.ServiceNotAvailableError({ action: request.action.name, nodeID: request.nodeID }));
  }

  override _consumeCB(cmd: string, needAck = false): (message: ConsumeMessage | null) => void | Promise<void> {
    const channel = this.channel as Channel;
    return message => {
      if (message === null) {
        this.logger.warn(`RabbitMQ cancelled the consumer of ${cmd}; connecting again`);
        this.#reconnect();
        return;
      }
      const received = this.receive(cmd, message.content);
      if (!needAck) return received;
      const settle = (done: boolean): void => {
        if (channel !== this.channel) return;
        if (done) channel.ack(message);
        else channel.nack(message);
      };
      return Promise.resolve(received).then(
        () => settle(true),
        (cause: unknown) => {
          this.logger.error({ err: cause }, "request could not be taken");
          settle(false);
        },
      );
    };
  }

  override async send(topic: string, data: Buffer, meta: { balanced?: boolean; packet: RequestPacket }): Promise<void> {
    const channel = this.channel as Channel | null;
    if (!channel) throw new Errors.BrokerDisconnectedError("RabbitMQ is not there");
    const { balanced = false, packet } = meta;
    const options = packet.type === REQUEST ? requestOptions(packet.payload) : {};
    if (typeof packet.target === "string" || balanced) channel.sendToQueue(topic, data, options);
    else channel.publish(topic, "", data, options);
  }
}

/** A request nobody waits for any more is not worked on; the parts of a stream must not expire one by one. */
function requestOptions({ id, timeout, stream, seq }: RequestPacket["payload"]): Options.Publish {
  const expires = typeof timeout === "number" && timeout > 0 && stream !== true && !seq;
  // The rest of a call tree's budget is a fraction; RabbitMQ closes the channel over one.
  return { type: REQUEST, messageId: id, mandatory: true, ...(expires ? { expiration: Math.ceil(timeout) } : {}) };
}

/** One system call for all the messages of a turn of the event loop: most of the CPU time is spent in `write()`. */
function corkPerTick(connection: ChannelModel): void {
  const { stream } = (
    connection as unknown as { connection: { stream: NodeJS.WritableStream & { cork(): void; uncork(): void } } }
  ).connection;
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let corked = false;
  stream.write = (...args: unknown[]) => {
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(() => {
        corked = false;
        stream.uncork();
      });
    }
    return write(...args);
  };
}

/** The transporter of this process; null where no RabbitMQ is set and every room is in it. */
export function houseTransporter(): ResilientAmqp | null {
  if (env.AMQP_URL === undefined) return null;
  const transporter = new ResilientAmqp({ urls: env.AMQP_URL, heartbeatS: env.AMQP_HEARTBEAT_S });
  dependsOn("rabbitmq", () => transporter.ping());
  return transporter;
}
