import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { bodyOf, type Client, clientOf, type StreamEvent } from "../../scripts/client.ts";
import { type House, startHouse } from "../house.ts";

interface Message {
  id: string;
  role: string;
  content: string;
  image_url: string | null;
  created_at: string;
}
interface Done {
  intent: string;
  answer: string;
  items: { name: string; middle: string }[];
  citations: { id: string }[];
  persistence: Record<string, string>;
}

const LONG = "가".repeat(4001);
let house: House;
let minji: Client;
beforeAll(async () => {
  house = await startHouse();
  minji = await house.signIn("민지");
}, 120_000);
afterAll(() => house.stop());

const open = async (client: Client): Promise<string> =>
  (bodyOf(await client.post("/api/v1/chat", {})) as { id: string }).id;
const submit = async (client: Client, chat: string, body: object): Promise<string> =>
  (bodyOf(await client.post(`/api/v1/chat/${chat}/messages`, body)) as { job_id: string }).job_id;
async function follow(client: Client, job: string, lastEventId?: string): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of client.events(
    `/api/v1/chat/${job}/events`,
    lastEventId === undefined ? {} : { lastEventId },
  ))
    events.push(event);
  return events;
}
const doneOf = (events: readonly StreamEvent[]): Done => events.at(-1)?.data["result"] as Done;
/** The text as the app puts it together. */
const textOf = (events: readonly StreamEvent[]): string =>
  events.reduce((text, { event, data }) => {
    if (event === "token_recovery") return String(data["accumulated"]);
    return event === "token" ? text + String(data["content"]) : text;
  }, "");
const ask = async (client: Client, chat: string, body: object): Promise<Done> => {
  const events = await follow(client, await submit(client, chat, body));
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(["queued", "intent", "aggregator", "answer", "done"]),
  );
  expect(events.at(-1)?.event).toBe("done");
  expect(textOf(events)).toBe(doneOf(events).answer);
  return doneOf(events);
};
const read = async (client: Client, chat: string, query = "") =>
  bodyOf(await client.get(`/api/v1/chat/${chat}${query}`)) as {
    messages: Message[];
    has_more: boolean;
    next_cursor: string | null;
    title: string;
  };

