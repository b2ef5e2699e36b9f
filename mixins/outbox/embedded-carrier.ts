import type { Log } from "../../broker/logger.ts";
import { attempt, reasonOf } from "../../broker/channels/attempt.ts";
import {
  type Carrier,
  type Consumer,
  DEADLY,
  DELIVERY_LIMIT,
  dispositionOf,
  type Envelope,
  type Recipient,
  type Subscription,
} from "../../broker/channels/carrier.ts";
import type { Database } from "../database/database.ts";
import { wakeLoop } from "./wake-loop.ts";

interface Row {
  seq: number;
  id: string;
  channel: string;
  version: number;
  message: unknown;
  headers: Envelope["headers"];
  created_at: Date;
  failures: number;
  unanswered: number;
}

/** Longest wait before a queue is looked at again although nothing announced a message. */
const LOOK_AGAIN_MS = 5_000;

/**
 * The in-process carrier: queues are rows of `messages.deliveries`, so they outlive the process. For one process alone;
 * several share work through RabbitMQ.
 */
export function embeddedCarrier(db: Database, logger: Log): Carrier {
  const queues = new Map<string, Queue>();
  let started = false;
  return {
    async publish(batch, tx) {
      const safe = new Set<string>();
      for (const envelope of batch) {
        for (const queue of queues.values()) {
          if (queue.channel !== envelope.channel) continue;
          await tx.run(
            `insert into messages.deliveries (queue, id, channel, version, message, headers, created_at)
             values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7) on conflict (queue, id) do nothing`,
            [
              queue.name,
              envelope.id,
              envelope.channel,
              envelope.version,
              JSON.stringify(envelope.message),
              JSON.stringify(envelope.headers),
              envelope.createdAt,
            ],
          );
          safe.add(envelope.id);
          tx.afterCommit(() => queue.look());
        }
      }
      return safe;
    },
    async consume(consumer, recipient) {
      const queue = openQueue(db, logger, consumer, recipient);
      queues.set(queue.name, queue);
      if (started) queue.start();
      // It stays bound when it is drained: what other rooms still send waits in it for the next start.
      return queue;
    },
    start() {
      started = true;
      for (const queue of queues.values()) queue.start();
    },
    async close() {
      await Promise.all([...queues.values()].map(queue => queue.drain(0)));
    },
  };
}

interface Queue extends Subscription {
  name: string;
  channel: string;
  start(): void;
  look(): void;
}

function openQueue(db: Database, logger: Log, consumer: Consumer, recipient: Recipient): Queue {
  const inHand = new Map<number, Promise<void>>();
  const stopping = new AbortController();
  const loop = wakeLoop(takeDue);

  /** @returns milliseconds until something may be due */
  async function takeDue(): Promise<number> {
    try {
      const rows = await take(db, consumer, [...inHand.keys()]);
      for (const row of rows) inHand.set(row.seq, handOver(row));
      // With every place taken the next look comes when one of them ends: what is due by then would only be asked for over and over.
      if (inHand.size >= consumer.concurrency) return LOOK_AGAIN_MS;
      if (rows.length > 0) return 0;
      return Math.min(LOOK_AGAIN_MS, await nextDueMs(db, consumer.queue, [...inHand.keys()]));
    } catch (cause) {
      logger.error({ err: cause, queue: consumer.queue }, "queue cannot be read");
      return LOOK_AGAIN_MS;
    }
  }

  async function handOver(row: Row): Promise<void> {
    try {
      if (row.unanswered > DELIVERY_LIMIT) {
        await recipient.buried?.(toEnvelope(row));
        await bury(db, row.seq, DEADLY);
      } else
        await settle(
          row,
          await attempt(consumer, recipient.handle, toEnvelope(row), row.failures + 1, stopping.signal),
        );
    } catch (cause) {
      logger.error({ err: cause, queue: consumer.queue, messageId: row.id }, "delivery cannot be settled");
    } finally {
      inHand.delete(row.seq);
      loop.wake();
    }
  }

  async function settle(row: Row, thrown: unknown): Promise<void> {
    if (thrown === undefined) {
      await db.run("delete from messages.deliveries where seq = $1", [row.seq]);
      return;
    }
    // The process is going down with the message in hand: it stays due and counts for nothing.
    if (stopping.signal.aborted) return release(db, row.seq);
    const next = dispositionOf(thrown, row.failures + 1);
    const context = {
      err: thrown,
      queue: consumer.queue,
      messageId: row.id,
      requestId: row.headers.requestId,
      attempt: row.failures + 1,
    };
    if (next === "dead") {
      logger.error(context, "message is dead");
      await bury(db, row.seq, reasonOf(thrown));
    } else {
      logger.warn({ ...context, ...next }, "message will be tried again");
      await postpone(db, row.seq, next.retryInMs, reasonOf(thrown));
    }
  }

  return {
    name: consumer.queue,
    channel: consumer.channel,
    start: () => loop.start(),
    look: () => loop.wake(),
    async drain(graceMs) {
      await loop.stop();
      const grace = setTimeout(() => stopping.abort(), graceMs);
      await Promise.all(inHand.values());
      clearTimeout(grace);
    },
  };
}

/** Takes what is due, oldest first, and counts the handing-over before it happens, so that a deadly message is found out. */
const take = (db: Database, consumer: Consumer, inHand: number[]): Promise<Row[]> =>
  consumer.concurrency <= inHand.length
    ? Promise.resolve([])
    : db.rows<Row>(
        `update messages.deliveries set unanswered = unanswered + 1
         where seq in (
           select seq from messages.deliveries
           where queue = $1 and dead_at is null and due_at <= now() and seq <> all($2::bigint[])
           order by due_at, seq limit $3)
         returning seq, id, channel, version, message, headers, created_at, failures, unanswered`,
        [consumer.queue, inHand, consumer.concurrency - inHand.length],
      );

async function nextDueMs(db: Database, queue: string, inHand: number[]): Promise<number> {
  const row = await db.one<{ wait_ms: number | null }>(
    `select (extract(epoch from min(due_at) - now()) * 1000)::float8 as wait_ms
     from messages.deliveries where queue = $1 and dead_at is null and seq <> all($2::bigint[])`,
    [queue, inHand],
  );
  return Math.max(10, row?.wait_ms ?? LOOK_AGAIN_MS);
}

const bury = (db: Database, seq: number, reason: string) =>
  db
    .run("update messages.deliveries set dead_at = now(), reason = $2 where seq = $1", [seq, reason])
    .then(() => undefined);

const release = (db: Database, seq: number) =>
  db.run("update messages.deliveries set unanswered = 0 where seq = $1", [seq]).then(() => undefined);

const postpone = (db: Database, seq: number, retryInMs: number, reason: string) =>
  db
    .run(
      `update messages.deliveries set failures = failures + 1, unanswered = 0, reason = $3,
         due_at = now() + $2::float8 * interval '1 millisecond' where seq = $1`,
      [seq, retryInMs, reason],
    )
    .then(() => undefined);

const toEnvelope = (row: Row): Envelope => ({
  id: row.id,
  channel: row.channel,
  version: row.version,
  message: row.message,
  headers: row.headers,
  createdAt: row.created_at,
});
