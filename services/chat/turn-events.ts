import { compareIds, type ProgressEvent } from "../../mixins/progress/progress.ts";
import type { Findings } from "../../mixins/assistant/compose-reply.ts";
import type { Turn } from "./turns.store.ts";

/** The stages that the app knows, in its order; `seq` is ten times the place, one more where it is completed. */
const ORDER: Record<string, number> = {
  queued: 0,
  intent: 1,
  vision: 2,
  waste_rag: 3,
  character: 4,
  location: 5,
  bulk_waste: 7,
  weather: 8,
  recyclable_price: 9,
  collection_point: 10,
  web_search: 11,
  image_generation: 12,
  general: 13,
  aggregator: 14,
  answer: 16,
  done: 18,
};
const PROGRESS: Record<string, readonly [number, number]> = {
  queued: [0, 0],
  intent: [5, 15],
  vision: [15, 20],
  aggregator: [55, 65],
  answer: [75, 90],
  done: [100, 100],
};
/** Between vision and the aggregator. */
const OF_TOOLS = [20, 55] as const;

/** Ids of tokens begin here, as the app counts them; the end of the answer and of the turn come after any of them. */
const FIRST_TOKEN = 1001;
const ANSWERED = 9_000_000;
const DONE = 9_000_001;

/** The name of a turn's progress log. */
export const topicOf = (turnId: string): string => `chat:${turnId}`;

function eventOf(
  turn: Turn,
  event: string,
  place: number,
  seq: number,
  at: Date,
  rest: Record<string, unknown>,
): ProgressEvent {
  return {
    id: `${turn.created_at.getTime()}-${place}`,
    event,
    data: { job_id: turn.id, stage: event, seq, ts: (at.getTime() / 1000).toFixed(3), ...rest },
  };
}

/** A stage's beginning or end. @param event one of the stages that the app knows */
export function stageEvent(turn: Turn, event: string, status: "started" | "completed", at: Date): ProgressEvent {
  const isOver = status === "completed";
  const seq = (ORDER[event] ?? 0) * 10 + (isOver ? 1 : 0);
  const [from, to] = PROGRESS[event] ?? OF_TOOLS;
  const place = event === "answer" && isOver ? ANSWERED : seq;
  return eventOf(turn, event, place, seq, at, { status, progress: isOver ? to : from });
}

export const queuedEvent = (turn: Turn): ProgressEvent => stageEvent(turn, "queued", "started", turn.created_at);

/** A piece of the answer; the `nth` from 0. */
export function tokenEvent(turn: Turn, nth: number, content: string): ProgressEvent {
  const seq = FIRST_TOKEN + nth;
  return eventOf(turn, "token", seq, seq, new Date(), { status: "streaming", content, node: "answer" });
}

/** What is written so far, for who comes without having seen any of it. Never `completed`: the app would close before the end. */
function recoveryEvent(turn: Turn, tokens: readonly string[]): ProgressEvent {
  const seq = FIRST_TOKEN + tokens.length - 1;
  const snapshot = { status: "snapshot", accumulated: tokens.join(""), last_seq: seq, completed: false };
  return eventOf(turn, "token_recovery", seq, seq, new Date(), snapshot);
}

/** The stages that findings prove, in the order in which they are told. */
export const stagesOf = ({ understanding, sighting, tools }: Findings): string[] => [
  "intent",
  ...(sighting === null ? [] : ["vision"]),
  ...[
    ...new Set([
      ...(understanding.things.length > 0 || sighting !== null ? ["waste_rag"] : []),
      ...tools.map(({ tool }) => (tool === "news" ? "web_search" : tool)),
      ...(understanding.intents.some(({ intent }) => intent === "general") ? ["general"] : []),
    ]),
  ].sort((a, b) => (ORDER[a] ?? 0) - (ORDER[b] ?? 0)),
  "aggregator",
];

/** The last event; a turn that failed or was cancelled ends `completed` as well, with what was said instead. */
export function doneEvent(turn: Turn): ProgressEvent {
  const { reply, finished_at: finishedAt } = turn;
  const at = finishedAt ?? new Date();
  const result = {
    intent: reply?.intent ?? "general",
    intents: reply?.intents ?? [],
    answer: reply?.text ?? "",
    items: reply?.items ?? [],
    citations: reply?.citations ?? [],
    eval: null,
    persistence: {
      conversation_id: turn.chat_id,
      user_id: turn.user_id,
      user_message: turn.user_message_id,
      user_message_created_at: new Date(at.getTime() - 1).toISOString(),
      ...(turn.image_url === null ? {} : { user_image_url: turn.image_url }),
      assistant_message: turn.assistant_message_id,
      assistant_message_created_at: at.toISOString(),
      intent: reply?.intent ?? "general",
    },
  };
  return eventOf(turn, "done", DONE, (ORDER["done"] ?? 0) * 10 + 1, at, { status: "completed", progress: 100, result });
}

/**
 * Every event of a turn that its row proves, in order. Who comes back with the id of an event gets each token after it; who comes
 * without gets the text so far in one piece.
 */
export function rebuildEvents(turn: Turn, lastEventId: string | undefined): ProgressEvent[] {
  const events = [queuedEvent(turn)];
  const gathered = turn.gathered_at ?? turn.finished_at;
  if (turn.findings !== null && gathered !== null)
    for (const stage of stagesOf(turn.findings))
      events.push(stageEvent(turn, stage, "started", gathered), stageEvent(turn, stage, "completed", gathered));
  const isOver = turn.finished_at !== null && turn.reply !== null;
  const tokens = isOver ? (turn.reply?.tokens ?? []) : turn.told;
  if (!isOver && tokens.length === 0) return events;
  const tokenEvents = tokens.map((content, nth) => tokenEvent(turn, nth, content));
  const seen = lastEventId !== undefined && isOf(turn, lastEventId);
  events.push(stageEvent(turn, "answer", "started", turn.finished_at ?? new Date()));
  if (seen) events.push(...tokenEvents);
  else if (tokens.length > 0) events.push(recoveryEvent(turn, tokens));
  if (turn.finished_at !== null && isOver)
    events.push(stageEvent(turn, "answer", "completed", turn.finished_at), doneEvent(turn));
  return events;
}

const isOf = (turn: Turn, id: string): boolean =>
  /^\d{1,15}-\d{1,15}$/u.test(id) && compareIds(id, `${turn.created_at.getTime()}-0`) >= 0;
