import { describe, expect, it } from "@jest/globals";
import { compareIds, memoryProgress, type ProgressEvent } from "../../mixins/progress/progress.ts";

const event = (id: string): ProgressEvent => ({ id, event: "vision", data: {} });

describe("progress in memory", () => {
  it("gives a late follower what is kept, then each new event once", async () => {
    const log = memoryProgress();
    await log.append("scan:1", event("5-0"));
    const seen: string[] = [];
    const stop = await log.follow("scan:1", ({ id }) => seen.push(id));
    await log.append("scan:1", event("5-10"));
    await log.append("scan:2", event("5-11"));
    stop();
    await log.append("scan:1", event("5-20"));
    expect(seen).toEqual(["5-0", "5-10"]);
  });

  it("drops what is not newer, so that a repeated delivery repeats nothing", async () => {
    const log = memoryProgress();
    const seen: string[] = [];
    await log.follow("scan:1", ({ id }) => seen.push(id));
    for (const id of ["5-10", "5-11", "5-10", "5-11", "5-9"]) await log.append("scan:1", event(id));
    expect(seen).toEqual(["5-10", "5-11"]);
  });

  it("forgets the oldest topics", async () => {
    const log = memoryProgress();
    for (let topic = 0; topic <= 1_000; topic++) await log.append(`scan:${topic}`, event("1-0"));
    const kept: string[] = [];
    await log.follow("scan:0", ({ id }) => kept.push(id));
    expect(kept).toEqual([]);
    await log.follow("scan:1000", ({ id }) => kept.push(id));
    expect(kept).toEqual(["1-0"]);
  });

  it("compares ids by number, not by letter", () => {
    expect(compareIds("99-0", "100-0")).toBeLessThan(0);
    expect(compareIds("5-9", "5-10")).toBeLessThan(0);
    expect(compareIds("5-1", "5-1")).toBe(0);
  });
});
