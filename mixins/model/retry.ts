import { setTimeout as sleep } from "node:timers/promises";
import { codeOf, fail } from "../../broker/errors.ts";
import type { Breaker } from "./breaker.ts";
import type { Deadline } from "./deadline.ts";
import { explainFailure, type Failure } from "./explain-failure.ts";

export interface RetryOptions {
  breaker: Breaker;
  deadline: Deadline;
  /** Attempts after the first. */
  retries: number;
  /** Wait before the first retry where the provider names none; doubles each time, with jitter. */
  backoffMs: number;
  onFailure: (failure: Failure) => void;
}

/**
 * Runs an attempt until it succeeds, the provider's answer makes another try useless, tries run out, or the next wait would pass the deadline.
 * @throws MODEL_UNAVAILABLE (with the provider's own wait as `retryAfterS`), or the deadline's reason
 */
export async function withRetry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { breaker, deadline, retries, backoffMs, onFailure } = options;
  for (let retry = 0; ; retry++) {
    const report = breaker.admit();
    try {
      const result = await attempt();
      report("answered");
      return result;
    } catch (thrown) {
      if (deadline.signal.aborted) {
        report(codeOf(deadline.signal.reason) === "MODEL_TIMEOUT" ? "failed" : "neutral");
        throw deadline.signal.reason;
      }
      const failure = explainFailure(thrown as Error, Date.now());
      report(failure.outcome);
      onFailure(failure);
      const waitMs = failure.retryAfterMs ?? backoffMs * 2 ** retry * (0.75 + Math.random() / 4);
      if (!failure.retry || retry >= retries || waitMs >= deadline.leftMs) throw unavailable(failure);
      await pause(waitMs, deadline);
    }
  }
}

const pause = (ms: number, deadline: Deadline) =>
  sleep(ms, undefined, { signal: deadline.signal }).catch(() => {
    throw deadline.signal.reason;
  });

/** The catalogue's error for a failed attempt that no retry follows. */
export function unavailable({ status, retryAfterMs }: Failure) {
  const detail = status === null ? "the connection to the model failed" : `the model's provider answered ${status}`;
  return fail(
    "MODEL_UNAVAILABLE",
    detail,
    retryAfterMs === null ? {} : { retryAfterS: Math.max(1, Math.ceil(retryAfterMs / 1000)) },
  );
}
