import { randomUUID } from "node:crypto";
import { env } from "../../broker/env.ts";
import { codeOf, fail, familyOf } from "../../broker/errors.ts";
import { type Ctx, type Delivery, service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import type { Tx } from "../../mixins/database/database.ts";
import { engines } from "../../mixins/engine/engines.mixin.ts";
import { assertOffered } from "../../mixins/model/offered-models.ts";
import { objects } from "../../mixins/objects/objects.mixin.ts";
import { outbox } from "../../mixins/outbox/outbox.mixin.ts";
import { awaitEnd } from "../../mixins/progress/await-end.ts";
import { progress } from "../../mixins/progress/house-progress.ts";
import type { ProgressEvent } from "../../mixins/progress/progress.ts";
import { schedule } from "../../mixins/schedule.mixin.ts";
import { chat } from "./chat.contract.ts";
import { findOwnChat, forgetChats, openChat, openSession, removeChat, renameChat } from "./chats.store.ts";
import { forgetPerson } from "./forget-person.ts";
import { gather } from "./gather.ts";
import { keepTurn } from "./keep-turn.ts";
import { modelFor } from "./model-for.ts";
import { pageChats, pageMessages } from "./page-chats.ts";
import { composeReply } from "../../mixins/assistant/compose-reply.ts";
import { resendTurns } from "./resend-turns.ts";
import { summariseTurns } from "./summarise-turns.ts";
import { sessionChatId } from "./session-chat-id.ts";
import { STAGE } from "./stages.ts";
import { doneEvent, queuedEvent, rebuildEvents, stageEvent, tokenEvent, topicOf } from "./turn-events.ts";
import {
  countUnfinished,
  endTurn,
  findOwnTurn,
  findStuck,
  findTurn,
  holdTurn,
  keepFindings,
  keepReply,
  keepTold,
  openTurn,
  type Place,
  type Stage,
  type Turn,
  waitsFor,
} from "./turns.store.ts";
import { writeReply } from "./write-reply.ts";
import { noAnswer, stopped } from "./written.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** How long `/chat/messages` waits; the turn goes on afterwards, only nobody holds the line. */
const SAY_WAIT_MS = 60_000;
/** Turns of one person that may be under way or wait. */
const MOST_TURNS = 8;
/** Longer than the whole ladder with every try timing out. */
const STUCK_AFTER_MIN = 30;

interface Question {
  chatId: string;
  message: string;
  imageUrl: string | null;
  location: Place | null;
  model: string | null;
}

export default service(chat)({
  mixins: [database("chat", { tables: ["chats", "messages", "turns"] }), engines(), objects(), schedule(), outbox()],
  dependencies: ["images", "character"],

  methods: {
    /** @throws CHAT_NOT_FOUND */
    async ownChat(id: string, userId: string) {
      const found = await findOwnChat(this.db(), id, userId);
      if (!found) throw fail("CHAT_NOT_FOUND");
      return found;
    },

    /** @throws TURN_NOT_FOUND */
    async ownTurn(id: string, userId: string): Promise<Turn> {
      const turn = await findOwnTurn(this.db(), id, userId);
      if (!turn) throw fail("TURN_NOT_FOUND");
      return turn;
    },

    /** Accepts a message: the turn and its first message are one transaction. */
    async open(
      ctx: Ctx<unknown, { userId: string }>,
      { chatId, message, imageUrl, location, model }: Question,
      prepare: (tx: Tx) => Promise<unknown> = async () => undefined,
    ): Promise<Turn> {
      const { userId } = ctx.user;
      const image = imageUrl === null ? null : await ctx.call("images.claim", { image_url: imageUrl, user_id: userId });
      const turn = await this.transaction(async (tx: Tx) => {
        if ((await countUnfinished(tx, userId)) >= MOST_TURNS) throw fail("TOO_MANY_TURNS");
        await prepare(tx);
        const opened = await openTurn(tx, {
          id: randomUUID(),
          chat_id: chatId,
          user_id: userId,
          message,
          image_key: image?.key ?? null,
          image_url: imageUrl,
          location,
          model,
          user_message_id: randomUUID(),
          assistant_message_id: randomUUID(),
        });
        if (opened.state === "queued") await this.send(tx, "chat.asked", { turn_id: opened.id }, ctx.requestID);
        return opened;
      });
      await progress.append(topicOf(turn.id), queuedEvent(turn));
      return turn;
    },

    /** Tells an event while the turn goes on; it names the last one that the row proves. */
    async tell(turn: Turn, event: ProgressEvent): Promise<void> {
      const after = rebuildEvents(turn, undefined).at(-1)?.id;
      await progress.append(topicOf(turn.id), after === undefined ? event : { ...event, after });
    },

    /** Runs one stage of a turn. A repeated delivery finds the turn moved on and does nothing but tell the end again. */
    async stage(id: string, stage: Stage, delivery: Delivery, work: (turn: Turn) => Promise<void>): Promise<void> {
      const turn = await findTurn(this.db(), id);
      if (!turn || !waitsFor(turn, stage)) return this.tellEnd(turn);
      try {
        await work(turn);
      } catch (cause) {
        if (delivery.lastAttempt || familyOf(cause) === "caller") await this.end(id, "failed", noAnswer, codeOf(cause));
        throw cause;
      }
    },

    /** Ends a turn otherwise than by its answer. One that is over stays as it is. */
    async end(id: string, state: "failed" | "cancelled", say: typeof noAnswer, failure: string | null): Promise<void> {
      const ended = await this.transaction(async (tx: Tx) => {
        const held = await holdTurn(tx, id);
        const reply = held && say(held);
        const turn = reply && (await endTurn(tx, id, state, reply, failure));
        if (turn) await keepTurn(this, tx, turn, { reply, at: turn.finished_at ?? new Date() });
        return turn;
      });
      await this.tellEnd(ended);
    },

    async tellEnd(turn: Turn | undefined): Promise<void> {
      if (turn?.finished_at == null) return;
      await this.tell(turn, stageEvent(turn, "answer", "completed", turn.finished_at));
      await progress.append(topicOf(turn.id), doneEvent(turn));
    },

    /** Whatever became of its message, a person is not left waiting for ever, nor what they asked next. */
    async endStuck(): Promise<void> {
      const stuck = await findStuck(this.db(), STUCK_AFTER_MIN);
      for (const { id } of stuck) await this.end(id, "failed", noAnswer, "INTERNAL");
    },
  },

  actions: {
    async forget(ctx) {
      await forgetPerson(this.db(), ctx.params.user_id);
      return null;
    },

    async list(ctx) {
      return pageChats(this.db(), ctx.user.userId, ctx.params);
    },

    async create(ctx) {
      const opened = await openChat(this.db(), randomUUID(), ctx.user.userId, ctx.params.title ?? null);
      return { id: opened.id, title: opened.title, created_at: opened.created_at.toISOString() };
    },

    async read(ctx) {
      const found = await this.ownChat(ctx.params.chat_id, ctx.user.userId);
      return pageMessages(this.db(), found, ctx.params);
    },

    async rename(ctx) {
      const { chat_id: id, title } = ctx.params;
      if ((await renameChat(this.db(), id, ctx.user.userId, title.trim())) === 0) throw fail("CHAT_NOT_FOUND");
      return null;
    },

    async remove(ctx) {
      if ((await removeChat(this.db(), ctx.params.chat_id, ctx.user.userId)) === 0) throw fail("CHAT_NOT_FOUND");
      return null;
    },

    async ask(ctx) {
      const {
        chat_id: chatId,
        message,
        image_url: imageUrl = null,
        user_location: location = null,
        model = null,
      } = ctx.params;
      assertOffered(model);
      if (message.trim() === "" && imageUrl === null) throw fail("MESSAGE_REQUIRED");
      await this.ownChat(chatId, ctx.user.userId);
      const turn = await this.open(ctx, { chatId, message, imageUrl, location, model });
      return { job_id: turn.id, stream_url: `/api/v1/chat/${turn.id}/events`, status: "submitted" as const };
    },

    async input(ctx) {
      const turn = await this.ownTurn(ctx.params.job_id, ctx.user.userId);
      if (ctx.params.type === "cancel") await this.end(turn.id, "cancelled", stopped, null);
      return { status: "received" as const, job_id: turn.id };
    },

    async events(ctx) {
      const turn = await this.ownTurn(ctx.params.job_id, ctx.user.userId);
      return { topic: topicOf(turn.id), events: rebuildEvents(turn, ctx.params.last_event_id) };
    },

    async say(ctx) {
      const { message, image_url: imageUrl = null, session_id: given } = ctx.params;
      const { userId } = ctx.user;
      const sessionId = given ?? randomUUID();
      const chatId = sessionChatId(userId, sessionId);
      const question = { chatId, message, imageUrl, location: null, model: null };
      const { id } = await this.open(ctx, question, tx => openSession(tx, chatId, userId));
      await awaitEnd(topicOf(id), async () => (await this.ownTurn(id, userId)).finished_at !== null, SAY_WAIT_MS);
      const turn = await this.ownTurn(id, userId);
      const { text, intent, items, citations } = turn.reply ?? noAnswer(turn);
      return { session_id: sessionId, user_answer: text, intent, items: [...items], citations: [...citations] };
    },

    async analytics(ctx) {
      return summariseTurns(this.db(), ctx.params.days);
    },
  },

  channels: {
    async "chat.asked"({ turn_id: id }, delivery) {
      await this.stage(id, "gather", delivery, async turn => {
        const findings = await gather(turn, delivery, {
          db: this.db(),
          engine: this.engineFor(delivery.attempt),
          readImage: key => this.readObject(key, delivery.signal),
          tell: event => this.tell(turn, event),
          logger: this.logger,
        });
        await this.transaction(async (tx: Tx) => {
          if (await keepFindings(tx, id, findings))
            await this.send(tx, "chat.gathered", { turn_id: id }, delivery.requestId);
        });
      });
    },

    async "chat.gathered"({ turn_id: id }, delivery) {
      await this.stage(id, "answer", delivery, async turn => {
        if (turn.findings === null) throw fail("INTERNAL", "the answer began without its findings");
        await this.tell(turn, stageEvent(turn, "answer", "started", new Date()));
        const reply = await writeReply(turn, composeReply(turn.findings), {
          client: modelFor(delivery.attempt, this.logger),
          keep: told => keepTold(this.db(), id, told),
          tell: (nth, content) => this.tell(turn, tokenEvent(turn, nth, content)),
          signal: delivery.signal,
          logger: this.logger,
        });
        if (reply === undefined) return;
        await this.transaction(async (tx: Tx) => {
          const at = await keepReply(tx, id, reply);
          if (at !== undefined) await keepTurn(this, tx, turn, { reply, at, requestId: delivery.requestId });
        });
        await this.tellEnd(await findTurn(this.db(), id));
      });
    },
  },

  async messageBuried(_channel, { turn_id: id }) {
    await this.end(id, "failed", noAnswer, "INTERNAL");
  },

  async queueLost(channel) {
    const sent = await resendTurns(this, STAGE[channel]);
    if (sent > 0) this.logger.warn({ channel, turns: sent }, "turns are sent again: their queue was lost");
  },

  async started() {
    this.every(DAY_MS, "forget old chats", () => forgetChats(this.db(), env.CHAT_TTL_DAYS));
    this.every(MINUTE_MS, "end stuck turns", () => this.endStuck());
  },
});
