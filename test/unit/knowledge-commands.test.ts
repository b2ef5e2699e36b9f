import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Item, Knowledge } from "../../mixins/knowledge/knowledge.types.ts";
import { KNOWLEDGE_FOLDER, loadKnowledge, readKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { addItem, itemFiles, type NewItem } from "../../scripts/add-item.ts";
import { diffKnowledge } from "../../scripts/diff-knowledge.ts";
import { compareKnowledge } from "../../scripts/compare-knowledge.ts";
import { describeKnowledge } from "../../scripts/describe-knowledge.ts";
import { insertItem } from "../../scripts/insert-item.ts";

const knowledge = loadKnowledge();

describe("insertItem", () => {
  const file = "rule: x\nitems:\n  # first\n  - { id: a, name: 가, source: general, aliases: [나] } # kept\n";

  it("puts a line after the last item and changes nothing else", () => {
    const text = insertItem(file, { id: "b", name: "다", source: "general", aliases: ["라", "마"] });
    expect(text).toBe(`${file}  - { id: b, name: 다, source: general, aliases: [라, 마] }\n`);
  });

  it("keeps what stands behind the items", () => {
    const text = insertItem(`${file}# end\nmaterials: [종이]\n`, {
      id: "b",
      name: "다",
      source: "general",
      aliases: ["라"],
    });
    expect(text).toBe(`${file}  - { id: b, name: 다, source: general, aliases: [라] }\n# end\nmaterials: [종이]\n`);
  });

  it("quotes what would otherwise read as something else", () => {
    const text = insertItem(file, {
      id: "b",
      name: "다",
      source: "general",
      aliases: ["3", "새: 것", "true", "[라]"],
      hint: "이것, 저것이에요.",
    });
    expect(text).toContain('aliases: ["3", "새: 것", "true", "[라]"], hint: "이것, 저것이에요." }');
  });
});

describe("addItem", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "knowledge-"));
    cpSync(KNOWLEDGE_FOLDER, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const item: NewItem = {
    file: "vinyl",
    id: "test-film",
    name: "시험 필름",
    aliases: "시험 비닐, 시험 막",
    source: "general",
  };
  const read = () => readFileSync(join(folder, "items/vinyl.yaml"), "utf8");

  it("writes the item where it belongs, and tells the line", () => {
    const before = read();
    const place = addItem(folder, { ...item, materials: "비닐,종이", note: "시험" });
    const lines = read().split("\n");
    expect(place).toBe(`knowledge/items/vinyl.yaml:${lines.length - 1}`);
    expect(lines.toSpliced(-2, 1).join("\n")).toBe(before);
    expect(readKnowledge(folder).items.find(({ id }) => id === "test-film")).toMatchObject({
      name: "시험 필름",
      middle: "비닐류",
      aliases: ["시험 비닐", "시험 막"],
      materials: ["비닐", "종이"],
      review: "unverified",
    });
  });

  it.each<[string, Partial<NewItem>, string]>([
    ["an id that there is", { id: "snack-bag" }, 'second item with the id "snack-bag"'],
    ["a word that leads elsewhere", { aliases: "우유갑" }, '"우유갑" also names milk-carton'],
    ["an unknown source", { source: "rumour" }, 'unknown source "rumour"'],
    ["a name without Hangul at its end", { name: "LED" }, "ends in a Hangul syllable"],
    ["an unknown material", { materials: "쇠" }, "must be one of 종이"],
    ["no other words", { aliases: " , " }, "must NOT have fewer than 1 items"],
  ])("refuses %s, with file and line, and writes nothing", (_, change, message) => {
    const before = read();
    expect(() => addItem(folder, { ...item, ...change })).toThrow(message);
    expect(() => addItem(folder, { ...item, ...change })).toThrow(/knowledge\/items\/vinyl\.yaml:\d+ /);
    expect(read()).toBe(before);
  });

  it("knows a file for every rule", () => {
    expect(itemFiles(folder)).toHaveLength(knowledge.rules.length);
  });
});

