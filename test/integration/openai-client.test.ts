import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Type from "typebox";
import type { Models } from "../../mixins/model/load-models.ts";
import type { ModelCall, ModelClientOptions } from "../../mixins/model/model.client.ts";
import { structuredOutput } from "../../mixins/model/structured-output.ts";
import { aPrompt, GEMINI_KEY, keepingLog, modelsAt, OPENAI_KEY, quickClient } from "../builders/models.ts";
import { type ModelServer, startModelServer } from "../servers/openai.server.ts";

const Colour = Type.Object({
  colour: Type.Enum(["red", "blue"], { type: "string" }),
  sure: Type.Number({ minimum: 0, maximum: 1 }),
});
const colour = structuredOutput("colour", Colour);
const RED = { colour: "red", sure: 0.9 };
const inserts = { classes: "red and blue", items: "", tags: "" };
const never = new AbortController().signal;
const QUESTION = "무슨 색이에요? 비밀이에요.";

const call = (more: Partial<ModelCall> = {}): ModelCall => ({
  prompt: aPrompt(),
  inserts,
  input: [{ type: "text", text: JSON.stringify({ question: QUESTION }) }],
  model: null,
  signal: never,
  ...more,
});

/** Both wire formats behind the same expectations: `gpt-5.2` is asked by responses, `gemini-2.5-flash` by chat completions. */
describe.each([
  { api: "responses", model: "gpt-5.2", key: OPENAI_KEY },
  { api: "chat", model: "gemini-2.5-flash", key: GEMINI_KEY },
])("a call over the $api API", ({ api, model, key }) => {
  let server: ModelServer;
  let models: Models;
  let log: ReturnType<typeof keepingLog>;
  beforeEach(async () => {
    server = await startModelServer({ key, answer: () => RED });
    models = modelsAt(api === "responses" ? { openai: server.url } : { gemini: server.url });
    log = keepingLog();
  });
  afterEach(() => server.close());

  const complete = (options: Partial<ModelClientOptions> = {}, more: Partial<ModelCall> = {}) =>
    quickClient(models, log, options).complete(call({ model, ...more }), colour);

  it("comes back in its form, with the model that answered and its tokens", async () => {
    const answer = await complete();
    expect(answer.value).toEqual(RED);
    expect(answer.model).toMatch(new RegExp(`^${model}`));
    expect(answer.tokens.input).toBeGreaterThan(0);
    expect(answer.tokens.output).toBeGreaterThan(0);
  });

  it("sends the key, the instructions, the input and the form each in their own place", async () => {
    await complete({}, { prompt: aPrompt({ temperature: 0.2 }) });
    const [request] = server.requests;
    expect(request?.headers.authorization).toBe(`Bearer ${key}`);
    const { body } = request!;
    expect(body).toMatchObject({ model, temperature: 0.2 });
    const instructions = api === "responses" ? body.instructions : body.messages?.[0]?.content;
    expect(instructions).toBe("You name colours. red and blue");
    const turn = api === "responses" ? body.input?.[0] : body.messages?.[1];
    expect(turn).toMatchObject({ role: "user", content: [{ text: JSON.stringify({ question: QUESTION }) }] });
    if (api === "responses") {
      expect(body).toMatchObject({ store: false, max_output_tokens: 200, reasoning: { effort: "none" } });
      expect(body["text"]).toMatchObject({ format: { type: "json_schema", name: "colour", strict: true } });
    } else {
      expect(body).toMatchObject({ max_completion_tokens: 200, reasoning_effort: "none" });
      expect(body["response_format"]).toMatchObject({
        type: "json_schema",
        json_schema: { name: "colour", strict: true },
      });
    }
  });

  it.each([408, 409, 429, 500, 503])("tries again after %d", async status => {
    server.next({ status });
    expect((await complete()).value).toEqual(RED);
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    { what: "in mid-body", behaviour: { cut: true } as const },
    { what: "by bytes that are not JSON", behaviour: { garbage: '{"id":"resp_1","object":"respo' } },
    { what: "by a proxy's page", behaviour: { garbage: "<html>Bad gateway</html>", contentType: "text/html" } },
    { what: "by an answer that says it failed", behaviour: { failed: "server_error" } },
  ])("tries again when an answer is broken $what", async ({ behaviour }) => {
    server.next(behaviour);
    expect((await complete()).value).toEqual(RED);
    expect(server.requests).toHaveLength(2);
  });

  it("gives up as unavailable after its retries", async () => {
    server.next({ status: 500 }, { cut: true }, { status: 502 });
    await expect(complete()).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE", code: 503 });
    expect(server.requests).toHaveLength(3);
    expect(log.lines.at(-1)?.fields["failures"]).toEqual(["500", expect.stringMatching(/^connection/), "502"]);
  });

  it.each([
    { status: 400, code: "invalid_request_error" },
    { status: 401, code: "invalid_api_key" },
    { status: 404, code: "model_not_found" },
    { status: 429, code: "insufficient_quota" },
  ])("does not repeat what $status $code refuses", async behaviour => {
    server.next(behaviour);
    await expect(complete()).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    expect(server.requests).toHaveLength(1);
  });

  it("waits as long as Retry-After says, not as long as its own backoff", async () => {
    server.next({ status: 429, headers: { "retry-after": "7" } });
    await expect(complete({ timeoutMs: 5_000 })).rejects.toMatchObject({
      type: "MODEL_UNAVAILABLE",
      data: { retryAfterS: 7 },
    });
    expect(server.requests).toHaveLength(1);
  });

  it("takes retry-after-ms before Retry-After, and the backoff only where neither is told", async () => {
    server.next({ status: 429, headers: { "retry-after-ms": "2", "retry-after": "60" } });
    expect((await complete({ backoffMs: 60_000 })).value).toEqual(RED);
    expect(server.requests).toHaveLength(2);
  });

  it("ends in MODEL_TIMEOUT when the provider never answers, and hangs up", async () => {
    server.next({ hang: true });
    await expect(complete({ timeoutMs: 200 })).rejects.toMatchObject({ type: "MODEL_TIMEOUT", code: 504 });
    await server.closed(0);
    expect(log.lines.at(-1)).toMatchObject({ level: "warn", fields: { outcome: "MODEL_TIMEOUT", attempts: 1 } });
  });

  it("ends in MODEL_TIMEOUT when an answer stops in mid-body", async () => {
    server.next({ hang: true, after: 0 });
    await expect(complete({ timeoutMs: 200 })).rejects.toMatchObject({ type: "MODEL_TIMEOUT" });
    await server.closed(0);
  });

  it("ends within the deadline when every try is refused a connection", async () => {
    await server.close();
    await expect(complete()).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
  });

  it("ends at once when the caller gives up, and hangs up", async () => {
    server.next({ hang: true });
    const caller = new AbortController();
    const outcome = expect(complete({}, { signal: caller.signal })).rejects.toMatchObject({
      type: "DEADLINE_EXCEEDED",
    });
    await server.arrived(1);
    caller.abort();
    await outcome;
    await server.closed(0);
  });

  it.each([
    { what: "JSON that does not fit", bad: { json: { colour: "green", sure: 0.4 } } },
    { what: "text that is not JSON", bad: { text: "It is red." } },
    { what: "nothing", bad: { text: "" } },
    { what: "a number out of range", bad: { json: { colour: "red", sure: 90 } } },
  ])("repairs $what once, telling the model what was wrong", async ({ bad }) => {
    server.next(bad, { json: RED });
    expect((await complete()).value).toEqual(RED);
    expect(server.requests).toHaveLength(2);
    const { body } = server.requests[1]!;
    const turns = api === "responses" ? body.input : body.messages?.slice(1);
    expect(turns?.map(turn => turn.role)).toEqual(["user", "assistant", "user"]);
    expect(JSON.stringify(turns?.at(-1)?.content)).toContain("does not fit the required form");
    expect(log.lines.at(-1)?.fields).toMatchObject({ repaired: true, attempts: 2 });
  });

  it("fails as MODEL_OUTPUT_INVALID when the repair does not fit either", async () => {
    server.next({ text: "red" }, { text: "red!" });
    await expect(complete()).rejects.toMatchObject({ type: "MODEL_OUTPUT_INVALID", code: 502 });
    expect(server.requests).toHaveLength(2);
  });

  it("gives an answer that was cut off twice the room", async () => {
    server.next({ text: '{"colour":"re', truncated: true });
    expect((await complete()).value).toEqual(RED);
    const cap = api === "responses" ? "max_output_tokens" : "max_completion_tokens";
    expect(server.requests.map(request => request.body[cap])).toEqual([200, 400]);
  });

  it("does not argue with a refusal", async () => {
    server.next({ refusal: "I can't help with that." });
    await expect(complete()).rejects.toMatchObject({ type: "MODEL_OUTPUT_INVALID" });
    expect(server.requests).toHaveLength(1);
  });

  it("reads JSON in a Markdown fence and drops fields that nobody asked for", async () => {
    server.next({ text: '```json\n{"colour":"blue","sure":1,"note":"hi"}\n```' });
    expect((await complete()).value).toEqual({ colour: "blue", sure: 1 });
  });

  it("does not follow a redirect", async () => {
    server.next({ status: 307, headers: { location: `${server.url}/elsewhere` } });
    await expect(complete()).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    expect(server.requests).toHaveLength(1);
  });

  it("never writes the key, the question or the instructions to the log or into an error", async () => {
    server.next({ status: 401, code: `key ${key}`, message: `Incorrect API key provided: ${key}` });
    const refused = await complete().catch((thrown: unknown) => thrown);
    server.next({ text: QUESTION }, { text: QUESTION });
    const unfit = await complete().catch((thrown: unknown) => thrown);
    await complete();
    expect(log.lines).toHaveLength(3);
    const errors = [refused, unfit].map(each => `${JSON.stringify(each)} ${(each as Error).stack ?? ""}`).join(" ");
    const said = JSON.stringify(log.lines) + errors;
    for (const secret of [key, QUESTION, "You name colours"]) expect(said).not.toContain(secret);
    expect(log.lines.at(-1)).toMatchObject({
      level: "info",
      message: "model call",
      fields: { prompt: "test/name@1", alias: model, outcome: "answered", attempts: 1, repaired: false },
    });
    for (const number of ["latencyMs", "queueMs", "inputTokens", "cachedTokens", "outputTokens"])
      expect(log.lines.at(-1)?.fields[number]).toEqual(expect.any(Number));
  });
});

