import { type Judgement, judgeClass } from "./judge-class.ts";
import {
  type AnswerInput,
  type Citation,
  type ComposedAnswer,
  type Rule,
  type SituationSay,
  type Source,
  unclassified,
} from "./knowledge.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";
import { citeSource, sayClass, sayDoubt, sayExclusions, sayGrounds, sayRegions } from "./phrase-answer.ts";
import { findRule } from "./find-rule.ts";

/**
 * Composes the whole answer from the knowledge: nothing is generated, the same input always gives the same answer. The class is the
 * item's (or the named one) after the states in `tags`; steps, insufficiencies and citations follow from its rule. Where there is no rule,
 * it is `fallbackAnswer()`.
 */
export function composeAnswer(input: AnswerInput): ComposedAnswer {
  const tags = input.tags ?? [];
  const judgement = judgeClass(input.item, input.class, tags);
  if (judgement === null) return fallbackAnswer(input);
  const rule = findRule(judgement.major, judgement.middle, judgement.item ?? undefined);
  if (rule === null) return fallbackAnswer(input);
  const steps = listSteps(rule, judgement, tags);
  const insufficiencies = saysFor(judgement, tags, situation => situation.insufficiency);
  return {
    major: judgement.major,
    middle: judgement.middle,
    minor: nameOf(judgement, input),
    rule,
    disposal_steps: numberSteps(steps),
    insufficiencies,
    user_answer: writeAnswer(input, judgement, rule, steps, insufficiencies),
    citations: cite(rule, judgement),
  };
}

/** What is said of a thing that the knowledge doesn't have: honest, without steps, and with a way on. */
export function fallbackAnswer(input: Pick<AnswerInput, "confidence" | "candidates" | "ask"> = {}): ComposedAnswer {
  const asked =
    (input.candidates ?? []).length > 0 || typeof input.ask === "string" ? sayDoubt({ confidence: 0, ...input }) : [];
  return {
    major: unclassified,
    middle: unclassified,
    minor: unclassified,
    rule: null,
    disposal_steps: {},
    insufficiencies: ["무엇인지 알아보지 못했어요. 품목이 잘 보이게 다시 찍거나 이름을 알려 주세요."],
    user_answer: [
      "말씀하신 것은 우리 자료에 없어요. 잘못 알려 드리지 않으려고 버리는 방법을 짐작하지 않을게요.",
      ...asked,
      "품목 이름이나 재질을 알려 주시면 다시 찾아볼게요. 급하시면 사는 곳의 시·군·구청이나 주민센터에 확인해 주세요.",
    ].join("\n"),
    citations: [],
  };
}

/** Never empty and never null: clients print it as it is. */
function nameOf({ item, middle, change }: Judgement, input: AnswerInput): string {
  const named = input.class?.minor?.trim() ?? "";
  if (item !== null) return item.name;
  return named === "" || named === change?.from ? middle : named;
}

function saysFor(
  { middle }: Judgement,
  tags: readonly string[],
  pick: (situation: {
    insufficiency: readonly SituationSay[];
    steps: readonly SituationSay[];
  }) => readonly SituationSay[],
): string[] {
  const says = loadKnowledge()
    .situations.filter(({ tag }) => tags.includes(tag))
    .flatMap(pick)
    .filter(({ for: middles }) => middles.length === 0 || middles.includes(middle));
  return [...new Set(says.map(({ say }) => say))];
}

function listSteps(rule: Rule, judgement: Judgement, tags: readonly string[]): string[] {
  const variant = rule.variants.find(({ id }) => id === judgement.variant);
  const first = saysFor(judgement, tags, situation => situation.steps);
  return [...new Set([...first, ...(variant?.steps ?? rule.steps)])];
}

function numberSteps(steps: readonly string[]): Record<string, string> {
  return Object.fromEntries(steps.map((step, at) => [`${at + 1}단계`, step]));
}

/** The source of the class: of what moved the thing here, else of the item. Null: nothing official says that it belongs here. */
function classSource({ item, change }: Judgement): Source | null {
  const source = change?.source ?? item?.source;
  return source?.official ? source : null;
}

function isVerified(rule: Rule, judgement: Judgement): boolean {
  const { item, variant, change } = judgement;
  const steps = rule.variants.find(({ id }) => id === variant)?.review ?? rule.review;
  // A thing that its state moved elsewhere is judged by that change; its own class says nothing then.
  const isClassVerified = change === null ? item?.review !== "unverified" : change.source.official;
  return steps === "verified" && isClassVerified;
}

function writeAnswer(
  input: AnswerInput,
  judgement: Judgement,
  rule: Rule,
  steps: readonly string[],
  insufficiencies: readonly string[],
): string {
  const hint = judgement.item?.hint ?? null;
  return [
    ...sayDoubt(input, nameOf(judgement, input)),
    sayClass(nameOf(judgement, input), judgement, input).join(" "),
    ...(hint === null || judgement.change !== null ? [] : [hint]),
    ...(insufficiencies.length === 0 ? [] : [`아직 남은 일이 있어요: ${insufficiencies.join(" ")}`]),
    ...steps.map((step, at) => `${at + 1}. ${step}`),
    ...sayExclusions(rule, judgement),
    ...sayRegions(rule),
    ...sayGrounds(rule.source ?? classSource(judgement), isVerified(rule, judgement)),
  ].join("\n");
}

function cite(rule: Rule, judgement: Judgement): Citation[] {
  const { major, middle, item } = judgement;
  const citation = (id: string, title: string, source: Source | null): Citation => ({
    id,
    title,
    major,
    middle,
    source: source === null ? "공식 출처를 확인하지 못한 일반 안내" : citeSource(source),
    url: source?.url ?? null,
  });
  const ofRule = citation(rule.key, rule.name, rule.source);
  const ofClass = classSource(judgement);
  // The rule says how, the item's source says at least why it belongs here.
  return rule.source === null && ofClass !== null && item !== null
    ? [ofRule, citation(item.id, item.name, ofClass)]
    : [ofRule];
}
