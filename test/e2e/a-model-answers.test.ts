import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { bodyOf, type Client, clientOf, type StreamEvent } from "../../scripts/client.ts";
import { type House, startHouse } from "../house.ts";
import { type ModelServer, startModelServer } from "../servers/openai.server.ts";

const KEY = "sk-loopback-answers-of-the-chat";
const FIRST = "생수병은 투명 페트병 수거함에 넣어요.";
const REST = "먼저 내용물을 비우고 라벨을 떼요.";

let model: ModelServer;
let house: House;
let minji: Client;
beforeAll(async () => {
  model = await startModelServer({ key: KEY });
  house = await startHouse({ env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: model.url, MODEL_TIMEOUT_MS: "60000" } });
  minji = await house.signIn("민지");
}, 120_000);
afterAll(async () => {
  await house.stop();
  await model.close();
});

it("an answer that a model writes goes on after a SIGKILL in its middle: nothing told is lost, changed or told twice", async () => {
  const { id: chat } = bodyOf(await minji.post("/api/v1/chat", {})) as { id: string };
  model.next({ hang: true, after: 9, text: `${FIRST} ${REST}` }, { text: REST });
  const asked = await minji.post(`/api/v1/chat/${chat}/messages`, { message: "생수병 어떻게 버려요?" });
  const path = `/api/v1/chat/${(bodyOf(asked) as { job_id: string }).job_id}/events`;

  const before: StreamEvent[] = [];
  for await (const event of minji.events(path)) {
    before.push(event);
    if (textOf(before) === FIRST) break;
  }
  expect(await house.kill("SIGKILL")).toBeNull();
  await house.restart();

  const again = clientOf(house.url);
  for (const [name, value] of minji.cookies) again.cookies.set(name, value);
  const after: StreamEvent[] = [];
  for await (const event of again.events(path, { lastEventId: before.at(-1)?.id ?? "" })) after.push(event);
  const done = after.at(-1)?.data["result"] as { answer: string; items: { name: string }[]; citations: unknown[] };
  expect(done.answer).toBe(`${FIRST} ${REST}`);
  expect(textOf([...before, ...after])).toBe(done.answer);
  expect(done.items[0]?.name).toBe("생수병");
  expect(done.citations.length).toBeGreaterThan(0);
  // The second try was told what stood there already.
  expect(JSON.stringify(model.requests[1]?.body)).toContain(FIRST);
  const kept = bodyOf(await again.get(`/api/v1/chat/${chat}`)) as { messages: { role: string; content: string }[] };
  expect(kept.messages.map(({ content }) => content)).toEqual(["생수병 어떻게 버려요?", done.answer]);
}, 240_000);

/** The text as the app puts it together. */
function textOf(events: readonly StreamEvent[]): string {
  return events.reduce((text, { event, data }) => {
    if (event === "token_recovery") return String(data["accumulated"]);
    return event === "token" ? text + String(data["content"]) : text;
  }, "");
}