describe("a client among many calls", () => {
  let server: ModelServer;
  const log = keepingLog();
  beforeEach(async () => {
    server = await startModelServer({ key: OPENAI_KEY, answer: () => RED });
  });
  afterEach(() => server.close());

  it("asks no more at once than its cap, and refuses what its queue cannot hold", async () => {
    const held = Promise.withResolvers<undefined>();
    const hold = { json: RED, until: held.promise };
    server.next(hold);
    const client = quickClient(modelsAt({ openai: server.url }), log, { concurrency: 1 });
    const calls = Array.from({ length: 9 }, () => client.complete(call(), colour));
    await server.arrived(1);
    await expect(client.complete(call(), colour)).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    expect(server.requests).toHaveLength(1);
    held.resolve(undefined);
    await Promise.all(calls);
    expect(server.requests).toHaveLength(9);
  });

  it("counts the wait for a place to the deadline", async () => {
    server.next({ hang: true });
    const client = quickClient(modelsAt({ openai: server.url }), log, { concurrency: 1, timeoutMs: 200 });
    const calls = [client.complete(call(), colour), client.complete(call(), colour)];
    const ends = await Promise.allSettled(calls);
    expect(ends.map(end => (end as PromiseRejectedResult).reason as unknown)).toEqual([
      expect.objectContaining({ type: "MODEL_TIMEOUT" }),
      expect.objectContaining({ type: "MODEL_TIMEOUT" }),
    ]);
  });

  it("leaves a provider alone that keeps failing, and lets one probe find out when it is back", async () => {
    let nowMs = 0;
    const options = { retries: 0, breakerFailures: 3, openMs: 5_000, now: () => nowMs };
    const client = quickClient(modelsAt({ openai: server.url }), log, options);
    const ask = () => client.complete(call(), colour);
    server.next({ status: 500 }, { cut: true }, { status: 503 });
    for (let failure = 0; failure < 3; failure++)
      await expect(ask()).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    await expect(ask()).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE", data: { retryAfterS: 5 } });
    expect(server.requests).toHaveLength(3);

    nowMs = 5_000;
    const held = Promise.withResolvers<undefined>();
    server.next({ json: RED, until: held.promise });
    const probe = ask();
    await server.arrived(4);
    await expect(ask()).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    held.resolve(undefined);
    expect((await probe).value).toEqual(RED);
    expect((await ask()).value).toEqual(RED);
    expect(server.requests).toHaveLength(5);
  });

  it("stops retrying once its provider's breaker opens", async () => {
    server.next({ status: 500 }, { status: 500 }, { status: 500 });
    const client = quickClient(modelsAt({ openai: server.url }), log, { retries: 5, breakerFailures: 2 });
    await expect(client.complete(call(), colour)).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    expect(server.requests).toHaveLength(2);
  });

  it("does not take rate limits and refusals for failures of the provider", async () => {
    const client = quickClient(modelsAt({ openai: server.url }), log, { retries: 0, breakerFailures: 2 });
    const ask = () => client.complete(call(), colour);
    server.next({ status: 429 }, { status: 400 }, { status: 429 });
    for (let refusal = 0; refusal < 3; refusal++)
      await expect(ask()).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    expect((await ask()).value).toEqual(RED);
  });

  it("one provider's failures do not close the way to another", async () => {
    const gemini = await startModelServer({ key: GEMINI_KEY, answer: () => RED });
    const models = modelsAt({ openai: server.url, gemini: gemini.url });
    const client = quickClient(models, log, { retries: 0, breakerFailures: 1 });
    server.next({ status: 500 });
    await expect(client.complete(call({ model: "gpt-5-mini" }), colour)).rejects.toMatchObject({
      type: "MODEL_UNAVAILABLE",
    });
    await expect(client.complete(call({ model: "gpt-5.1" }), colour)).rejects.toMatchObject({
      type: "MODEL_UNAVAILABLE",
    });
    expect((await client.complete(call({ model: "gemini-2.5-pro" }), colour)).model).toBe("gemini-2.5-pro");
    expect(server.requests).toHaveLength(1);
    await gemini.close();
  });

  it("lets the default model answer for an alias whose provider has no key, and says which one did", async () => {
    const client = quickClient(modelsAt({ openai: server.url }), log);
    const answer = await client.complete(call({ model: "gemini-3-pro-preview" }), colour);
    expect(answer.model).toMatch(/^gpt-5\.2/);
    expect(server.requests[0]?.body.model).toBe("gpt-5.2");
  });

  it("asks a model that reasons for no temperature, and leaves it room to think", async () => {
    const client = quickClient(modelsAt({ openai: server.url }), log);
    await client.complete(call({ model: "gpt-5-pro", prompt: aPrompt({ temperature: 0.2 }) }), colour);
    const { body } = server.requests[0]!;
    expect(body["temperature"]).toBeUndefined();
    expect(body["reasoning"]).toEqual({ effort: "high" });
    expect(body["max_output_tokens"]).toBeGreaterThan(10_000);
  });

  it("takes nothing from the package's own environment variables", async () => {
    const foreign = {
      OPENAI_ORG_ID: "org-x",
      OPENAI_PROJECT_ID: "proj-x",
      OPENAI_ADMIN_KEY: "adm-x",
      OPENAI_LOG: "debug",
    };
    Object.assign(process.env, foreign);
    try {
      await quickClient(modelsAt({ openai: server.url }), log).complete(call(), colour);
    } finally {
      for (const name of Object.keys(foreign)) Reflect.deleteProperty(process.env, name);
    }
    const headers = JSON.stringify(server.requests[0]?.headers);
    for (const value of ["org-x", "proj-x", "adm-x"]) expect(headers).not.toContain(value);
  });
});
