import type { Assertion, AssertionsFile, Sheet } from "./knowledge-files.types.ts";
import type { ComposedAnswer, Item, Knowledge, Rule } from "./knowledge.types.ts";
import { keyMaker } from "./normalise-text.ts";
import { faultAt } from "./read-sheet.ts";

/** What assertions are held against: the knowledge, and how it answers questions. */
export interface Held {
  readonly knowledge: Knowledge;
  readonly answer: (question: string) => ComposedAnswer;
}

/** Says what is wrong, and under which key of the assertion. */
type Contradict = (key: keyof Assertion, message: string) => void;
type Part = (assertion: Assertion, held: Held, contradict: Contradict) => void;

/**
 * Holds the directive against the knowledge: every clause must be covered by an assertion, every assertion must hold. Returns one line
 * (file, line, path, message) per contradiction.
 */
export function checkAssertions(sheet: Sheet<AssertionsFile>, held: Held): string[] {
  const { clauses, assertions } = sheet.value;
  const faults: string[] = [];
  const report = (path: (string | number)[], message: string) =>
    faults.push(faultAt(sheet.file, sheet.lineOf(path), path, message));
  const ids = new Set<string>();
  clauses.forEach((clause, c) => {
    if (!assertions.some(({ covers }) => covers.includes(clause)))
      report(["clauses", c], `no assertion covers "${clause}"`);
  });
  assertions.forEach((assertion, a) => {
    const contradict: Contradict = (key, message) => report(["assertions", a, key], `${assertion.id}: ${message}`);
    if (ids.has(assertion.id)) contradict("id", "second assertion with this id");
    ids.add(assertion.id);
    for (const clause of assertion.covers)
      if (!clauses.includes(clause)) contradict("covers", `unknown clause "${clause}"`);
    for (const part of parts) part(assertion, held, contradict);
  });
  return faults;
}

const checkSource: Part = ({ source: id, source_says: says = [] }, { knowledge }, contradict) => {
  const source = knowledge.sources.find(entry => entry.id === id);
  if (source === undefined) contradict("source", `unknown source "${id}"`);
  for (const pattern of missingIn(source?.number ?? "", says))
    contradict("source_says", `the source's number does not say /${pattern}/`);
};

const checkItemClasses: Part = ({ items = {}, names = {} }, { knowledge }, contradict) => {
  const keyOf = keyMaker(knowledge.language.rewrites);
  const called = (name: string) => (item: Item) =>
    [item.name, ...item.aliases].some(word => keyOf(word) === keyOf(name));
  const expectClass = (key: "items" | "names", word: string, item: Item | undefined, middle: string) => {
    if (item?.middle !== middle) contradict(key, `${word} is ${item?.middle ?? "not in the items"}, not ${middle}`);
  };
  for (const [id, middle] of Object.entries(items))
    expectClass(
      "items",
      id,
      knowledge.items.find(item => item.id === id),
      middle,
    );
  for (const [middle, words] of Object.entries(names))
    for (const word of words) expectClass("names", word, knowledge.items.find(called(word)), middle);
};

const checkRule: Part = (assertion, { knowledge }, contradict) => {
  const { rule: key, variant: id } = assertion;
  if (key === undefined) return;
  const rule = knowledge.rules.find(entry => entry.key === key);
  if (rule === undefined) {
    contradict("rule", `unknown rule "${key}"`);
    return;
  }
  const steps = id === undefined ? rule.steps : rule.variants.find(entry => entry.id === id)?.steps;
  if (steps === undefined) {
    contradict("variant", `unknown variant "${id ?? ""}"`);
    return;
  }
  checkText(assertion, rule, steps.join("\n"), contradict);
  for (const [thing, goal] of Object.entries(assertion.excludes ?? {})) {
    const goesTo = rule.exclusions.find(entry => entry.item === thing)?.goes_to;
    if (goesTo === undefined || !new RegExp(goal, "u").test(goesTo))
      contradict("excludes", `${thing} goes to ${goesTo ?? "nowhere"}, not /${goal}/`);
  }
};

function checkText(assertion: Assertion, rule: Rule, steps: string, contradict: Contradict): void {
  const { steps_say: says = [], steps_never_say: never = [], tells = [] } = assertion;
  for (const pattern of missingIn(steps, says)) contradict("steps_say", `no step says /${pattern}/`);
  for (const pattern of foundIn(steps, never)) contradict("steps_never_say", `a step says /${pattern}/`);
  for (const pattern of missingIn([...rule.covers, rule.why].join("\n"), tells))
    contradict("tells", `the rule does not tell /${pattern}/`);
}

const checkAnswers: Part = ({ questions = {}, answer }, held, contradict) => {
  for (const [question, middle] of Object.entries(questions)) {
    const told = held.answer(question).middle;
    if (told !== middle) contradict("questions", `"${question}" leads to ${told}, not ${middle}`);
  }
  if (answer === undefined) return;
  const text = held.answer(answer.question).user_answer;
  for (const pattern of missingIn(text, answer.says ?? []))
    contradict("answer", `the answer to "${answer.question}" does not say /${pattern}/`);
  for (const pattern of foundIn(text, answer.never_says ?? []))
    contradict("answer", `the answer to "${answer.question}" says /${pattern}/`);
};

const parts: readonly Part[] = [checkSource, checkItemClasses, checkRule, checkAnswers];

const foundIn = (text: string, patterns: readonly string[]) =>
  patterns.filter(pattern => new RegExp(pattern, "u").test(text));
const missingIn = (text: string, patterns: readonly string[]) =>
  patterns.filter(pattern => !new RegExp(pattern, "u").test(text));
