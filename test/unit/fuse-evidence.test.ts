import { describe, expect, it } from "@jest/globals";
import { fuseEvidence } from "../../mixins/engine/fuse-evidence.ts";
import type { Item, ItemHit } from "../../mixins/knowledge/knowledge.types.ts";

const item = (id: string, name: string, major: string, middle: string): Item =>
  ({ id, name, major, middle, aliases: [], conditions: [] }) as unknown as Item;
const hit = (of: Item, score: number, ask: string | null = null): ItemHit => ({ item: of, score, alias: of.name, ask });

const milkCarton = item("milk-carton", "우유팩", "재활용폐기물", "종이팩");
const newspaper = item("newspaper", "신문지", "재활용폐기물", "종이");
const seen = [
  { major: "재활용폐기물", middle: "종이", probability: 0.6 },
  { major: "재활용폐기물", middle: "종이팩", probability: 0.3 },
  { major: "재활용폐기물", middle: "유리병", probability: 0.1 },
];

describe("a picture alone", () => {
  it("gives the net's best class, the next two, and is always an estimate", () => {
    const sighting = fuseEvidence(seen, [], []);
    expect(sighting).toMatchObject({ middle: "종이", minor: "종이", confidence: 0.6, itemId: null, estimate: true });
    expect(sighting.candidates.map(candidate => candidate.middle)).toEqual(["종이팩", "유리병"]);
  });

  it("adds up labels that mean the same class", () => {
    const twice = [...seen, { major: "재활용폐기물", middle: "종이팩", probability: 0.4 }];
    expect(fuseEvidence(twice, [], []).middle).toBe("종이팩");
  });
});

describe("a picture and a question", () => {
  it("believes the owner who names the thing, and is sure", () => {
    const sighting = fuseEvidence(seen, [hit(milkCarton, 0.95)], []);
    expect(sighting).toMatchObject({ middle: "종이팩", minor: "우유팩", itemId: "milk-carton", estimate: false });
    expect(sighting.candidates[0]?.middle).toBe("종이");
  });

  it("does not let a weak resemblance overrule a clear picture", () => {
    const clear = [{ major: "재활용폐기물", middle: "유리병", probability: 0.97 }];
    const sighting = fuseEvidence(clear, [hit(milkCarton, 0.3)], []);
    expect(sighting).toMatchObject({ middle: "유리병", itemId: null, estimate: true });
  });

  it("stays an estimate when the word names several things", () => {
    expect(fuseEvidence(seen, [hit(milkCarton, 0.95, "어떤 팩인가요?")], []).estimate).toBe(true);
  });
});

describe("a question alone", () => {
  it("takes the item that is named, with the others as candidates", () => {
    const sighting = fuseEvidence([], [hit(milkCarton, 0.9), hit(newspaper, 0.6)], ["세척_필요"]);
    expect(sighting).toMatchObject({ minor: "우유팩", confidence: 0.9, estimate: false, tags: ["세척_필요"] });
    expect(sighting.candidates.map(candidate => candidate.minor)).toEqual(["신문지"]);
  });

  it("is unclassified when nothing is known of it", () => {
    expect(fuseEvidence([], [], [])).toMatchObject({
      major: "미분류",
      minor: "미분류",
      confidence: 0,
      candidates: [],
      estimate: true,
    });
  });
});
