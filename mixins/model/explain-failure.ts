import { APIError } from "openai";
import type { Outcome } from "./breaker.ts";

/** What a failed attempt means for the next one. Holds no text of the provider: such text may repeat prompts or parts of a key. */
export interface Failure {
  retry: boolean;
  /** How long the provider asked us to wait; null when it did not say. */
  retryAfterMs: number | null;
  outcome: Outcome;
  /** HTTP status; null when there was no answer that could be read. */
  status: number | null;
  /** The provider's own code, e.g. `rate_limit_exceeded`; of a connection that failed, the error's name. */
  code: string | null;
}

/** Codes of OpenAI that come with a retryable status and yet no waiting heals. */
const HOPELESS = new Set(["insufficient_quota", "billing_hard_limit_reached", "invalid_api_key", "model_not_found"]);

/**
 * Reads what an attempt threw: a status of the provider, or a connection that was refused, cut or garbled.
 * @param nowMs the time of day in milliseconds, for `Retry-After` as a date
 */
export function explainFailure(thrown: Error, nowMs: number): Failure {
  if (!(thrown instanceof APIError) || thrown.status === undefined) {
    const { code, name } = thrown as { code?: unknown; name?: unknown };
    return {
      retry: true,
      retryAfterMs: null,
      outcome: "failed",
      status: null,
      code: plainCode(code) ?? plainCode(name),
    };
  }
  const { status, headers, code } = thrown as APIError<number, Headers>;
  const told = headers.get("x-should-retry");
  const usual = status === 408 || status === 409 || status === 429 || status >= 500;
  return {
    retry: told === "false" || HOPELESS.has(code ?? "") ? false : told === "true" || usual,
    retryAfterMs: readRetryAfter(headers, nowMs),
    outcome: status === 408 || status >= 500 ? "failed" : "answered",
    status,
    code: plainCode(code),
  };
}

/** `retry-after-ms`, else `Retry-After` in seconds or as a date. @returns milliseconds from now, never negative; null when absent or unreadable */
export function readRetryAfter(headers: Headers, nowMs: number): number | null {
  const ms = headers.get("retry-after-ms");
  if (ms !== null && Number.isFinite(Number(ms))) return Math.max(0, Number(ms));
  const after = headers.get("retry-after");
  if (after === null || after.trim() === "") return null;
  if (Number.isFinite(Number(after))) return Math.max(0, Number(after) * 1000);
  const at = Date.parse(after);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** Codes are words; anything else could be text of a prompt. */
const plainCode = (code: unknown): string | null =>
  typeof code === "string" && /^[\w.-]{1,64}$/.test(code) ? code : null;
