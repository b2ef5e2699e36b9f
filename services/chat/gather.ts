import type { Delivery } from "../../broker/service.ts";
import type { Findings } from "../../mixins/assistant/compose-reply.ts";
import { pointsAt, understand } from "../../mixins/assistant/understand.ts";
import type { Database } from "../../mixins/database/database.ts";
import type { Engine } from "../../mixins/engine/engine.ts";
import type { ProgressEvent } from "../../mixins/progress/progress.ts";
import { listSaid } from "./chats.store.ts";
import { stageEvent, stagesOf } from "./turn-events.ts";
import type { Turn } from "./turns.store.ts";
import { useTools } from "./use-tools.ts";

/** What the person said before that a message may go on from. */
const REMEMBERED = 6;

interface Room {
  db: Database;
  engine: Engine;
  readImage: (key: string) => Promise<Buffer>;
  tell: (event: ProgressEvent) => Promise<void>;
  logger: { warn(data: object, text: string): void };
}

/** Finds out all that the answer to a turn is written from: what is asked, what the picture shows, what other rooms know. */
export async function gather(turn: Turn, delivery: Delivery, room: Room): Promise<Findings> {
  const tell = (stage: string, status: "started" | "completed") =>
    room.tell(stageEvent(turn, stage, status, new Date()));
  await tell("intent", "started");
  const understanding = understand(turn.message, await listSaid(room.db, turn.chat_id, REMEMBERED));
  await tell("intent", "completed");
  if (turn.image_key !== null) await tell("vision", "started");
  const [sighting, tools] = await Promise.all([
    look(turn, understanding.text, delivery, room),
    useTools(understanding, turn, delivery, room.logger),
  ]);
  const findings = { understanding, sighting, tools };
  for (const stage of stagesOf(findings).slice(1)) {
    if (stage !== "vision") await tell(stage, "started");
    await tell(stage, "completed");
  }
  return findings;
}

/** What the picture shows, if there is one. */
async function look(turn: Turn, question: string, delivery: Delivery, room: Room): Promise<Findings["sighting"]> {
  if (turn.image_key === null) return null;
  return room.engine.see({
    image: await room.readImage(turn.image_key),
    // Of a thing that is only pointed at, the words tell no class.
    question: pointsAt(turn.message) ? "" : question,
    model: turn.model,
    signal: delivery.signal,
  });
}
