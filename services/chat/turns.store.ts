import { fail } from "../../broker/errors.ts";
import type { Tx } from "../../mixins/database/database.ts";
import type { Findings } from "../../mixins/assistant/compose-reply.ts";
import type { Reply } from "../../mixins/assistant/reply.types.ts";

export type Stage = "gather" | "answer";
export type TurnState = "waiting" | "queued" | "gathered" | "done" | "failed" | "cancelled";

/** What of a place a tool may know: degrees. */
export interface Place {
  latitude: number;
  longitude: number;
}

/** A whole answer as it was written, in the pieces in which it was told. */
export interface Written extends Reply {
  readonly tokens: readonly string[];
  /** `on-device` or the model's name. */
  readonly engine: string;
  readonly knowledge: string;
}

export interface Turn {
  id: string;
  chat_id: string;
  user_id: string;
  message: string;
  image_key: string | null;
  image_url: string | null;
  location: Place | null;
  model: string | null;
  user_message_id: string;
  assistant_message_id: string;
  state: TurnState;
  failed_in: TurnState | null;
  findings: Findings | null;
  /** Pieces of the answer that were told while it is being written. */
  told: readonly string[];
  reply: Written | null;
  created_at: Date;
  gathered_at: Date | null;
  finished_at: Date | null;
}

const COLUMNS = `id, chat_id, user_id, message, image_key, image_url, location, model, user_message_id, assistant_message_id,
  state, failed_in, findings, told, reply, created_at, gathered_at, finished_at`;
const UNFINISHED = "('waiting', 'queued', 'gathered')";

export type NewTurn = Pick<
  Turn,
  | "id"
  | "chat_id"
  | "user_id"
  | "message"
  | "image_key"
  | "image_url"
  | "location"
  | "model"
  | "user_message_id"
  | "assistant_message_id"
>;

/** Turns of this person that are not over, in all chats. */
export const countUnfinished = async (db: Tx, userId: string): Promise<number> =>
  (
    await db.one<{ turns: number }>(
      `select count(*)::int as turns from chat.turns where user_id = $1 and state in ${UNFINISHED}`,
      [userId],
    )
  )?.turns ?? 0;

/** Opens a turn; needs a transaction. It waits where an earlier one of its chat is not over. */
export async function openTurn(tx: Tx, turn: NewTurn): Promise<Turn> {
  await tx.one("select id from chat.chats where id = $1 for update", [turn.chat_id]);
  const opened = await tx.one<Turn>(
    `insert into chat.turns (id, chat_id, user_id, message, image_key, image_url, location, model, user_message_id,
       assistant_message_id, state)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10,
       case when exists (select from chat.turns where chat_id = $2 and state in ${UNFINISHED}) then 'waiting' else 'queued' end)
     returning ${COLUMNS}`,
    [
      ...[turn.id, turn.chat_id, turn.user_id, turn.message, turn.image_key, turn.image_url],
      ...[turn.location === null ? null : JSON.stringify(turn.location), turn.model],
      ...[turn.user_message_id, turn.assistant_message_id],
    ],
  );
  if (!opened) throw fail("INTERNAL", "a turn was opened and is not there");
  return opened;
}

export const findTurn = (db: Tx, id: string): Promise<Turn | undefined> =>
  db.one<Turn>(`select ${COLUMNS} from chat.turns where id = $1`, [id]);

/** The owner's view: a stranger's turn does not exist. */
export const findOwnTurn = (db: Tx, id: string, userId: string): Promise<Turn | undefined> =>
  db.one<Turn>(`select ${COLUMNS} from chat.turns where id = $1 and user_id = $2`, [id, userId]);

const FROM: Record<Stage, TurnState> = { gather: "queued", answer: "gathered" };

/** A turn waits for a stage when it is in the state before it, or failed exactly there. */
export const waitsFor = (turn: Turn, stage: Stage): boolean =>
  turn.state === FROM[stage] || (turn.state === "failed" && turn.failed_in === FROM[stage]);

const IS_AT = "(state = $2 or (state = 'failed' and failed_in = $2))";

/** @returns false when another delivery was first, or the turn was cancelled */
export const keepFindings = async (tx: Tx, id: string, findings: Findings): Promise<boolean> =>
  (await tx.run(
    `update chat.turns set state = 'gathered', gathered_at = now(), findings = $3::jsonb, failed_in = null, failure = null
     where id = $1 and ${IS_AT}`,
    [id, FROM.gather, JSON.stringify(findings)],
  )) === 1;

