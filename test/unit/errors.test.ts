import { describe, expect, it } from "@jest/globals";
import { Errors } from "moleculer";
import { catalogue, codeOf, type ErrorCode, fail, familyOf } from "../../broker/errors.ts";

/** What Moleculer makes of an error that arrives from another node; its types leave it out. */
const { recreateError } = Errors as unknown as { recreateError: (wire: unknown) => Errors.MoleculerError };
const codes = Object.keys(catalogue) as ErrorCode[];

describe("an error of the catalogue", () => {
  it.each(codes)("%s says its status and code, and is a stock class, which alone survives the wire", code => {
    const error = fail(code, "in this case");
    expect([error.type, error.code]).toEqual([code, catalogue[code].status]);
    expect([Errors.MoleculerClientError, Errors.MoleculerRetryableError, Errors.MoleculerServerError]).toContain(
      error.constructor,
    );
    expect(error.data).toMatchObject({ detail: "in this case" });
  });

  it.each(codes)("%s is the same after a journey between nodes", code => {
    const error = fail(code, "in this case");
    const { name, message, type } = error;
    const data: unknown = error.data;
    const wire: unknown = JSON.parse(JSON.stringify({ name, message, code: error.code, type, data }));
    const arrived = recreateError(wire);
    expect([codeOf(arrived), familyOf(arrived)]).toEqual([code, catalogue[code].family]);
    expect(arrived.data).toEqual(data);
  });

  it("of the caller never gets better by trying again; one of the world says after how long it may", () => {
    for (const code of codes) {
      const error = fail(code);
      const { family } = catalogue[code];
      expect(error.retryable).toBe(family !== "caller");
      const { retryAfterS } = error.data as { retryAfterS?: number };
      if (family === "world") expect(retryAfterS).toBeGreaterThan(0);
      else expect(retryAfterS).toBeUndefined();
    }
  });

  it("is 401 for token faults alone and never 403, on which the app signs people out", () => {
    const withStatus = (status: number) => codes.filter(code => (catalogue[code].status as number) === status);
    expect(withStatus(401)).toEqual(["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_INVALID", "TOKEN_REVOKED"]);
    expect(withStatus(403)).toEqual([]);
  });

  it("leaves out what it was not told", () => {
    expect(fail("NOT_FOUND").data).toEqual({});
  });
});

describe("anything else that is thrown", () => {
  it.each<[string, unknown, ErrorCode]>([
    ["a fault of our own code", new TypeError("x is not a function"), "INTERNAL"],
    ["something that is no error", "just text", "INTERNAL"],
    ["nothing", undefined, "INTERNAL"],
    [
      "an error whose type is a property that every object has",
      Object.assign(new Error(), { type: "toString" }),
      "INTERNAL",
    ],
    ["Moleculer: action unknown", new Errors.ServiceNotFoundError({ action: "scan.submit" }), "SERVICE_UNAVAILABLE"],
    [
      "Moleculer: action's node is down",
      new Errors.ServiceNotAvailableError({ action: "scan.submit" }),
      "SERVICE_UNAVAILABLE",
    ],
    [
      "Moleculer: no answer in time",
      new Errors.RequestTimeoutError({ action: "scan.submit", nodeID: "a" }),
      "DEADLINE_EXCEEDED",
    ],
    [
      "Moleculer: the caller's time is up",
      new Errors.RequestSkippedError({ action: "scan.submit", nodeID: "a" }),
      "DEADLINE_EXCEEDED",
    ],
    [
      "Moleculer: rejected by a leaving node",
      new Errors.RequestRejectedError({ action: "scan.submit", nodeID: "a" }),
      "SERVICE_UNAVAILABLE",
    ],
    [
      "Moleculer: too many waiting",
      new Errors.QueueIsFullError({ action: "scan.submit", nodeID: "a", size: 1, limit: 1 }),
      "SERVICE_UNAVAILABLE",
    ],
    [
      "Moleculer: its own parameter check",
      new Errors.ValidationError("no", "VALIDATION_ERROR", []),
      "VALIDATION_FAILED",
    ],
  ])("%s", (_, thrown, code) => {
    expect(codeOf(thrown)).toBe(code);
  });
});
