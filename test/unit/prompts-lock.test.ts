import { describe, expect, it } from "@jest/globals";
import { extendLock, lockFaults } from "../../mixins/prompts/lock-faults.ts";
import { aPrompt } from "../builders/models.ts";

const first = aPrompt({ id: "scan/see" }, "Look.");
const edited = aPrompt({ id: "scan/see" }, "Look closer.");
const second = aPrompt({ id: "scan/see", version: 2 }, "Look closer.");
const byId = (prompt: typeof first) => ({ [prompt.id]: prompt });

describe("the lock of prompts", () => {
  const lock = extendLock(byId(first), {});

  it("holds each version's hash, and then has nothing to say", () => {
    expect(lock).toEqual({ "scan/see": { 1: first.hash } });
    expect(lockFaults(byId(first), lock)).toEqual([]);
  });

  it("shows a change without a new version, and can't be talked into it", () => {
    expect(lockFaults(byId(edited), lock)).toEqual(["scan/see has changed since version 1: raise its version"]);
    expect(extendLock(byId(edited), lock)).toEqual(lock);
  });

  it("takes a new version and keeps the old one", () => {
    expect(lockFaults(byId(second), lock)).toEqual(["scan/see@2 is not locked: run npm run prompts:lock"]);
    const next = extendLock(byId(second), lock);
    expect(next).toEqual({ "scan/see": { 1: first.hash, 2: second.hash } });
    expect(lockFaults(byId(second), next)).toEqual([]);
    expect(lockFaults(byId(first), next)).toEqual(["scan/see: version 1 is older than 2, which is locked"]);
  });
});
