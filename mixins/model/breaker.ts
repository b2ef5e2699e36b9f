import { fail } from "../../broker/errors.ts";

export interface BreakerOptions {
  /** Consecutive failures that open it. */
  failures: number;
  /** How long it stays open before one probe is let through. */
  openMs: number;
  /** Milliseconds on a clock that only goes forward. */
  now: () => number;
}

/** `neutral`: the attempt says nothing about the provider's health, e.g. the caller gave up or the request was refused. */
export type Outcome = "answered" | "failed" | "neutral";

export interface Breaker {
  /**
   * Asks to make one attempt.
   * @returns takes the attempt's outcome; every attempt must report one
   * @throws MODEL_UNAVAILABLE with `retryAfterS` while it is open, or while another attempt probes
   */
  admit(): (outcome: Outcome) => void;
  readonly state: "closed" | "open" | "probing";
}

/** Stops asking a provider that keeps failing, so that a dead one costs its callers nothing and gets room to recover. */
export function makeBreaker({ failures, openMs, now }: BreakerOptions): Breaker {
  let failed = 0;
  let openUntil: number | null = null;
  let probe: symbol | null = null;

  const settle = (mine: symbol | null, outcome: Outcome) => {
    const wasProbe = mine !== null && mine === probe;
    if (wasProbe) probe = null;
    // An attempt from before it opened knows nothing new: only the probe decides.
    if (outcome === "neutral" || (openUntil !== null && !wasProbe)) return;
    if (outcome === "answered") {
      failed = 0;
      openUntil = null;
      return;
    }
    failed++;
    if (wasProbe || failed >= failures) openUntil = now() + openMs;
  };

  return {
    admit() {
      if (openUntil === null) return outcome => settle(null, outcome);
      const waitMs = openUntil - now();
      if (waitMs > 0 || probe !== null)
        throw fail("MODEL_UNAVAILABLE", "the model's provider keeps failing and is left alone for a while", {
          retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)),
        });
      const mine = Symbol("probe");
      probe = mine;
      return outcome => settle(mine, outcome);
    },
    get state() {
      return openUntil === null ? "closed" : probe === null ? "open" : "probing";
    },
  };
}
