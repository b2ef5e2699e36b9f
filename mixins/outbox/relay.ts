import type { Log } from "../../broker/logger.ts";
import type { Carrier, Envelope } from "../../broker/channels/carrier.ts";
import type { Database, Tx } from "../database/database.ts";
import { type WakeLoop, wakeLoop } from "./wake-loop.ts";

const BATCH = 100;
/** The relay is woken at commit; this finds what another process wrote, or what could not leave before. */
const LOOK_AGAIN_MS = 2_000;

interface Row {
  seq: number;
  id: string;
  channel: string;
  version: number;
  message: unknown;
  headers: Envelope["headers"];
  created_at: Date;
}

/** Moves messages from the outbox to the carrier. A message leaves the outbox only when the carrier has it safe, so a crash repeats, never loses. */
export function openRelay(db: Database, carrier: Carrier, logger: Log): WakeLoop {
  /** Channels of which nothing leaves at the moment: passed over until the end is reached, or their oldest would hold up all others. */
  let stuck: string[] = [];
  return wakeLoop(async () => {
    try {
      const { found, stuckNow } = await db.transaction(tx => moveBatch(tx, carrier, stuck));
      stuck.push(...stuckNow);
      if (found === BATCH) return 0;
      if (stuck.length > 0) logger.warn({ channels: stuck }, "messages stay in the outbox");
    } catch (cause) {
      logger.error({ err: cause }, "outbox cannot be emptied");
    }
    stuck = [];
    return LOOK_AGAIN_MS;
  });
}

async function moveBatch(
  tx: Tx,
  carrier: Carrier,
  passedOver: readonly string[],
): Promise<{ found: number; stuckNow: string[] }> {
  const rows = await tx.rows<Row>(
    `select seq, id, channel, version, message, headers, created_at from messages.outbox
     where channel <> all($1::text[]) order by seq limit ${BATCH} for update skip locked`,
    [passedOver],
  );
  if (rows.length === 0) return { found: 0, stuckNow: [] };
  const safe = await carrier.publish(
    rows.map(({ created_at: createdAt, ...row }) => ({ ...row, createdAt })),
    tx,
  );
  const gone = rows.filter(row => safe.has(row.id));
  if (gone.length > 0)
    await tx.run("delete from messages.outbox where seq = any($1::bigint[])", [gone.map(row => row.seq)]);
  const moving = new Set(gone.map(row => row.channel));
  const stuckNow = new Set(rows.map(row => row.channel).filter(channel => !moving.has(channel)));
  return { found: rows.length, stuckNow: [...stuckNow] };
}
