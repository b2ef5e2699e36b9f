import { describe, expect, it } from "@jest/globals";
import { compareIds } from "../../mixins/progress/progress.ts";
import { readCursor, writeCursor } from "../../services/chat/chats.store.ts";
import { composeReply } from "../../mixins/assistant/compose-reply.ts";
import { makePreview, makeTitle } from "../../services/chat/make-title.ts";
import { sessionChatId } from "../../services/chat/session-chat-id.ts";
import { rebuildEvents, stageEvent, stagesOf, tokenEvent } from "../../services/chat/turn-events.ts";
import type { Turn } from "../../services/chat/turns.store.ts";
import { understand } from "../../mixins/assistant/understand.ts";
import { writtenOnDevice } from "../../services/chat/written.ts";

const findings = {
  understanding: understand("우유팩이랑 오늘 날씨", []),
  sighting: null,
  tools: [{ tool: "weather", available: false, reason: "not configured" }],
} as const;
const reply = writtenOnDevice(composeReply(findings));
const turn: Turn = {
  id: "11111111-1111-4111-8111-111111111111",
  chat_id: "22222222-2222-4222-8222-222222222222",
  user_id: "33333333-3333-4333-8333-333333333333",
  message: "우유팩이랑 오늘 날씨",
  image_key: null,
  image_url: null,
  location: null,
  model: null,
  user_message_id: "44444444-4444-4444-8444-444444444444",
  assistant_message_id: "55555555-5555-4555-8555-555555555555",
  state: "done",
  failed_in: null,
  findings,
  told: [],
  reply,
  created_at: new Date("2026-11-26T09:00:00.000Z"),
  gathered_at: new Date("2026-11-26T09:00:01.000Z"),
  finished_at: new Date("2026-11-26T09:00:02.000Z"),
};
const first = `${turn.created_at.getTime()}-0`;
const increasing = (ids: string[]) => ids.every((id, at) => at === 0 || compareIds(ids[at - 1] ?? "", id) < 0);

describe("events of a turn", () => {
  it("are in the app's order, with ids that only grow, `done` last", () => {
    const events = rebuildEvents(turn, first);
    expect(increasing(events.map(({ id }) => id))).toBe(true);
    expect([...new Set(events.map(({ event }) => event))]).toEqual([
      "queued",
      "intent",
      "waste_rag",
      "weather",
      "aggregator",
      "answer",
      "token",
      "done",
    ]);
  });

  it("have the ids under which they were told", () => {
    const ids = new Set(rebuildEvents(turn, first).map(({ id }) => id));
    const told = [
      ...stagesOf(findings).flatMap(stage => [
        stageEvent(turn, stage, "started", new Date()),
        stageEvent(turn, stage, "completed", new Date()),
      ]),
      ...reply.tokens.map((token, nth) => tokenEvent(turn, nth, token)),
    ];
    expect(told.filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(increasing(told.map(({ id }) => id))).toBe(true);
  });

  it("give who has seen none of it the text in one piece, which never says that it is the end", () => {
    const events = rebuildEvents(turn, undefined);
    const recovery = events.find(({ event }) => event === "token_recovery");
    expect(recovery?.data).toMatchObject({
      accumulated: reply.text,
      completed: false,
      last_seq: 1000 + reply.tokens.length,
    });
    expect(events.some(({ event }) => event === "token")).toBe(false);
    expect(increasing(events.map(({ id }) => id))).toBe(true);
  });

  it("take an id of another job for none", () => {
    expect(rebuildEvents(turn, "1-5").some(({ event }) => event === "token_recovery")).toBe(true);
    expect(rebuildEvents(turn, "'; drop").some(({ event }) => event === "token_recovery")).toBe(true);
  });

  it("end with message ids, times that fit, and what the answer is about", () => {
    const { data } = rebuildEvents(turn, first).at(-1) ?? { data: {} };
    expect(data).toMatchObject({
      status: "completed",
      result: {
        answer: reply.text,
        citations: reply.citations,
        items: reply.items,
        persistence: {
          conversation_id: turn.chat_id,
          user_message: turn.user_message_id,
          user_message_created_at: "2026-11-26T09:00:01.999Z",
          assistant_message: turn.assistant_message_id,
          assistant_message_created_at: "2026-11-26T09:00:02.000Z",
        },
      },
    });
  });

  it("are only what is certain while a turn goes on", () => {
    const under = {
      ...turn,
      state: "queued",
      findings: null,
      reply: null,
      gathered_at: null,
      finished_at: null,
    } as const;
    expect(rebuildEvents(under, undefined).map(({ event }) => event)).toEqual(["queued"]);
  });

  it("tell the whole text in their tokens", () => {
    expect(reply.tokens.join("")).toBe(reply.text);
    expect(reply.tokens.length).toBeGreaterThan(10);
  });
});

describe("what a chat is listed by", () => {
  it.each([
    ["이거 어떻게 버려요", [{ name: "우유팩", middle: "종이팩" }], "우유팩 버리기"],
    [
      "둘 다",
      [
        { name: "우유팩", middle: "종이팩" },
        { name: "건전지", middle: "전지" },
      ],
      "우유팩 외 1가지 버리기",
    ],
    ["안녕\n하세요", [], "안녕 하세요"],
    ["", [], "사진 질문"],
    ["우라늄", [{ name: "우라늄", middle: "미분류" }], "우라늄"],
  ])("%j is called %j", (message, items, title) => {
    expect(makeTitle(message, items)).toBe(title);
  });

  it("is cut between letters as people see them", () => {
    const family = "👨‍👩‍👧‍👦";
    expect(makeTitle(family.repeat(40), [])).toBe(`${family.repeat(29)}…`);
    expect(makePreview(`${"가".repeat(99)}${family}나`)).toBe(`${"가".repeat(99)}…`);
  });
});

describe("a cursor of the chats", () => {
  const cursor = { at: new Date("2026-11-26T09:00:00.123Z"), id: turn.id };
  it("is safe in an address and reads as it was written", () => {
    expect(writeCursor(cursor)).toMatch(/^[\w-]+$/);
    expect(readCursor(writeCursor(cursor))).toEqual(cursor);
  });
  it.each(["2026-11-26T09:00:00.123Z", "2026-11-26T18:00:00.123+09:00", "2026-11-26T18:00:00.123 09:00"])(
    "is also %s",
    iso => {
      expect(readCursor(iso)?.at).toEqual(cursor.at);
    },
  );
  it.each(["", "zzz", "2026", "2026-13-45T99:99", Buffer.from("1_x").toString("base64url"), "../../etc"])(
    "is not %j",
    text => {
      expect(readCursor(text)).toBeUndefined();
    },
  );
});

it("gives each person's session a chat of its own, always the same", () => {
  expect(sessionChatId("a", "s")).toBe(sessionChatId("a", "s"));
  expect(new Set([sessionChatId("a", "s"), sessionChatId("b", "s"), sessionChatId("a", "t")]).size).toBe(3);
});
