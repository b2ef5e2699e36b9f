import { fail } from "../../broker/errors.ts";
import type { Tx } from "../../mixins/database/database.ts";
import { type ChatRow, listChats, listMessages, readCursor, writeCursor } from "./chats.store.ts";

interface Page {
  limit: number;
  cursor?: string | undefined;
}

/** A page of a person's chats, the last used first. @throws INVALID_CURSOR_FORMAT */
export async function pageChats(db: Tx, userId: string, { limit, cursor }: Page) {
  const found = await listChats(db, userId, cursorOf(cursor), limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    chats: page.map(row => ({
      ...row,
      last_message_at: row.last_message_at?.toISOString() ?? null,
      created_at: row.created_at.toISOString(),
    })),
    next_cursor:
      found.length > limit && last ? writeCursor({ at: last.last_message_at ?? last.created_at, id: last.id }) : null,
  };
}

/** A chat with a page of its messages: the newest, oldest of them first. @throws INVALID_CURSOR_FORMAT */
export async function pageMessages(db: Tx, { id, title, created_at: createdAt }: ChatRow, { limit, cursor }: Page) {
  const found = await listMessages(db, id, cursorOf(cursor), limit + 1);
  const page = found.slice(0, limit);
  const oldest = page.at(-1);
  const hasMore = found.length > limit;
  return {
    id,
    title,
    messages: page.toReversed().map(row => ({ ...row, created_at: row.created_at.toISOString() })),
    has_more: hasMore,
    next_cursor: hasMore && oldest ? writeCursor({ at: oldest.created_at, id: oldest.id }) : null,
    created_at: createdAt.toISOString(),
  };
}

function cursorOf(given: string | undefined) {
  const cursor = given === undefined ? undefined : readCursor(given);
  if (given !== undefined && cursor === undefined) throw fail("INVALID_CURSOR_FORMAT");
  return cursor;
}
