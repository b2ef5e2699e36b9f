import { describe, expect, it } from "@jest/globals";
import type { Character } from "../../mixins/knowledge/knowledge.types.ts";
import { matchCharacter } from "../../services/character/match-character.ts";

const character = (name: string, match: string, isDefault = false) =>
  ({ name, match, default: isDefault }) as Character;
const catalogue = [
  character("이코", "대표 캐릭터", true),
  character("페이피", "종이"),
  character("페티", "무색페트병"),
];
const finding = { major: "재활용폐기물", middle: "종이", rule_found: true, insufficiencies: 0 };

describe("the character that a scan earns", () => {
  it("is the one of its class", () => expect(matchCharacter(catalogue, finding)?.name).toBe("페이피"));
  it.each([
    ["something is still wrong with the item", { ...finding, insufficiencies: 1 }],
    ["it is not a recyclable", { ...finding, major: "일반종량제폐기물" }],
    ["no rule was found", { ...finding, rule_found: false }],
    ["no character has the class", { ...finding, middle: "유리병" }],
    ["the class is empty", { ...finding, middle: "" }],
    ["the class is spelt like the one everybody begins with", { ...finding, middle: "대표 캐릭터" }],
  ])("is none when %s", (_, of) => expect(matchCharacter(catalogue, of)).toBeNull());
});
