import { describe, expect, it } from "@jest/globals";
import { dispositionOf, isLastAttempt, RETRY_LADDER_MS } from "../../broker/channels/carrier.ts";
import { fail } from "../../broker/errors.ts";

describe("what becomes of a message whose handler failed", () => {
  it("the caller's fault never gets better: dead at once", () => {
    expect(dispositionOf(fail("IMAGE_INVALID"), 1)).toBe("dead");
  });

  it.each([fail("MODEL_UNAVAILABLE"), fail("INTERNAL"), new TypeError("x is not a function"), "a string"])(
    "%s climbs the ladder and is dead after its last step",
    thrown => {
      const steps = RETRY_LADDER_MS.map((_, index) => dispositionOf(thrown, index + 1));
      expect(steps).toEqual(RETRY_LADDER_MS.map(retryInMs => ({ retryInMs })));
      expect(dispositionOf(thrown, RETRY_LADDER_MS.length + 1)).toBe("dead");
    },
  );

  it("the last attempt is the one that no retry follows", () => {
    const attempts = [1, 2, 3, 4];
    expect(attempts.map(isLastAttempt)).toEqual(
      attempts.map(attempt => dispositionOf(fail("INTERNAL"), attempt) === "dead"),
    );
  });
});
