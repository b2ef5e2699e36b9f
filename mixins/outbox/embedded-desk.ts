import {
  type DeadLetter,
  previewOf,
  type QueueDesk,
  type QueueFacts,
  SHOWN,
  type Which,
} from "../../broker/repl/queue-desk.ts";
import type { Database } from "../database/database.ts";

/** The desk over the embedded carrier's rows. A replayed message is taken at the next look of its queue, within seconds. */
export const embeddedDesk = (db: Database, names: readonly string[]): QueueDesk => ({
  queues: () => Promise.all(names.map(name => factsOf(db, name))),
  dead: queue => listDead(db, queue),
  replay: (queue, which) =>
    db.run(
      `update messages.deliveries set dead_at = null, reason = null, failures = 0, unanswered = 0, due_at = now()
       where ${WANTED}`,
      wanted(queue, which),
    ),
  drop: (queue, which) => db.run(`delete from messages.deliveries where ${WANTED}`, wanted(queue, which)),
  close: () => db.close(),
});

// An id that is typed may be anything, so it is compared as text.
const WANTED = "queue = $1 and dead_at is not null and ($2::text is null or id::text = $2)";
const wanted = (queue: string, which: Which): (string | null)[] => [queue, which === "all" ? null : which.id];

async function factsOf(db: Database, name: string): Promise<QueueFacts> {
  const row = await db.one<{ ready: number; held: number; later: number; dead: number; oldest: number | null }>(
    `select count(*) filter (where dead_at is null and unanswered = 0 and due_at <= now())::int as ready,
       count(*) filter (where dead_at is null and unanswered > 0)::int as held,
       count(*) filter (where dead_at is null and unanswered = 0 and due_at > now())::int as later,
       count(*) filter (where dead_at is not null)::int as dead,
       extract(epoch from now() - min(created_at) filter (where dead_at is null))::float8 as oldest
     from messages.deliveries where queue = $1`,
    [name],
  );
  return {
    name,
    ready: row?.ready ?? 0,
    inHand: row?.held ?? 0,
    consumers: null,
    retrying: row?.later ?? 0,
    dead: row?.dead ?? 0,
    oldestAgeS: row?.oldest ?? null,
  };
}

async function listDead(db: Database, queue: string): Promise<DeadLetter[]> {
  const rows = await db.rows<{ id: string; reason: string | null; created_at: Date; message: unknown }>(
    `select id, reason, created_at, message from messages.deliveries
     where queue = $1 and dead_at is not null order by dead_at, seq limit $2`,
    [queue, SHOWN],
  );
  return rows.map(({ id, reason, created_at: sentAt, message }) => ({
    id,
    reason: reason ?? "unknown",
    sentAt,
    preview: previewOf(message),
  }));
}
