import { describe, expect, it } from "@jest/globals";
import { countStreak } from "../../services/character/count-streak.ts";

describe("days in a row", () => {
  const today = "2026-03-01";
  it.each([
    ["none yet", [], 0, 0],
    ["today alone", ["2026-03-01"], 1, 1],
    ["yesterday, while today may still come", ["2026-02-28", "2026-02-27"], 2, 2],
    ["over since the day before yesterday", ["2026-02-27", "2026-02-26"], 0, 2],
    ["a longer row long ago", ["2026-03-01", "2026-02-20", "2026-02-19", "2026-02-18"], 1, 3],
    ["across the turn of the year", ["2026-01-01", "2025-12-31", "2025-12-30"], 0, 3],
    ["across a leap day", ["2024-03-01", "2024-02-29", "2024-02-28"], 0, 3],
  ])("%s", (_case, days, currentDays, longestDays) => {
    expect(countStreak(days, today)).toEqual({ currentDays, longestDays });
  });
});
