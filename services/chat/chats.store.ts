import { fail } from "../../broker/errors.ts";
import type { Static } from "typebox";
import type { Tx } from "../../mixins/database/database.ts";
import type { Metadata } from "./chat.schemas.ts";

export interface ChatRow {
  id: string;
  title: string | null;
  preview: string | null;
  message_count: number;
  last_message_at: Date | null;
  created_at: Date;
}
export interface MessageRow {
  id: string;
  role: "user" | "assistant";
  content: string;
  image_url: string | null;
  intent: string | null;
  metadata: Static<typeof Metadata> | null;
  created_at: Date;
}

/** A place in a list: what is older than it comes next. */
export interface Cursor {
  at: Date;
  id: string;
}

const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/** Cursors are given out url-safe; a bare ISO time, as the last app may have kept, is one as well. Undefined: it is none. */
export function readCursor(text: string): Cursor | undefined {
  const [, ms, id] = /^(\d{1,14})_([0-9a-f-]{36})$/u.exec(Buffer.from(text, "base64url").toString("utf8")) ?? [];
  if (ms !== undefined && id !== undefined) return { at: new Date(Number(ms)), id };
  // A `+` of the time zone arrives as a blank where nobody encoded it.
  const iso = text.replace(" ", "+");
  const at = /^\d{4}-\d\d-\d\dT/u.test(iso) ? new Date(iso) : new Date(NaN);
  return Number.isNaN(at.getTime()) ? undefined : { at, id: FIRST_ID };
}
export const writeCursor = ({ at, id }: Cursor): string => Buffer.from(`${at.getTime()}_${id}`).toString("base64url");

const COLUMNS = "id, title, preview, message_count, last_message_at, created_at";

export async function openChat(db: Tx, id: string, userId: string, title: string | null): Promise<ChatRow> {
  const row = await db.one<ChatRow>(
    `insert into chat.chats (id, user_id, title) values ($1, $2, $3) returning ${COLUMNS}`,
    [id, userId, title],
  );
  if (!row) throw fail("INTERNAL", "a chat was opened and is not there");
  return row;
}

/** Opens the chat of a session of the first API unless it is there; a deleted one is opened again. */
export const openSession = (db: Tx, id: string, userId: string): Promise<number> =>
  db.run(
    `insert into chat.chats (id, user_id) values ($1, $2)
     on conflict (id) do update set deleted_at = null where chat.chats.user_id = $2`,
    [id, userId],
  );

/** The owner's view: a stranger's or a deleted chat does not exist. */
export const findOwnChat = (db: Tx, id: string, userId: string): Promise<ChatRow | undefined> =>
  db.one<ChatRow>(`select ${COLUMNS} from chat.chats where id = $1 and user_id = $2 and deleted_at is null`, [
    id,
    userId,
  ]);

/** The last used first, at most `limit`, from the cursor on. */
export const listChats = (db: Tx, userId: string, cursor: Cursor | undefined, limit: number): Promise<ChatRow[]> =>
  db.rows<ChatRow>(
    `select ${COLUMNS} from chat.chats
     where user_id = $1 and deleted_at is null
       and (coalesce(last_message_at, created_at), id) < ($2::timestamptz, $3::uuid)
     order by coalesce(last_message_at, created_at) desc, id desc limit $4`,
    [userId, cursor?.at ?? new Date(8.64e14), cursor?.id ?? LAST_ID, limit],
  );

export const renameChat = (db: Tx, id: string, userId: string, title: string): Promise<number> =>
  db.run("update chat.chats set title = $3 where id = $1 and user_id = $2 and deleted_at is null", [id, userId, title]);

export const removeChat = (db: Tx, id: string, userId: string): Promise<number> =>
  db.run("update chat.chats set deleted_at = now() where id = $1 and user_id = $2 and deleted_at is null", [
    id,
    userId,
  ]);

/** The newest messages from the cursor on, newest first. */
export const listMessages = (
  db: Tx,
  chatId: string,
  cursor: Cursor | undefined,
  limit: number,
): Promise<MessageRow[]> =>
  db.rows<MessageRow>(
    `select id, role, content, image_url, intent, metadata, created_at from chat.messages
     where chat_id = $1 and (created_at, id) < ($2::timestamptz, $3::uuid)
     order by created_at desc, id desc limit $4`,
    [chatId, cursor?.at ?? new Date(8.64e14), cursor?.id ?? LAST_ID, limit],
  );

/** What the person said last in a chat, oldest first. */
export async function listSaid(db: Tx, chatId: string, limit: number): Promise<string[]> {
  const rows = await db.rows<{ content: string }>(
    "select content from chat.messages where chat_id = $1 and role = 'user' order by created_at desc, id desc limit $2",
    [chatId, limit],
  );
  return rows.map(({ content }) => content).toReversed();
}

export interface Pair {
  chatId: string;
  user: Pick<MessageRow, "id" | "content" | "image_url">;
  assistant: Pick<MessageRow, "id" | "content" | "intent" | "metadata">;
  title: string;
  preview: string;
  at: Date;
}

/** Keeps a message and its answer; once, whatever is done twice. The message is a millisecond older, so that it stands first. */
export async function keepPair(tx: Tx, { chatId, user, assistant, title, preview, at }: Pair): Promise<void> {
  const kept = await tx.run(
    `insert into chat.messages (id, chat_id, role, content, image_url, intent, metadata, created_at)
     values ($1, $2, 'user', $3, $4, null, null, $5), ($6, $2, 'assistant', $7, null, $8, $9::jsonb, $10)
     on conflict (id) do nothing`,
    [
      ...[user.id, chatId, user.content, user.image_url, new Date(at.getTime() - 1)],
      ...[assistant.id, assistant.content, assistant.intent, JSON.stringify(assistant.metadata), at],
    ],
  );
  if (kept === 0) return;
  await tx.run(
    `update chat.chats set message_count = message_count + $2, preview = $3, last_message_at = $4, title = coalesce(title, $5)
     where id = $1`,
    [chatId, kept, preview, at, title],
  );
}

/** Forgets chats that were deleted, and those that nobody used for `days`; their messages and turns go with them. */
export const forgetChats = (db: Tx, days: number): Promise<number> =>
  db.run(
    `delete from chat.chats where deleted_at < now() - interval '1 day'
       or coalesce(last_message_at, created_at) < now() - make_interval(days => $1)`,
    [days],
  );
