import type { Tx } from "../../mixins/database/database.ts";
import { type Stage, takeToResend } from "./scan.store.ts";
import { CHANNEL } from "./stages.ts";

/** Scans of one transaction. */
const BATCH = 500;

interface Room {
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  send(tx: Tx, channel: (typeof CHANNEL)[Stage], message: { scan_id: string }): Promise<void>;
}

/** Sends the message once more for every scan that waits for a stage: its queue was lost, and the row knows what was in it. @returns how many */
export async function resendScans(room: Room, stage: Stage): Promise<number> {
  for (let sent = 0; ;) {
    const taken = await room.transaction(async tx => {
      const ids = await takeToResend(tx, stage, BATCH);
      for (const id of ids) await room.send(tx, CHANNEL[stage], { scan_id: id });
      return ids.length;
    });
    sent += taken;
    if (taken < BATCH) return sent;
  }
}
