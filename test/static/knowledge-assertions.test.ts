import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { answerQuestion } from "../../mixins/knowledge/answer-question.ts";
import { checkAssertions, type Held } from "../../mixins/knowledge/check-assertions.ts";
import type { Assertion, AssertionsFile } from "../../mixins/knowledge/knowledge-files.types.ts";
import type { Item, Knowledge, Rule } from "../../mixins/knowledge/knowledge.types.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { sheetReader } from "../../mixins/knowledge/read-sheet.ts";

const faults: string[] = [];
const folder = fileURLToPath(new URL("../../knowledge/", import.meta.url));
const sheet = sheetReader(folder, faults)<AssertionsFile>("assertions.yaml", "assertions.schema.json")!;
const held: Held = { knowledge: loadKnowledge(), answer: answerQuestion };

it("the assertions are well formed", () => expect(faults).toEqual([]));

it("the knowledge contradicts no sentence of the directive, and every sentence is held against it", () => {
  expect(checkAssertions(sheet, held)).toEqual([]);
});

it("every assertion checks something", () => {
  const checks = ["items", "names", "questions", "rule", "answer", "source_says"] as const;
  for (const assertion of sheet.value.assertions)
    expect([assertion.id, checks.some(key => assertion[key] !== undefined)]).toEqual([assertion.id, true]);
});

describe("a contradiction is found", () => {
  const { knowledge } = held;
  /** What is said when one assertion, itself changed or not, is held against a changed knowledge. */
  const contradictions = (id: string, known: Partial<Knowledge>, change: Partial<Assertion> = {}): string => {
    const assertions = sheet.value.assertions.filter(entry => entry.id === id).map(entry => ({ ...entry, ...change }));
    const value = { clauses: sheet.value.clauses.filter(clause => assertions[0]?.covers.includes(clause)), assertions };
    return checkAssertions({ ...sheet, value }, { ...held, knowledge: { ...knowledge, ...known } }).join("\n");
  };
  const withRule = (key: string, change: (rule: Rule) => Partial<Rule>): Partial<Knowledge> => ({
    rules: knowledge.rules.map(rule => (rule.key === key ? { ...rule, ...change(rule) } : rule)),
  });
  const withItem = (id: string, change: Partial<Item>): Partial<Knowledge> => ({
    items: knowledge.items.map(item => (item.id === id ? { ...item, ...change } : item)),
  });

  it("in an item of another class, and in a name that leads elsewhere or nowhere", () => {
    const moved = withItem("toothbrush", { middle: "플라스틱류" });
    expect(contradictions("not-plastic-containers", moved)).toMatch(
      /assertions\.yaml:\d+ .*\/items: not-plastic-containers: toothbrush is 플라스틱류, not 일반종량제폐기물\n.*칫솔 is 플라스틱류/,
    );
    const renamed = withItem("toothbrush", { name: "이 닦는 솔", aliases: [] });
    expect(contradictions("not-plastic-containers", renamed)).toContain("칫솔 is not in the items");
  });

  it("in steps that say what they must not, or no longer say what they must", () => {
    const key = "재활용폐기물_무색페트병";
    const wrong = withRule(key, ({ steps }) => ({ steps: [...steps, "뚜껑을 떼어 주세요."] }));
    expect(contradictions("clear-pet-cap-stays-on", wrong)).toContain("a step says /뚜껑을");
    expect(
      contradictions(
        "clear-pet-cap-stays-on",
        withRule(key, () => ({ steps: ["비워 주세요."] })),
      ),
    ).toContain("no step says /라벨을 떼어/");
    expect(
      contradictions(
        "clear-pet-apart-by-law",
        withRule(key, () => ({ covers: ["페트병"] })),
      ),
    ).toContain("the rule does not tell /공동주택은");
  });

  it("in an exclusion that is gone or goes elsewhere", () => {
    expect(contradictions("not-vinyl", {})).toBe("");
    const key = "재활용폐기물_비닐류";
    expect(
      contradictions(
        "vinyl",
        withRule(key, () => ({ exclusions: [] })),
      ),
    ).toContain("고무장갑 goes to nowhere");
    const softened = withRule(key, ({ exclusions }) => ({
      exclusions: exclusions.map(entry => ({ ...entry, goes_to: "비닐류" })),
    }));
    expect(contradictions("vinyl", softened)).toContain("고무장갑 goes to 비닐류, not /종량제/");
  });

  it("in answers, in the source, and in clauses that nothing covers", () => {
    expect(contradictions("lamps", {}, { questions: { 형광등: "대형폐기물" } })).toContain("leads to 조명제품");
    expect(contradictions("toys-since-2026", {}, { answer: { question: "장난감", never_says: ["2026년"] } })).toContain(
      'the answer to "장난감" says /2026년/',
    );
    const sources = knowledge.sources.map(source => ({ ...source, number: "환경부 훈령" }));
    expect(contradictions("ministry-name", { sources })).toContain("the source's number does not say");
    const bare = { ...sheet, value: { ...sheet.value, assertions: sheet.value.assertions.slice(0, 1) } };
    expect(checkAssertions(bare, held).length).toBe(sheet.value.clauses.length - 2);
    expect(contradictions("lamps", {}, { rule: "재활용폐기물_램프" })).toContain('unknown rule "재활용폐기물_램프"');
  });
});

describe("the restated directive", () => {
  const file = fileURLToPath(new URL("../../../shared/knowledge/guideline-2026.md", import.meta.url));

  it("has 19 rows, 12 of them with exclusions, and 9 points", () => {
    const ending = (end: string) => sheet.value.clauses.filter(clause => clause.endsWith(end)).length;
    expect([
      ending(" 방법"),
      ending(" 제외"),
      sheet.value.clauses.filter(clause => clause.startsWith("점 ")).length,
    ]).toEqual([19, 12, 9]);
  });

  (existsSync(file) ? it : it.skip)("is divided into clauses cell by cell", () => {
    const text = readFileSync(file, "utf8");
    const cells = [...text.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gmu)]
      .filter(([, name]) => name !== "class")
      .flatMap(([, name = "", how, not]) => {
        const row = name.replace(/ \(.*/u, "");
        return [...(how === "–" ? [] : [`${row} 방법`]), ...(not === "–" ? [] : [`${row} 제외`])];
      });
    const points = [...text.matchAll(/^(\d+)\. /gmu)].map(([, number]) => `점 ${number!}`);
    expect(sheet.value.clauses).toEqual([...cells, ...points]);
  });
});
