import { describe, expect, it } from "@jest/globals";
import { APIConnectionError, APIError } from "openai";
import { explainFailure, readRetryAfter } from "../../mixins/model/explain-failure.ts";

const NOW = Date.parse("2026-03-01T00:00:00Z");
const answer = (status: number, code: string | null = null, headers: Record<string, string> = {}) =>
  APIError.generate(status, { error: { code, message: "as told" } }, undefined, new Headers(headers));

describe("what a failed attempt means", () => {
  it.each([
    { status: 400, retry: false, outcome: "answered" },
    { status: 401, retry: false, outcome: "answered" },
    { status: 408, retry: true, outcome: "failed" },
    { status: 409, retry: true, outcome: "answered" },
    { status: 429, retry: true, outcome: "answered" },
    { status: 500, retry: true, outcome: "failed" },
    { status: 529, retry: true, outcome: "failed" },
  ])("status $status: retry $retry, $outcome", ({ status, retry, outcome }) => {
    expect(explainFailure(answer(status), NOW)).toMatchObject({ status, retry, outcome });
  });

  it("does not retry an empty purse, whatever the status says", () => {
    expect(explainFailure(answer(429, "insufficient_quota"), NOW).retry).toBe(false);
  });

  it("does as the provider says about retrying", () => {
    expect(explainFailure(answer(500, null, { "x-should-retry": "false" }), NOW).retry).toBe(false);
    expect(explainFailure(answer(400, null, { "x-should-retry": "true" }), NOW).retry).toBe(true);
  });

  it("retries connections that failed, and names the error without its text", () => {
    const thrown = new APIConnectionError({ message: "connect ECONNREFUSED with secrets" });
    const failure = explainFailure(thrown, NOW);
    expect(failure).toMatchObject({ retry: true, status: null, outcome: "failed" });
    expect(JSON.stringify(failure)).not.toContain("secrets");
  });

  it("keeps only codes that are words", () => {
    expect(explainFailure(answer(500, "server_error"), NOW).code).toBe("server_error");
    expect(explainFailure(answer(500, "a sentence with sk-123"), NOW).code).toBeNull();
  });
});

describe("how long the provider asks to wait", () => {
  const wait = (headers: Record<string, string>) => readRetryAfter(new Headers(headers), NOW);

  it.each([
    { headers: { "retry-after-ms": "250" }, ms: 250 },
    { headers: { "retry-after": "3" }, ms: 3_000 },
    { headers: { "retry-after": "0.5" }, ms: 500 },
    { headers: { "retry-after-ms": "250", "retry-after": "3" }, ms: 250 },
    { headers: { "retry-after": "Sun, 01 Mar 2026 00:00:20 GMT" }, ms: 20_000 },
    { headers: { "retry-after": "Sat, 28 Feb 2026 00:00:00 GMT" }, ms: 0 },
    { headers: { "retry-after": "-5" }, ms: 0 },
    { headers: { "retry-after": "soon" }, ms: null },
    { headers: { "retry-after": "" }, ms: null },
    { headers: { "retry-after-ms": "soon", "retry-after": "1" }, ms: 1_000 },
    { headers: {}, ms: null },
  ])("$headers → $ms ms", ({ headers, ms }) => {
    expect(wait(headers as Record<string, string>)).toBe(ms);
  });
});
