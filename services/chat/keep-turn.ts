import type { Channels } from "../../broker/contract.ts";
import type { Tx } from "../../mixins/database/database.ts";
import { keepPair } from "./chats.store.ts";
import { makePreview, makeTitle } from "./make-title.ts";
import { releaseNext, type Turn, type Written } from "./turns.store.ts";

interface Room {
  send(tx: Tx, channel: "chat.asked", message: Channels["chat.asked"], requestId?: string): Promise<void>;
}

/** Keeps a turn's two messages and lets the next turn of its chat begin; in the transaction that ends the turn. */
export async function keepTurn(
  room: Room,
  tx: Tx,
  turn: Turn,
  { reply, at, requestId }: { reply: Written; at: Date; requestId?: string | undefined },
): Promise<void> {
  const { intents, items, citations, engine, knowledge, text, intent } = reply;
  await keepPair(tx, {
    chatId: turn.chat_id,
    user: { id: turn.user_message_id, content: turn.message, image_url: turn.image_url },
    assistant: {
      id: turn.assistant_message_id,
      content: text,
      intent,
      metadata: { intents: [...intents], items: [...items], citations: [...citations], engine, knowledge },
    },
    title: makeTitle(turn.message, items),
    preview: makePreview(text),
    at,
  });
  const next = await releaseNext(tx, turn.chat_id);
  if (next !== undefined) await room.send(tx, "chat.asked", { turn_id: next }, requestId);
}
