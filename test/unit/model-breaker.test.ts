import { describe, expect, it } from "@jest/globals";
import { makeBreaker } from "../../mixins/model/breaker.ts";

describe("the breaker of a provider", () => {
  const start = () => {
    const clock = { ms: 0 };
    return { clock, breaker: makeBreaker({ failures: 3, openMs: 1_000, now: () => clock.ms }) };
  };
  const opened = () => {
    const { clock, breaker } = start();
    for (let failure = 0; failure < 3; failure++) breaker.admit()("failed");
    return { clock, breaker };
  };

  it("opens after that many failures in a row, and an answer starts the count anew", () => {
    const { breaker } = start();
    breaker.admit()("failed");
    breaker.admit()("failed");
    breaker.admit()("answered");
    breaker.admit()("failed");
    breaker.admit()("failed");
    expect(breaker.state).toBe("closed");
    breaker.admit()("failed");
    expect(breaker.state).toBe("open");
  });

  it("says while it is open how long that lasts", () => {
    const { clock, breaker } = opened();
    clock.ms = 100;
    expect(() => breaker.admit()).toThrow(
      expect.objectContaining({ type: "MODEL_UNAVAILABLE", data: expect.objectContaining({ retryAfterS: 1 }) }),
    );
  });

  it("lets a single probe through; its answer closes it", () => {
    const { clock, breaker } = opened();
    clock.ms = 1_000;
    const report = breaker.admit();
    expect(breaker.state).toBe("probing");
    expect(() => breaker.admit()).toThrow();
    report("answered");
    expect(breaker.state).toBe("closed");
  });

  it("stays open for another while when the probe fails", () => {
    const { clock, breaker } = opened();
    clock.ms = 1_000;
    breaker.admit()("failed");
    expect(breaker.state).toBe("open");
    clock.ms = 1_999;
    expect(() => breaker.admit()).toThrow();
    clock.ms = 2_000;
    breaker.admit()("answered");
    expect(breaker.state).toBe("closed");
  });

  it("lets the next one probe when a probe was given up", () => {
    const { clock, breaker } = opened();
    clock.ms = 1_000;
    breaker.admit()("neutral");
    breaker.admit()("answered");
    expect(breaker.state).toBe("closed");
  });

  it("takes no word of attempts from before it opened", () => {
    const { clock, breaker } = start();
    const early = [breaker.admit(), breaker.admit()] as const;
    for (let failure = 0; failure < 3; failure++) breaker.admit()("failed");
    early[0]("answered");
    expect(breaker.state).toBe("open");
    clock.ms = 900;
    early[1]("failed");
    clock.ms = 1_000;
    expect(breaker.admit()).toEqual(expect.any(Function));
  });
});
