import { expect, it } from "@jest/globals";
import { findItemByName } from "../../mixins/knowledge/search-items.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";

const { items, rules, language } = loadKnowledge();
const ofMiddle = (middle: string) => items.filter(item => item.middle === middle);

it("has 600 everyday items and more, and 30 and more in each of the classes that people get wrong most", () => {
  expect(items.length).toBeGreaterThanOrEqual(600);
  for (const middle of ["일반종량제폐기물", "불연성종량제폐기물", "생활계유해폐기물", "비닐류", "종이팩"])
    expect([middle, ofMiddle(middle).length >= 30]).toEqual([middle, true]);
});

it("gives every item other words, a material, a rule, and a source with its day", () => {
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  for (const item of items) {
    expect([item.id, item.aliases.length > 0 && item.materials.length > 0]).toEqual([item.id, true]);
    expect([item.id, rules.some(({ key }) => key === item.rule)]).toEqual([item.id, true]);
    expect([item.id, item.source.title !== "", item.source.date]).toEqual([
      item.id,
      true,
      expect.stringMatching(/^20\d\d-\d\d-\d\d$/),
    ]);
  }
});

it("leads from every name and alias to its one item", () => {
  for (const item of items)
    for (const word of [item.name, ...item.aliases]) expect([word, findItemByName(word)?.id]).toEqual([word, item.id]);
});

it("declares every other word as ambiguous, with its question and at least two items", () => {
  for (const { alias, items: meant, ask } of language.ambiguities) {
    expect([alias, findItemByName(alias)]).toEqual([alias, null]);
    expect([alias, meant.length > 1, ask.endsWith("?")]).toEqual([alias, true, true]);
  }
});

it.each([
  ["의약품", "생활계유해폐기물", "medicine"],
  ["주삿바늘", "생활계유해폐기물", "syringe"],
  ["폐식용유", "일반종량제폐기물", "used-cooking-oil"],
  ["아이스팩", "일반종량제폐기물", "ice-pack"],
  ["소화기", "대형폐기물", "fire-extinguisher"],
  ["연탄재", "불연성종량제폐기물", "briquette-ash"],
])("collects %s apart inside %s, and says what to do where there is no box", (name, middle, id) => {
  const rule = rules.find(({ key }) => key === `${middle}_${name}`)!;
  expect(rule).toMatchObject({ scope: "collection", middle });
  expect(items.find(item => item.id === id)?.rule).toBe(rule.key);
  expect(rule.steps.at(-1)).toBe(rule.box?.without);
});

it("ends the steps with what to do without a box wherever there is one", () => {
  const boxed = rules.filter(({ box }) => box !== null);
  expect(boxed.length).toBeGreaterThanOrEqual(12);
  for (const { box, steps, variants } of boxed) {
    expect(steps.at(-1)).toBe(box!.without);
    for (const variant of variants) expect(variant.steps.includes(box!.without)).toBe(variant.box !== null);
  }
});