describe("a conversation of five turns with a photo in the middle", () => {
  let chat: string;
  const said: Done[] = [];

  it("knows, remembers, looks and cites", async () => {
    chat = await open(minji);
    said.push(await ask(minji, chat, { message: "생수병 어떻게 버려요?" }));
    said.push(await ask(minji, chat, { message: "그럼 뚜껑은?" }));
    const bytes = Uint8Array.from(readFileSync(new URL("../photos/carton.jpg", import.meta.url)));
    const photo = await minji.upload(bytes, { name: "carton.jpg", type: "image/jpeg", channel: "chat" });
    said.push(await ask(minji, chat, { message: "이거 기름 묻었는데 재활용돼요?", image_url: photo }));
    said.push(await ask(minji, chat, { message: "내 캐릭터는 뭐가 있어?" }));
    said.push(await ask(minji, chat, { message: "근처에 폐건전지 수거함 어디 있어요?" }));
    expect(said.map(({ intent }) => intent)).toEqual(["waste", "waste", "waste", "character", "collection_point"]);
    expect(said[0]?.items[0]).toMatchObject({ name: "생수병", middle: "무색페트병" });
    expect(said[1]?.items[0]).toMatchObject({ name: "페트병 뚜껑" });
    // What the picture shows is an estimate; the oil of the question is its state and no thing.
    expect(said[2]?.items[0]?.name).not.toBe("폐식용유");
    expect(said[3]?.answer).toContain("이코");
    expect(said[4]?.answer).toContain("위치를 알려 주시면");
    for (const { citations, items } of said.filter(({ items }) => items.length > 0)) {
      expect(items[0]?.middle).not.toBe("미분류");
      expect(citations.length).toBeGreaterThan(0);
    }
  }, 120_000);

  it("has stored each pair, under the ids that `done` told, newest page first", async () => {
    const all = await read(minji, chat);
    expect(all.messages.map(({ role }) => role)).toEqual(
      Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? "user" : "assistant")),
    );
    expect(all.messages.filter(({ role }) => role === "assistant").map(({ id }) => id)).toEqual(
      said.map(({ persistence }) => persistence["assistant_message"]),
    );
    expect(all.messages[4]?.image_url).toContain("/images/");
    expect(all.title).toBe("생수병 버리기");
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page = await read(minji, chat, `?limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.unshift(...page.messages.map(({ id }) => id));
      expect(page.has_more).toBe(page.next_cursor !== null);
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(all.messages.map(({ id }) => id));
  });

  it("is told again to who comes back: the rest after an event, the whole text in one piece without", async () => {
    const job = await submit(minji, chat, { message: "유리병은?" });
    const events = await follow(minji, job);
    const ids = events.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const whole = await follow(minji, job);
    expect(whole.map(({ event }) => event)).toContain("token_recovery");
    expect(textOf(whole)).toBe(doneOf(events).answer);
    const full = await follow(minji, job, ids[0]);
    expect(textOf(full)).toBe(doneOf(events).answer);
    const middle = full.findIndex(({ event }) => event === "token") + 3;
    const rest = await follow(minji, job, full[middle]?.id);
    expect(rest.map(({ id }) => id)).toEqual(full.slice(middle + 1).map(({ id }) => id));
  });

  it("works on what is asked at the same time one after the other", async () => {
    const questions = ["종이컵", "캔", "유리병", "건전지"];
    const jobs: string[] = [];
    for (const message of questions) jobs.push(await submit(minji, chat, { message }));
    await Promise.all(jobs.map(job => follow(minji, job)));
    const { messages } = await read(minji, chat, "?limit=8");
    expect(messages.filter(({ role }) => role === "user").map(({ content }) => content)).toEqual(questions);
    expect(messages.map(({ role }) => role)).toEqual(questions.flatMap(() => ["user", "assistant"]));
  });

  it("is nobody else's", async () => {
    const other = await house.signIn("다른이");
    const job = await submit(minji, chat, { message: "캔" });
    for (const answer of [
      await other.get(`/api/v1/chat/${chat}`),
      await other.post(`/api/v1/chat/${chat}/messages`, { message: "캔" }),
      await other.get(`/api/v1/chat/${job}/events`),
      await other.post(`/api/v1/chat/${job}/input`, { type: "cancel" }),
    ])
      expect(answer.status).toBe(404);
    expect((bodyOf(await other.get("/api/v1/chat")) as { chats: unknown[] }).chats).toEqual([]);
    await follow(minji, job);
  });
});

describe("bad messages", () => {
  it.each([
    [{ message: "" }, 400, "MESSAGE_REQUIRED"],
    [{ message: " \n\t " }, 400, "MESSAGE_REQUIRED"],
    [{ message: LONG }, 422, "VALIDATION_FAILED"],
    [{ message: "가\u0000나" }, 422, "VALIDATION_FAILED"],
    [{ message: 7 }, 422, "VALIDATION_FAILED"],
    [{}, 422, "VALIDATION_FAILED"],
    [{ message: "캔", model: "gpt-99" }, 400, "UNSUPPORTED_MODEL"],
    [{ message: "캔", image_url: "https://evil.example/a.png" }, 400, "IMAGE_URL_REFUSED"],
    [{ message: "캔", user_location: { latitude: 91, longitude: 0 } }, 422, "VALIDATION_FAILED"],
    [{ message: "캔", user_location: { latitude: "37", longitude: 127 } }, 422, "VALIDATION_FAILED"],
    [{ message: "캔", user_id: "someone" }, 422, "VALIDATION_FAILED"],
  ])("%# is refused and leaves nothing", async (body, status, code) => {
    const chat = await open(minji);
    const answer = await minji.post(`/api/v1/chat/${chat}/messages`, body);
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([status, code]);
    expect((await read(minji, chat)).messages).toEqual([]);
  });

  it.each(["😀😀😀", "<script>alert(1)</script>", "\u202e뒤집힌 글", "' or 1=1 --"])(
    "%j is answered",
    async message => {
      const { answer } = await ask(minji, await open(minji), { message });
      expect(answer).not.toMatch(/<script/u);
      expect(answer.length).toBeGreaterThan(10);
    },
  );

  it.each(["/api/v1/chat/nonsense", "/api/v1/chat?limit=0", "/api/v1/chat?limit=101"])(
    "%s is a fault of the caller",
    async path => {
      expect((await minji.get(path)).status).toBe(422);
    },
  );

  it("has no chat that was deleted, not even for its owner", async () => {
    const chat = await open(minji);
    expect((await minji.request(`/api/v1/chat/${chat}`, { method: "DELETE" })).status).toBe(204);
    expect((await minji.get(`/api/v1/chat/${chat}`)).status).toBe(404);
    expect((await minji.post(`/api/v1/chat/${chat}/messages`, { message: "캔" })).status).toBe(404);
    expect((await minji.request(`/api/v1/chat/${chat}`, { method: "DELETE" })).status).toBe(404);
  });

  it("refuses a cursor that nobody gave out", async () => {
    const answer = await minji.get("/api/v1/chat?cursor=zzz");
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([400, "INVALID_CURSOR_FORMAT"]);
  });
});

describe("the first API", () => {
  const say = async (body: object) => {
    const answer = await minji.post("/api/v1/chat/messages", body);
    return {
      status: answer.status,
      ...(answer.body as { session_id: string; user_answer: string; items: { name: string }[] }),
    };
  };

  it("answers in one call and remembers the session", async () => {
    const first = await say({ message: "피자 박스 어떻게 버려", temperature: 0.2, image_url: null });
    expect(first).toMatchObject({ status: 201, intent: "waste", items: [{ name: "피자 상자" }] });
    const second = await say({
      session_id: first.session_id,
      message: "기름 많이 묻었으면?",
      temperature: 0.2,
      image_url: null,
    });
    expect(second).toMatchObject({
      session_id: first.session_id,
      items: [{ name: "피자 상자", middle: "일반종량제폐기물" }],
    });
  });

  it("takes any id for a session, and an empty message", async () => {
    expect(await say({ session_id: "my-own-id", message: "" })).toMatchObject({
      status: 201,
      session_id: "my-own-id",
      user_answer: expect.stringContaining("무엇을 버리려고"),
    });
  });
});

describe("a turn that is stopped, and a process that dies in the middle", () => {
  it("ends with what was said instead, and lets the next one begin", async () => {
    const chat = await open(minji);
    const jobs = [await submit(minji, chat, { message: "캔" }), await submit(minji, chat, { message: "유리병" })];
    const input = await minji.post(`/api/v1/chat/${jobs[1]}/input`, { type: "cancel" });
    expect(input.body).toEqual({ status: "received", job_id: jobs[1] });
    const [, second] = await Promise.all(jobs.map(job => follow(minji, job)));
    expect(doneOf(second ?? []).answer.length).toBeGreaterThan(0);
    expect((await ask(minji, chat, { message: "건전지" })).items[0]?.name).toBe("건전지");
  });

  it("goes on after a SIGKILL as if there had been a pause: no token lost, none twice, each pair once", async () => {
    const chats = await Promise.all(Array.from({ length: 6 }, () => open(minji)));
    const jobs = await Promise.all(
      chats.map(chat => submit(minji, chat, { message: "우유팩이랑 건전지랑 형광등이랑 옷" })),
    );
    await house.kill("SIGKILL");
    await house.restart();
    const again = clientOf(house.url);
    for (const [name, value] of minji.cookies) again.cookies.set(name, value);
    const streams = await Promise.all(jobs.map(job => follow(again, job)));
    for (const events of streams) expect(textOf(events)).toBe(doneOf(events).answer);
    for (const chat of chats) {
      const { messages } = await read(again, chat);
      expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    }
  }, 120_000);
});
