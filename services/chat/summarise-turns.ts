import type { Tx } from "../../mixins/database/database.ts";
import { countTurns } from "./turns.store.ts";

/** Turns of the last days by how they ended, intent, class and day. */
export async function summariseTurns(db: Tx, days: number) {
  const [byState, byIntent, byClass, byDay] = await Promise.all([
    countTurns(db, days, "state"),
    countTurns(db, days, "intent"),
    countTurns(db, days, "class"),
    countTurns(db, days, "day"),
  ]);
  const turns = byState.reduce((sum, each) => sum + each.turns, 0);
  return { turns, by_state: byState, by_intent: byIntent, by_class: byClass, by_day: byDay };
}
