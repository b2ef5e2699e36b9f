import { describe, expect, it } from "@jest/globals";
import { ConnectionAcquireTimeoutError, ConnectionRefusedError, UniqueConstraintError } from "sequelize";
import { codeOf } from "../../broker/errors.ts";
import { isDatabaseDown, isUniqueViolation, lostToANeighbour, markIfDown } from "../../mixins/database/failure.ts";

const pgError = (code: string, more: object = {}) => Object.assign(new Error(`pg ${code}`), { code, ...more });
const wrapped = (code: string, more: object = {}) =>
  Object.assign(new Error("wrapped"), { parent: pgError(code, more) });

describe("a database that is down", () => {
  it.each([
    ...[
      "08006",
      "53300",
      "57P01",
      "57P03",
      "58030",
      "57014",
      "55P03",
      "25P03",
      "ECONNREFUSED",
      "ECONNRESET",
      "EPIPE",
      "ETIMEDOUT",
      "ENOTFOUND",
      "EAI_AGAIN",
      "EMBEDDED_DATABASE_STOPPED",
    ].map(code => pgError(code)),
    wrapped("57P01"),
    new Error("Connection terminated unexpectedly"),
    new Error("Client has encountered a connection error and is not queryable"),
    new Error("timeout expired"),
    new ConnectionRefusedError(new Error("refused")),
    new ConnectionAcquireTimeoutError(new Error("no connection free")),
  ])("is known by %s", thrown => {
    expect(isDatabaseDown(thrown)).toBe(true);
    expect(codeOf(markIfDown(thrown))).toBe("DATABASE_UNAVAILABLE");
  });

  it.each([
    pgError("23505"),
    pgError("42601"),
    pgError("22021"),
    wrapped("23503"),
    new Error("something else"),
    "a string",
    undefined,
  ])("is not what %s says", thrown => {
    expect(isDatabaseDown(thrown)).toBe(false);
    expect(markIfDown(thrown)).toBe(thrown);
    expect(codeOf(thrown)).toBe("INTERNAL");
  });
});

describe("a row that exists already", () => {
  it("is told by its constraint, from pg and from Sequelize", () => {
    const fromSequelize = new UniqueConstraintError({ parent: pgError("23505", { constraint: "a_key" }) as never });
    for (const thrown of [pgError("23505", { constraint: "a_key" }), fromSequelize]) {
      expect(isUniqueViolation(thrown)).toBe(true);
      expect(isUniqueViolation(thrown, "a_key")).toBe(true);
      expect(isUniqueViolation(thrown, "b_key")).toBe(false);
    }
    expect(isUniqueViolation(pgError("23503"))).toBe(false);
    expect(isUniqueViolation(undefined)).toBe(false);
  });
});

describe("work that lost to a neighbour", () => {
  it("is a serialization failure or a deadlock", () => {
    expect(["40001", "40P01", "23505", "57P01"].map(code => lostToANeighbour(pgError(code)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(lostToANeighbour(wrapped("40P01"))).toBe(true);
  });
});
