import { describe, expect, it } from "@jest/globals";
import { readSighting, type Said, sightingSchema } from "../../mixins/engine/read-sighting.ts";
import { structuredOutput } from "../../mixins/model/structured-output.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { formatFault } from "../servers/openai-schema.wire.ts";

const knowledge = loadKnowledge();
const classKeys = knowledge.rules.filter(({ scope }) => scope === "class").map(({ key }) => key);
const said = (more: Partial<Said> = {}): Said => ({
  observation: "투명한 생수병이 보입니다.",
  class: "재활용폐기물_무색페트병",
  item: "생수병",
  confidence: 0.93,
  tags: ["라벨_부착"],
  candidates: [
    { class: "재활용폐기물_플라스틱류", item: "PET 용기", confidence: 0.2 },
    { class: "재활용폐기물_유리병", item: "", confidence: 0.4 },
  ],
  ...more,
});
const read = (more: Partial<Said> = {}) => readSighting(said(more), knowledge);

describe("the form of a sighting", () => {
  const form = structuredOutput("waste_sighting", sightingSchema(knowledge));

  it("can be said in strict mode with the knowledge as it is", () => {
    expect(formatFault({ name: form.name, schema: form.wire, strict: true })).toBeNull();
  });

  it("offers every class and every tag of the knowledge, and no other", () => {
    const { properties } = form.wire as {
      properties: Record<string, { enum?: string[]; items?: { enum?: string[] } }>;
    };
    expect(properties["class"]?.enum).toEqual(expect.arrayContaining([...classKeys, "미분류"]));
    expect(properties["class"]?.enum).toHaveLength(classKeys.length + 1);
    expect(properties["tags"]?.items?.enum).toEqual(knowledge.situations.map(situation => situation.tag));
    expect("faults" in form.read(JSON.stringify(said({ class: "플라스틱" })))).toBe(true);
    expect("faults" in form.read(JSON.stringify(said({ tags: ["깨끗함"] })))).toBe(true);
    expect(form.read(JSON.stringify(said()))).toEqual({ value: said() });
  });
});

describe("a sighting out of what a model said", () => {
  it("names class, item, tags and the next two classes, best first", () => {
    expect(read()).toEqual({
      major: "재활용폐기물",
      middle: "무색페트병",
      minor: "생수병",
      confidence: 0.93,
      tags: ["라벨_부착"],
      itemId: "water-bottle",
      estimate: false,
      candidates: [
        { major: "재활용폐기물", middle: "유리병", minor: "유리병", confidence: 0.4 },
        { major: "재활용폐기물", middle: "플라스틱류", minor: "PET 용기", confidence: 0.2 },
      ],
    });
  });

  it("finds the item by its aliases and their spellings, and calls it by its name", () => {
    expect(read({ item: "먹는샘물  페트병" })).toMatchObject({ itemId: "water-bottle", minor: "생수병" });
  });

  it("repeats the middle where no item is named", () => {
    for (const item of ["", "  ", "\u200b\n"])
      expect(read({ item })).toMatchObject({ minor: "무색페트병", itemId: null });
  });

  it("keeps a name that the knowledge does not have, in one clean, bounded line", () => {
    const sighting = read({ item: `반짝이는\u0000\n물병\ud800${"아".repeat(100)}` });
    expect(sighting.itemId).toBeNull();
    expect(sighting.minor).toMatch(/^반짝이는 물병/);
    expect(sighting.minor.length).toBeLessThanOrEqual(60);
    expect(sighting.minor.isWellFormed()).toBe(true);
  });

  it("keeps 미분류 as it is, and asks", () => {
    expect(read({ class: "미분류", item: "생수병", candidates: [] })).toMatchObject({
      major: "미분류",
      middle: "미분류",
      itemId: null,
      estimate: true,
    });
  });

  it("lets an item be in a class that one of its states moves it to", () => {
    const sighting = read({ class: "일반종량제폐기물", item: "종이컵", tags: ["음식물_오염"] });
    expect(sighting).toMatchObject({ major: "일반종량제폐기물", itemId: "paper-cup", estimate: false });
  });

  it("follows the knowledge and asks where item and class cannot go together", () => {
    const sighting = read({ class: "대형폐기물", item: "생수병" });
    expect(sighting).toMatchObject({
      major: "재활용폐기물",
      middle: "무색페트병",
      minor: "생수병",
      itemId: "water-bottle",
      estimate: true,
    });
  });

  it("asks when it is not sure", () => {
    expect(read({ confidence: 0.69 }).estimate).toBe(true);
    expect(read({ confidence: 0.7 }).estimate).toBe(false);
  });

  it("offers no candidate that is the class itself, is named twice, is unknown, or seems surer than the class", () => {
    const { candidates } = read({
      confidence: 0.6,
      candidates: [
        { class: "재활용폐기물_무색페트병", item: "주스 페트병", confidence: 0.5 },
        { class: "미분류", item: "", confidence: 0.5 },
        { class: "재활용폐기물_유리병", item: "소주병", confidence: 0.9 },
        { class: "재활용폐기물_유리병", item: "맥주병", confidence: 0.3 },
        { class: "재활용폐기물_플라스틱류", item: "", confidence: 0.2 },
        { class: "재활용폐기물_비닐류", item: "", confidence: 0.1 },
      ],
    });
    expect(candidates.map(each => [each.middle, each.minor, each.confidence])).toEqual([
      ["유리병", "소주병", 0.6],
      ["플라스틱류", "플라스틱류", 0.2],
    ]);
  });

  it("names each tag once", () => {
    expect(read({ tags: ["라벨_부착", "라벨_부착"] }).tags).toEqual(["라벨_부착"]);
  });
});
