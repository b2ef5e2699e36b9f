import type { ConsumerContract } from "../contract.ts";
import { familyOf } from "../errors.ts";

/** A durable message on its way. `headers` carry the request id and the W3C trace context. */
export interface Envelope {
  /** UUID, the same at every redelivery: what consumers may key on. */
  id: string;
  channel: string;
  version: number;
  message: unknown;
  headers: { requestId?: string; traceparent?: string };
  createdAt: Date;
}

/** A room's queue on a channel: `<consumer>.<domain>.<happened>`. */
export interface Consumer extends ConsumerContract {
  channel: string;
  queue: string;
}

/** One handing-over of a message. Resolving acknowledges it; rejecting sends it up the ladder or to the dead letters. */
export type Handle = (
  envelope: Envelope,
  attempt: { number: number; last: boolean; signal: AbortSignal },
) => Promise<void>;

/** The room behind a queue. */
export interface Recipient {
  handle: Handle;
  /** A message goes to the dead letters of which its handler never knew: the process died each time that it was in hand. */
  buried?(envelope: Envelope): Promise<void>;
  /** The queue was missing and was made anew: what it held is gone. Also told at the very first start. */
  lost?(): Promise<void>;
}

export interface Subscription {
  /** Takes no more messages and waits for the ones in hand, at the longest `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/** The transaction that a batch leaves the outbox in. */
export interface LeavingTransaction {
  run(sql: string, bind?: readonly unknown[]): Promise<number>;
  afterCommit(fn: () => void): void;
}

/** What moves messages from the outbox to the consumers: RabbitMQ where AMQP_URL is set, the database itself where not. */
export interface Carrier {
  /**
   * Resolves to the ids of the messages that are safe: written durably and certain to reach every queue bound to their channel.
   * The others (no queue, not confirmed) stay in the outbox. A carrier that is the database itself writes through `tx`.
   */
  publish(batch: readonly Envelope[], tx: LeavingTransaction): Promise<ReadonlySet<string>>;
  /** Binds a queue. Messages are handed over once `start` was called, at most `concurrency` at a time, until drained. */
  consume(consumer: Consumer, recipient: Recipient): Promise<Subscription>;
  /** Begins to hand over: every room of the process is up, so handlers can call them. */
  start(): void;
  close(): Promise<void>;
}

export const queueName = (consumer: string, channel: string): string => `${consumer}.${channel}`;

/** Waits between tries; after the last one the message is dead. */
export const RETRY_LADDER_MS = [1_000, 10_000, 60_000] as const;
/** Handings-over that ended without any word (the process died) before a message counts as deadly. */
export const DELIVERY_LIMIT = 5;
/** The reason that such a message has among the dead letters. */
export const DEADLY = "delivery limit: the process died with it in hand each time";

export const isLastAttempt = (attempt: number): boolean => attempt > RETRY_LADDER_MS.length;

/**
 * What becomes of a message whose handler failed: the caller's fault never gets better, so it is dead at once;
 * the world's and our own are tried again up the ladder.
 * @param attempt the try that failed, counted from 1
 */
export function dispositionOf(thrown: unknown, attempt: number): { retryInMs: number } | "dead" {
  if (familyOf(thrown) === "caller") return "dead";
  const retryInMs = RETRY_LADDER_MS[attempt - 1];
  return retryInMs === undefined ? "dead" : { retryInMs };
}