describe("compareKnowledge", () => {
  const withItem = (id: string, change: Partial<Item>): Knowledge => ({
    ...knowledge,
    items: knowledge.items.map(item => (item.id === id ? { ...item, ...change } : item)),
  });

  it("tells nothing of what means the same", () => {
    expect(compareKnowledge(knowledge, knowledge)).toEqual([]);
    expect(compareKnowledge(knowledge, { ...knowledge, version: "x", items: knowledge.items.toReversed() })).toEqual(
      [],
    );
    const { aliases } = knowledge.items.find(({ id }) => id === "milk-carton")!;
    expect(compareKnowledge(knowledge, withItem("milk-carton", { aliases: aliases.toReversed() }))).toEqual([]);
  });

  it("tells items that came, went, and changed class or words", () => {
    const [first, ...rest] = knowledge.items;
    expect(compareKnowledge(knowledge, { ...knowledge, items: rest })).toEqual([
      "items",
      `  - ${first!.id}  ${first!.name}  ${first!.middle}`,
      "",
    ]);
    expect(compareKnowledge({ ...knowledge, items: rest }, knowledge)[1]).toBe(
      `  + ${first!.id}  ${first!.name}  ${first!.middle}`,
    );
    const moved = withItem("toothbrush", { middle: "플라스틱류", aliases: ["헌 칫솔", "칫솔모"] });
    expect(compareKnowledge(knowledge, moved)).toEqual([
      "items",
      "  ~ toothbrush  칫솔  플라스틱류",
      "      class: 일반종량제폐기물 → 플라스틱류",
      "      words - 플라스틱 칫솔",
      "      words - 어린이 칫솔",
      "      words + 칫솔모",
      "",
    ]);
  });

  it("tells steps that changed, and steps that only changed places", () => {
    const withSteps = (steps: readonly string[]): Knowledge => ({
      ...knowledge,
      rules: knowledge.rules.map(rule => (rule.key === "재활용폐기물_종이팩" ? { ...rule, steps } : rule)),
    });
    const { steps } = knowledge.rules.find(({ key }) => key === "재활용폐기물_종이팩")!;
    expect(compareKnowledge(knowledge, withSteps(steps.toReversed())).join("\n")).toContain("steps in another order");
    expect(compareKnowledge(knowledge, withSteps(steps.slice(1))).join("\n")).toContain(`steps - ${steps[0]!}`);
  });

  it("tells words of the language one by one", () => {
    const language = { ...knowledge.language, rewrites: [...knowledge.language.rewrites, ["가나", "다라"] as const] };
    expect(compareKnowledge(knowledge, { ...knowledge, language })).toEqual([
      "words",
      "  ~ language",
      "      rewrites + 가나 → 다라",
      "",
    ]);
  });
});

const inGit = existsSync(join(KNOWLEDGE_FOLDER, "../.git"));
(inGit ? it : it.skip)(
  "diffKnowledge reads the knowledge of a revision, and says when git knows none of that name",
  () => {
    expect(diffKnowledge("HEAD")).toEqual(expect.any(Array));
    expect(() => diffKnowledge("no-such-revision")).toThrow('git knows no revision "no-such-revision"');
    expect(() => diffKnowledge("--output=x")).toThrow("git knows no revision");
  },
);

describe("describeKnowledge", () => {
  const rules = knowledge.rules.map((rule, at) => ({ ...rule, reviewed: at === 0 ? "2026-01-01" : "2026-12-01" }));

  it("counts items by class and source, with what is unverified", () => {
    const text = describeKnowledge(knowledge, "2026-12-01", 365).join("\n");
    const cartons = knowledge.items.filter(({ middle }) => middle === "종이팩");
    expect(text).toMatch(new RegExp(`^종이팩 +${cartons.length} +\\d+ +0 \\(0 %\\)$`, "mu"));
    expect(text).toMatch(/^directive +\d+ +12 +yes +2026-01-01 +재활용가능자원/mu);
  });

  it("names the rules whose review is overdue on a day", () => {
    const lines = (on: string) => describeKnowledge({ ...knowledge, rules }, on, 365).join("\n");
    expect(lines("2027-01-01")).toContain("On 2027-01-01 every rule was reviewed within 365 days.");
    expect(lines("2027-01-02")).toContain(
      `On 2027-01-02 1 of ${rules.length} rules were last reviewed more than 365 days`,
    );
    expect(lines("2027-01-02")).toMatch(new RegExp(`^${rules[0]!.key} +2026-01-01 +366$`, "mu"));
  });
});
