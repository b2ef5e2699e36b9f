import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { answerQuestion } from "../../mixins/knowledge/answer-question.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { sheetReader } from "../../mixins/knowledge/read-sheet.ts";

/** The directive's table and its often-told-wrong points (`knowledge/assertions.yaml`), held against items, rules and answers. */
interface Assertion {
  id: string;
  claim: string;
  source: string;
  items?: Record<string, string>;
  questions?: Record<string, string>;
  rule?: string;
  variant?: string;
  excludes?: Record<string, string>;
  steps_say?: string[];
  steps_never_say?: string[];
  answer?: { question: string; says?: string[]; never_says?: string[] };
}

const faults: string[] = [];
const folder = fileURLToPath(new URL("../../knowledge/", import.meta.url));
const sheet = sheetReader(folder, faults)<{ assertions: Assertion[] }>("assertions.yaml", "assertions.schema.json");
const knowledge = loadKnowledge();

it("the assertions are well formed, and every one checks something", () => {
  expect(faults).toEqual([]);
  expect(sheet!.value.assertions.length).toBeGreaterThanOrEqual(30);
  for (const { id, source, items, questions, rule, answer } of sheet!.value.assertions) {
    expect([id, knowledge.sources.some(entry => entry.id === source)]).toEqual([id, true]);
    expect([id, items ?? questions ?? rule ?? answer]).not.toEqual([id, undefined]);
  }
});

describe.each(sheet?.value.assertions ?? [])("$id: $claim", assertion => {
  const { items, questions, answer } = assertion;

  if (items !== undefined) {
    it.each(Object.entries(items))("%s is %s", (id, middle) => {
      expect(knowledge.items.find(item => item.id === id)?.middle).toBe(middle);
    });
  }

  if (questions !== undefined) {
    it.each(Object.entries(questions))("%s → %s", (question, middle) => {
      expect(answerQuestion(question).middle).toBe(middle);
    });
  }

  if (assertion.rule !== undefined) {
    it(`the rule ${assertion.rule} says so`, () => {
      const rule = knowledge.rules.find(({ key }) => key === assertion.rule)!;
      const steps =
        assertion.variant === undefined ? rule.steps : rule.variants.find(({ id }) => id === assertion.variant)!.steps;
      const text = steps.join("\n");
      for (const pattern of assertion.steps_say ?? []) expect(text).toMatch(new RegExp(pattern, "u"));
      for (const pattern of assertion.steps_never_say ?? []) expect(text).not.toMatch(new RegExp(pattern, "u"));
      for (const [item, goesTo] of Object.entries(assertion.excludes ?? {})) {
        const exclusion = rule.exclusions.find(entry => entry.item === item);
        expect([item, exclusion?.goes_to]).toEqual([item, expect.stringMatching(new RegExp(goesTo, "u"))]);
      }
    });
  }

  if (answer !== undefined) {
    it(`answers "${answer.question}" so`, () => {
      const { user_answer: text } = answerQuestion(answer.question);
      for (const pattern of answer.says ?? []) expect(text).toMatch(new RegExp(pattern, "u"));
      for (const pattern of answer.never_says ?? []) expect(text).not.toMatch(new RegExp(pattern, "u"));
    });
  }
});
