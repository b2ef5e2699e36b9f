import { randomUUID } from "node:crypto";
import type { Service, ServiceBroker } from "moleculer";
import type { Log } from "../../broker/logger.ts";
import { amqpCarrier } from "../../broker/channels/amqp-carrier.ts";
import {
  type Carrier,
  type Envelope,
  queueName,
  type Recipient,
  type Subscription,
} from "../../broker/channels/carrier.ts";
import type { Channels, ConsumerContract, MessageContract } from "../../broker/contract.ts";
import { drainBeforeStop } from "../../broker/drain.ts";
import { env } from "../../broker/env.ts";
import { fail } from "../../broker/errors.ts";
import { type Delivery, mixin } from "../../broker/service.ts";
import { assertValid, type Check, compileCheck } from "../../broker/validator.ts";
import type { Tx } from "../database/database.ts";
import { openHouseDatabase } from "../database/open-house-database.ts";
import { embeddedCarrier } from "./embedded-carrier.ts";
import { openRelay } from "./relay.ts";
import type { WakeLoop } from "./wake-loop.ts";

interface Door {
  name: string;
  channels: Record<string, MessageContract>;
  consumes: Record<string, ConsumerContract>;
}
type Handler = (message: unknown, delivery: Delivery) => Promise<void>;
/** What a room says of its messages; see `service`. */
interface Behind {
  door: Door;
  handlers: Record<string, Handler>;
  messageBuried?: (channel: string, message: unknown) => Promise<void>;
  queueLost?: (channel: string) => Promise<void>;
}

/** One relay and one carrier serve all rooms of a process. */
interface PostOffice {
  relay: WakeLoop;
  carrier: Carrier;
  close(): Promise<void>;
}
let shared: Promise<PostOffice> | undefined;
let holders = 0;

async function openPostOffice(logger: Log): Promise<PostOffice> {
  const db = await openHouseDatabase(logger);
  const carrier =
    env.AMQP_URL === undefined
      ? embeddedCarrier(db, logger)
      : amqpCarrier({ urls: env.AMQP_URL, heartbeatS: env.AMQP_HEARTBEAT_S, topology: env.TOPOLOGY }, logger);
  const relay = openRelay(db, carrier, logger);
  return {
    relay,
    carrier,
    async close() {
      await relay.stop();
      await carrier.close();
      await db.close();
    },
  };
}

/** What a running room holds: by service, since the same file may be loaded by several brokers of one process. */
interface Desk {
  office: PostOffice;
  subscriptions: Subscription[];
}

/** Gives a room `send`: a message leaves exactly when the transaction that it is sent in commits. Also brings the room's consumers up and down. */
export function outbox() {
  const sendChecks = new Map<string, Check>();
  const desks = new WeakMap<Service, Desk>();

  return mixin({
    methods: {
      /**
       * Puts a message into the outbox of transaction `tx`.
       * @param requestId the request it belongs to; it shows up in the logs of every stage
       * @throws VALIDATION_FAILED when the message does not fit its contract
       */
      async send<K extends keyof Channels>(
        tx: Tx,
        channel: K,
        message: Channels[K],
        requestId?: string | null,
      ): Promise<void> {
        const { channels } = behind(this).door;
        const contract = channels[channel];
        if (!contract) throw fail("INTERNAL", `${channel} is not declared by this room`);
        const check = sendChecks.get(channel) ?? compileCheck(contract.message, "tolerant");
        sendChecks.set(channel, check);
        assertValid(check(message));
        await tx.run(
          "insert into messages.outbox (id, channel, version, message, headers) values ($1, $2, $3, $4::jsonb, $5::jsonb)",
          [
            randomUUID(),
            channel,
            contract.version,
            JSON.stringify(message),
            JSON.stringify(requestId ? { requestId } : {}),
          ],
        );
        tx.afterCommit(() => desks.get(this)?.office.relay.wake());
      },
    },

    events: {
      // Not before every room is up: handlers call other rooms, and a message leaves only to queues that are bound.
      "$broker.started"(this: Service) {
        beginWork(desks.get(this));
      },
    },

    async started(this: Service) {
      holders++;
      shared ??= openPostOffice(this.broker.getLogger("channels"));
      const office = await shared;
      const desk = { office, subscriptions: await subscribe(this, office.carrier) };
      desks.set(this, desk);
      drainBeforeStop(this.broker, "messages", graceMs => drained(desk, graceMs));
      if (this.broker.started) beginWork(desk);
    },

    async stopped(this: Service) {
      const desk = desks.get(this);
      if (!desk) return;
      desks.delete(this);
      await drained(desk, env.SHUTDOWN_MS);
      if (--holders > 0) return;
      shared = undefined;
      await desk.office.close();
    },
  });
}

async function drained({ subscriptions }: Desk, graceMs: number): Promise<void> {
  await Promise.all(subscriptions.map(subscription => subscription.drain(graceMs)));
}

function beginWork(desk: Desk | undefined): void {
  desk?.office.carrier.start();
  desk?.office.relay.start();
}

const behind = (room: { schema: unknown }): Behind => room.schema as Behind;

function subscribe(room: Service, carrier: Carrier): Promise<Subscription[]> {
  const { door, handlers } = behind(room);
  return Promise.all(
    Object.entries(door.consumes).map(([channel, contract]) => {
      const handler = handlers[channel];
      if (!handler) throw fail("INTERNAL", `${door.name} declares ${channel} and does not handle it`);
      const recipient = recipientOf(room, channel, contract, handler);
      return carrier.consume({ channel, queue: queueName(door.name, channel), ...contract }, recipient);
    }),
  );
}

function recipientOf(room: Service, channel: string, { of }: ConsumerContract, handler: Handler): Recipient {
  const check = compileCheck(of.message, "tolerant");
  const assertReadable = ({ version, message }: Envelope) => {
    if (version !== of.version) throw fail("VALIDATION_FAILED", `unknown version ${version} of ${channel}`);
    assertValid(check(message));
  };
  const { messageBuried, queueLost } = behind(room);
  return {
    async handle(envelope, attempt) {
      assertReadable(envelope);
      const requestId = envelope.headers.requestId;
      await handler.call(room, envelope.message, {
        messageId: envelope.id,
        requestId,
        attempt: attempt.number,
        lastAttempt: attempt.last,
        signal: attempt.signal,
        call: callFrom(room.broker, requestId),
      });
    },
    async buried(envelope) {
      try {
        assertReadable(envelope);
        await messageBuried?.call(room, channel, envelope.message);
      } catch (cause) {
        // It goes to the dead letters all the same: an operator sees it there.
        room.logger.error({ err: cause, channel, messageId: envelope.id }, "the end of a message could not be told");
      }
    },
    async lost() {
      await queueLost?.call(room, channel);
    },
  };
}

/** Calls made while a message is handled carry its request id. */
const callFrom = (broker: ServiceBroker, requestID: string | undefined): Delivery["call"] =>
  ((action: string, params: Record<string, unknown>, opts = {}) =>
    broker.call(action, params, {
      ...opts,
      ...(requestID === undefined ? {} : { requestID }),
    })) as unknown as Delivery["call"];
