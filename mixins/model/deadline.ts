import { fail } from "../../broker/errors.ts";

/** The time one model call has for everything: waiting for a place, retries, and a repair. */
export interface Deadline {
  /** Aborted with MODEL_TIMEOUT when the time is over, with DEADLINE_EXCEEDED when the caller gives up. */
  readonly signal: AbortSignal;
  readonly leftMs: number;
  /** Stops the clock; every deadline must be ended. */
  end(): void;
}

export function startDeadline(ms: number, caller: AbortSignal, now: () => number): Deadline {
  const controller = new AbortController();
  const startedAt = now();
  const giveUp = () => controller.abort(fail("DEADLINE_EXCEEDED", "the caller gave the model call up"));
  const timer = setTimeout(() => controller.abort(fail("MODEL_TIMEOUT")), ms);
  if (caller.aborted) giveUp();
  else caller.addEventListener("abort", giveUp, { once: true });
  return {
    signal: controller.signal,
    get leftMs() {
      return Math.max(0, startedAt + ms - now());
    },
    end() {
      clearTimeout(timer);
      caller.removeEventListener("abort", giveUp);
    },
  };
}
