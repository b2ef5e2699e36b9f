import type { Tx } from "../../mixins/database/database.ts";
import { CHANNEL } from "./stages.ts";
import { listWaitingFor, type Stage } from "./turns.store.ts";

const MOST_AT_ONCE = 500;

interface Room {
  db(): Tx;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  send(tx: Tx, channel: (typeof CHANNEL)[Stage], message: { turn_id: string }): Promise<void>;
}

/** Sends the message once more for the turns that wait for a stage: a stage that is done twice does nothing the second time. @returns how many */
export async function resendTurns(room: Room, stage: Stage): Promise<number> {
  const ids = await listWaitingFor(room.db(), stage, MOST_AT_ONCE);
  for (const id of ids) await room.transaction(tx => room.send(tx, CHANNEL[stage], { turn_id: id }));
  return ids.length;
}
