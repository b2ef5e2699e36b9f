import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Models } from "../../mixins/model/load-models.ts";
import type { ModelCall, ModelClientOptions } from "../../mixins/model/model.client.ts";
import { aPrompt, GEMINI_KEY, keepingLog, modelsAt, OPENAI_KEY, quickClient } from "../builders/models.ts";
import { type ModelServer, startModelServer } from "../servers/openai.server.ts";

const TEXT = "라벨을 떼고 물로 헹군 뒤 뚜껑을 닫아 주세요.";
const never = new AbortController().signal;

describe.each([
  { api: "responses", model: "gpt-5.2", key: OPENAI_KEY },
  { api: "chat", model: "gemini-2.5-flash", key: GEMINI_KEY },
])("a streamed answer over the $api API", ({ api, model, key }) => {
  let server: ModelServer;
  let models: Models;
  let log: ReturnType<typeof keepingLog>;
  beforeEach(async () => {
    server = await startModelServer({ key });
    models = modelsAt(api === "responses" ? { openai: server.url } : { gemini: server.url });
    log = keepingLog();
  });
  afterEach(() => server.close());

  const open = (options: Partial<ModelClientOptions> = {}, signal: AbortSignal = never) => {
    const call: ModelCall = {
      prompt: aPrompt(),
      inserts: { classes: "", items: "", tags: "" },
      input: [{ type: "text", text: "{}" }],
      model,
      signal,
    };
    return quickClient(models, log, options).stream(call);
  };
  /** Reads to the end. `pieces` also holds what came before an error. */
  const readAll = async (stream: ReturnType<typeof open>, pieces: string[] = []) => {
    let step = await stream.next();
    for (; !step.done; step = await stream.next()) pieces.push(step.value);
    return { pieces, answer: step.value };
  };

  it("comes in pieces and ends with the whole text, the model and its tokens", async () => {
    server.next({ text: TEXT });
    const { pieces, answer } = await readAll(open());
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join("")).toBe(TEXT);
    expect(answer.text).toBe(TEXT);
    expect(answer.model).toMatch(new RegExp(`^${model}`));
    expect(answer.tokens.input).toBeGreaterThan(1_000);
    expect(log.lines).toMatchObject([{ level: "info", fields: { outcome: "answered", attempts: 1 } }]);
  });

  it.each([{ status: 429, headers: { "retry-after-ms": "1" } }, { status: 500 }, { cut: true as const }])(
    "is tried again while nothing has been handed out: %j",
    async behaviour => {
      server.next(behaviour, { text: TEXT });
      expect((await readAll(open())).answer.text).toBe(TEXT);
      expect(server.requests).toHaveLength(2);
    },
  );

  it.each([
    { what: "is cut", behaviour: { cut: true, after: 4 } as const },
    { what: "ends without its closing event", behaviour: { stop: 4 } },
  ])("fails, without saying anything twice, when it $what in the middle", async ({ behaviour }) => {
    server.next(behaviour);
    const pieces: string[] = [];
    await expect(readAll(open(), pieces)).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    expect(pieces).toHaveLength(4);
    expect(server.requests).toHaveLength(1);
  });

  it("ends in MODEL_TIMEOUT when it stops in the middle, and hangs up", async () => {
    server.next({ hang: true, after: 4 });
    const pieces: string[] = [];
    await expect(readAll(open({ timeoutMs: 300 }), pieces)).rejects.toMatchObject({ type: "MODEL_TIMEOUT" });
    expect(pieces).toHaveLength(4);
    await server.closed(0);
  });

  it("ends in MODEL_OUTPUT_INVALID when the model declines", async () => {
    server.next({ refusal: "I can't help with that." });
    await expect(readAll(open())).rejects.toMatchObject({ type: "MODEL_OUTPUT_INVALID" });
  });

  it("hangs up and frees its place when the reader stops early", async () => {
    server.next({ hang: true, after: 4 });
    const stream = open({ concurrency: 1 });
    for await (const piece of stream) {
      expect(piece).not.toBe("");
      break;
    }
    await server.closed(0);
    expect(log.lines).toMatchObject([{ fields: { outcome: "abandoned" } }]);
  });

  it("frees its place at the deadline when the reader stops reading without a word", async () => {
    const client = quickClient(models, log, { concurrency: 1, timeoutMs: 300 });
    const call: ModelCall = {
      prompt: aPrompt(),
      inserts: { classes: "", items: "", tags: "" },
      input: [{ type: "text", text: "{}" }],
      model,
      signal: never,
    };
    server.next({ hang: true, after: 4 }, { text: TEXT });
    await client.stream(call).next();
    await server.closed(0);
    expect((await readAll(client.stream(call))).answer.text).toBe(TEXT);
  });

  it("ends at once when the caller gives up", async () => {
    server.next({ hang: true, after: 4 });
    const caller = new AbortController();
    const stream = open({}, caller.signal);
    await stream.next();
    caller.abort();
    await expect(readAll(stream)).rejects.toMatchObject({ type: "DEADLINE_EXCEEDED" });
    await server.closed(0);
  });
});

describe("a stream that says in the middle that it failed", () => {
  it("fails", async () => {
    const server = await startModelServer({ key: OPENAI_KEY });
    server.next({ failed: "server_error" }, { failed: "server_error" }, { failed: "server_error" });
    const log = keepingLog();
    const stream = quickClient(modelsAt({ openai: server.url }), log).stream({
      prompt: aPrompt(),
      inserts: { classes: "", items: "", tags: "" },
      input: [],
      model: null,
      signal: never,
    });
    await expect(stream.next()).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    expect(log.lines.at(-1)?.fields["failures"]).toEqual(Array(3).fill("connection server_error"));
    await server.close();
  });
});
