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
  return wakeLoop(async () => {
    try {
      const { found, left } = await db.transaction(tx => moveBatch(tx, carrier));
      if (left > 0) logger.error({ left }, "messages without a queue stay in the outbox");
      return found === BATCH && left === 0 ? 0 : LOOK_AGAIN_MS;
    } catch (cause) {
      logger.error({ err: cause }, "outbox cannot be emptied");
      return LOOK_AGAIN_MS;
    }
  });
}

async function moveBatch(tx: Tx, carrier: Carrier): Promise<{ found: number; left: number }> {
  const rows = await tx.rows<Row>(
    `select seq, id, channel, version, message, headers, created_at from messages.outbox
     order by seq limit ${BATCH} for update skip locked`,
  );
  if (rows.length === 0) return { found: 0, left: 0 };
  const safe = await carrier.publish(
    rows.map(({ created_at: createdAt, ...row }) => ({ ...row, createdAt })),
    tx,
  );
  const gone = rows.filter(row => safe.has(row.id)).map(row => row.seq);
  await tx.run("delete from messages.outbox where seq = any($1::bigint[])", [gone]);
  return { found: rows.length, left: rows.length - gone.length };
}
