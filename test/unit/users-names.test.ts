import { describe, expect, it } from "@jest/globals";
import { cleanName } from "../../services/users/clean-name.ts";
import { makeNickname } from "../../services/users/make-nickname.ts";

describe("cleanName", () => {
  it.each([
    ["망고", "망고"],
    ["망고".normalize("NFD"), "망고"],
    ["  두 칸  띄운\n이름 ", "두 칸 띄운 이름"],
    ["👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"],
    ["a\u0000b", "a b"],
    ["a\ud800b", "a b"],
    ["abc\u202egnp.exe", "abc gnp.exe"],
    ["<b>굵게</b>", "<b>굵게</b>"],
  ])("makes %j into %j", (given, clean) => {
    expect(cleanName(given)).toBe(clean);
  });

  it.each([undefined, "", "   ", "\u200b\u200b", "\u0000", "\ud800", "\u3000", "\u0301\u0301"])(
    "finds nothing to call somebody by in %j",
    given => {
      expect(cleanName(given)).toBeUndefined();
    },
  );

  it("cuts long names between graphemes", () => {
    expect(cleanName("가".repeat(500))).toBe("가".repeat(120));
    const families = cleanName("👨‍👩‍👧‍👦".repeat(50)) ?? "";
    expect(families.length).toBeLessThanOrEqual(120);
    expect(families).toBe("👨‍👩‍👧‍👦".repeat(families.length / "👨‍👩‍👧‍👦".length));
    expect(cleanName(`a${"\u0301".repeat(1000)}`)).toBeUndefined();
    expect(cleanName(`망고 a${"\u0301".repeat(1000)}`)).toBe("망고");
  });
});

describe("makeNickname", () => {
  it("always makes a name of two words that needs no cleaning", () => {
    const seen = new Set<string>();
    for (let how = 0; how < 20; how++)
      for (let who = 0; who < 20; who++) {
        const picks = [how, who];
        const nickname = makeNickname(below => Math.min(picks.shift() ?? 0, below - 1));
        expect(nickname).toMatch(/^[가-힣]+ [가-힣]+$/);
        expect(cleanName(nickname)).toBe(nickname);
        seen.add(nickname);
      }
    expect(seen.size).toBe(400);
    expect(makeNickname()).toMatch(/^[가-힣]+ [가-힣]+$/);
  });
});
