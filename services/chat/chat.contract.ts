import Type, { type Static } from "typebox";
import { type ActionsOf, contract, fromHeader } from "../../broker/contract.ts";
import { ProgressEvent } from "../../mixins/progress/progress.schema.ts";
import {
  ChatDetail,
  ChatSummary,
  Citation,
  Count,
  FoundIntent,
  ImageUrl,
  Location,
  ReplyItem,
} from "./chat.schemas.ts";

const Id = Type.String({ format: "uuid" });
const Title = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" });
const Cursor = Type.String({ minLength: 1, maxLength: 200 });
const nullable = <S extends ReturnType<typeof Type.String>>(schema: S) => Type.Union([schema, Type.Null()]);

const turnMessage = { version: 1, message: Type.Object({ turn_id: Id }) };
const channels = {
  "chat.asked": { summary: "A message was accepted and is next in its chat; finding out is next", ...turnMessage },
  "chat.gathered": { summary: "All that the answer needs is found; writing it is next", ...turnMessage },
};

export const chat = contract("chat", {
  actions: {
    forget: {
      summary: "Forgets everything of a person who left",
      idempotent: true,
      params: Type.Object({ user_id: Id }),
      result: Type.Null(),
    },
    list: {
      summary: "The person's chats, the last used first",
      rest: "GET /chat",
      idempotent: true,
      params: Type.Object({
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
        cursor: Type.Optional(Cursor),
      }),
      result: Type.Object({ chats: Type.Array(ChatSummary), next_cursor: nullable(Type.String()) }),
      errors: ["INVALID_CURSOR_FORMAT"],
    },
    create: {
      summary: "Opens a chat",
      rest: "POST /chat",
      status: 201,
      params: Type.Object({ title: Type.Optional(nullable(Title)) }),
      result: Type.Object({ id: Id, title: nullable(Type.String()), created_at: Type.String({ format: "date-time" }) }),
    },
    read: {
      summary: "A chat with its newest messages, oldest of them first; the cursor leads to older ones",
      rest: "GET /chat/:chat_id",
      idempotent: true,
      params: Type.Object({
        chat_id: Id,
        limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        cursor: Type.Optional(Cursor),
      }),
      result: ChatDetail,
      errors: ["CHAT_NOT_FOUND", "INVALID_CURSOR_FORMAT"],
    },
    rename: {
      summary: "Gives a chat another title",
      rest: "PATCH /chat/:chat_id",
      status: 204,
      idempotent: true,
      params: Type.Object({ chat_id: Id, title: Title }),
      result: Type.Null(),
      errors: ["CHAT_NOT_FOUND"],
    },
    remove: {
      summary: "Deletes a chat",
      rest: "DELETE /chat/:chat_id",
      status: 204,
      params: Type.Object({ chat_id: Id }),
      result: Type.Null(),
      errors: ["CHAT_NOT_FOUND"],
    },
    ask: {
      summary: "Sends a message, with a picture if there is one; the answer comes as events",
      rest: "POST /chat/:chat_id/messages",
      limit: "work",
      timeoutMs: 35_000,
      params: Type.Object({
        chat_id: Id,
        message: Type.String({ maxLength: 4000 }),
        image_url: Type.Optional(nullable(ImageUrl)),
        user_location: Type.Optional(Type.Union([Location, Type.Null()])),
        model: Type.Optional(nullable(Type.String({ maxLength: 64 }))),
      }),
      result: Type.Object({ job_id: Id, stream_url: Type.String(), status: Type.Literal("submitted") }),
      errors: [
        "CHAT_NOT_FOUND",
        "MESSAGE_REQUIRED",
        "TOO_MANY_TURNS",
        "UNSUPPORTED_MODEL",
        "IMAGE_URL_REFUSED",
        "IMAGE_INVALID",
        "STORAGE_UNAVAILABLE",
      ],
    },
    input: {
      summary: "Tells a turn that is under way something more; `cancel` ends it",
      rest: "POST /chat/:job_id/input",
      params: Type.Object({
        job_id: Id,
        type: Type.String({ minLength: 1, maxLength: 40, description: "location, confirmation or cancel" }),
        data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      }),
      result: Type.Object({ status: Type.Literal("received"), job_id: Id }),
      errors: ["TURN_NOT_FOUND"],
    },
    events: {
      summary:
        "The answer as server-sent events, with replay after Last-Event-ID; without it, what is written so far at once",
      rest: "GET /chat/:job_id/events",
      also: { 204: "Last-Event-ID is the end: there is nothing more to come" },
      kind: "stream",
      idempotent: true,
      params: Type.Object({
        job_id: Id,
        last_event_id: Type.Optional(fromHeader("last-event-id", Type.String({ maxLength: 100 }))),
      }),
      result: Type.Object({ topic: Type.String(), events: Type.Array(ProgressEvent) }),
      errors: ["TURN_NOT_FOUND"],
    },
    say: {
      summary: "A message and its whole answer in one call, as the first API has it",
      rest: "POST /chat/messages",
      limit: "work",
      status: 201,
      timeoutMs: 70_000,
      params: Type.Object({
        session_id: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 200 }))),
        message: Type.String({ maxLength: 4000, description: "may be empty" }),
        temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2, description: "taken and not used" })),
        image_url: Type.Optional(nullable(ImageUrl)),
      }),
      result: Type.Object({
        session_id: Type.String(),
        user_answer: Type.String(),
        intent: Type.String(),
        items: Type.Array(ReplyItem),
        citations: Type.Array(Citation),
      }),
      errors: ["TOO_MANY_TURNS", "IMAGE_URL_REFUSED", "IMAGE_INVALID", "STORAGE_UNAVAILABLE"],
    },
    analytics: {
      summary: "For operators: turns by day, intent and class, and how they ended; no word of anybody",
      idempotent: true,
      params: Type.Object({ days: Type.Integer({ minimum: 1, maximum: 365, default: 30 }) }),
      result: Type.Object({
        turns: Type.Integer(),
        by_state: Type.Array(Count),
        by_intent: Type.Array(Count),
        by_class: Type.Array(Count),
        by_day: Type.Array(Count),
      }),
    },
  },
  channels,
  consumes: {
    "chat.asked": { of: channels["chat.asked"], concurrency: 8, timeoutMs: 60_000 },
    "chat.gathered": { of: channels["chat.gathered"], concurrency: 8, timeoutMs: 90_000 },
  },
});

export type IntentBody = Static<typeof FoundIntent>;

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof chat> {}
  interface Channels {
    "chat.asked": Static<typeof turnMessage.message>;
    "chat.gathered": Static<typeof turnMessage.message>;
  }
}