/** Keeps pieces of the answer before they are told. @returns false when the turn is over, as after a cancel */
export const keepTold = async (db: Tx, id: string, told: readonly string[]): Promise<boolean> =>
  (await db.run(`update chat.turns set told = $3::jsonb where id = $1 and ${IS_AT}`, [
    id,
    FROM.answer,
    JSON.stringify(told),
  ])) === 1;

/** @returns the time at which the turn ended; undefined when another delivery was first, or the turn was cancelled */
export async function keepReply(tx: Tx, id: string, reply: Written): Promise<Date | undefined> {
  const ended = await tx.one<{ finished_at: Date }>(
    `update chat.turns set state = 'done', finished_at = now(), reply = $3::jsonb, failed_in = null, failure = null
     where id = $1 and ${IS_AT} returning finished_at`,
    [id, FROM.answer, JSON.stringify(reply)],
  );
  return ended?.finished_at;
}

/** The turn, held still until the transaction ends: nothing more of it is told meanwhile. */
export const holdTurn = (tx: Tx, id: string): Promise<Turn | undefined> =>
  tx.one<Turn>(`select ${COLUMNS} from chat.turns where id = $1 for update`, [id]);

/** Ends a turn otherwise than by its answer. @returns the turn as it was, with its end; undefined when it is over already */
export const endTurn = (
  tx: Tx,
  id: string,
  state: "failed" | "cancelled",
  reply: Written,
  failure: string | null,
): Promise<Turn | undefined> =>
  tx.one<Turn>(
    `update chat.turns set failed_in = case when $2 = 'failed' then state end, state = $2, finished_at = now(),
       reply = $3::jsonb, failure = $4
     where id = $1 and state in ${UNFINISHED} returning ${COLUMNS}`,
    [id, state, JSON.stringify(reply), failure],
  );

/** Lets the next turn of a chat begin, if one waits and none is under way; needs a transaction. @returns its id */
export async function releaseNext(tx: Tx, chatId: string): Promise<string | undefined> {
  await tx.one("select id from chat.chats where id = $1 for update", [chatId]);
  const next = await tx.one<{ id: string }>(
    `update chat.turns set state = 'queued' where id = (
       select id from chat.turns where chat_id = $1 and state = 'waiting'
         and not exists (select from chat.turns where chat_id = $1 and state in ('queued', 'gathered'))
       order by place limit 1)
     returning id`,
    [chatId],
  );
  return next?.id;
}

/** Turns that nothing has moved for long, with the stage each waits for; the oldest hundred. */
export async function findStuck(db: Tx, afterMin: number): Promise<{ id: string; stage: Stage }[]> {
  const rows = await db.rows<{ id: string; state: TurnState }>(
    `select id, state from chat.turns where state in ('queued', 'gathered')
       and greatest(created_at, gathered_at) < now() - make_interval(mins => $1) order by created_at limit 100`,
    [afterMin],
  );
  return rows.map(({ id, state }) => ({ id, stage: state === "gathered" ? "answer" : "gather" }));
}

/** Turns that wait for a stage, oldest first: their messages were lost with a queue. */
export const listWaitingFor = async (db: Tx, stage: Stage, limit: number): Promise<string[]> =>
  (
    await db.rows<{ id: string }>("select id from chat.turns where state = $1 order by place limit $2", [
      FROM[stage],
      limit,
    ])
  ).map(({ id }) => id);

export interface CountRow {
  name: string;
  turns: number;
}

/** Turns of the last days counted by what `by` selects of each. */
export const countTurns = (db: Tx, days: number, by: "state" | "intent" | "class" | "day"): Promise<CountRow[]> => {
  const name = {
    state: "state",
    intent: "coalesce(reply->>'intent', 'none')",
    class: "coalesce(reply->'items'->0->>'middle', 'none')",
    day: "to_char(created_at at time zone 'Asia/Seoul', 'YYYY-MM-DD')",
  }[by];
  return db.rows<CountRow>(
    `select ${name} as name, count(*)::int as turns from chat.turns where created_at > now() - make_interval(days => $1)
     group by 1 order by ${by === "day" ? "1" : "2 desc, 1"} limit 400`,
    [days],
  );
};
