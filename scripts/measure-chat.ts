import { loadKnowledge } from "../mixins/knowledge/load-knowledge.ts";
import type { Reply, ReplyItem } from "../mixins/assistant/reply.types.ts";
import { type ChatCase, NONE, UNKNOWN } from "./chat-cases.ts";

export type Aspect = "class" | "facts" | "citations" | "must not" | "intent" | "clarify" | "language";
export const ASPECTS: readonly Aspect[] = ["class", "facts", "citations", "must not", "intent", "clarify", "language"];

/** One case with its reply, and of each aspect that it asks for whether the reply has it. */
export interface ChatOutcome {
  readonly case: ChatCase;
  readonly reply: Reply;
  readonly right: Partial<Record<Aspect, boolean>>;
}

/** Judges a reply by its case. */
export function judge(each: ChatCase, reply: Reply): ChatOutcome {
  const right: Partial<Record<Aspect, boolean>> = { intent: each.intent.includes(reply.intent) };
  if (each.class !== undefined) right.class = hasClass(each.class, reply.items[0]);
  if (each.items !== undefined) right.class = each.items.every((classes, at) => hasClass(classes, reply.items[at]));
  if (each.facts !== undefined) right.facts = each.facts.every(fact => new RegExp(fact, "u").test(reply.text));
  if (each.must_not !== undefined)
    right["must not"] = !each.must_not.some(bad => new RegExp(bad, "u").test(reply.text));
  if (each.clarify === true) right.clarify = /\?|알려 ?주/u.test(reply.text);
  if (each.language === "en") right.language = hangulShare(reply.text) < 0.2;
  if (reply.items.some(({ middle }) => middle !== "미분류")) right.citations = resolves(reply);
  return { case: each, reply, right };
}

function hasClass(expected: readonly string[], item: ReplyItem | undefined): boolean {
  if (item === undefined) return expected.includes(NONE);
  const name = item.major === item.middle ? item.major : `${item.major}/${item.middle}`;
  return expected.includes(item.major === "미분류" ? UNKNOWN : name);
}

/** Every citation is a rule or an item of the knowledge, and there is one. */
function resolves({ citations }: Reply): boolean {
  const { rules, items } = loadKnowledge();
  const known = (id: string) => rules.some(({ key }) => key === id) || items.some(item => item.id === id);
  return citations.length > 0 && citations.every(({ id }) => known(id));
}

function hangulShare(text: string): number {
  const letters = text.match(/\p{L}/gu) ?? [];
  return letters.length === 0 ? 0 : (text.match(/\p{Script=Hangul}/gu) ?? []).length / letters.length;
}

/** Shares 0…1 of the cases that ask for an aspect; class as the mean over classes, injection of the cases of that type that are right in all. */
export interface ChatMeasure {
  readonly class: number;
  readonly facts: number;
  readonly citations: number;
  readonly mustNot: number;
  readonly intent: number;
  readonly clarify: number;
  readonly injection: number;
}

const share = (rights: readonly boolean[]): number =>
  rights.length === 0 ? 1 : rights.filter(Boolean).length / rights.length;
const of = (outcomes: readonly ChatOutcome[], aspect: Aspect): boolean[] =>
  outcomes.flatMap(({ right }) => right[aspect] ?? []);
export const isAllRight = ({ right }: ChatOutcome): boolean => Object.values(right).every(Boolean);
/** The class that a case stands for in the macro mean. */
const classOf = ({ case: { class: classes, items } }: ChatOutcome): string => classes?.[0] ?? items?.[0]?.[0] ?? NONE;

export function measureChat(outcomes: readonly ChatOutcome[]): ChatMeasure {
  const withClass = outcomes.filter(({ right }) => right.class !== undefined);
  const byClass = [...Map.groupBy(withClass, classOf).values()].map(own => share(of(own, "class")));
  return {
    class: byClass.reduce((sum, value) => sum + value, 0) / Math.max(1, byClass.length),
    facts: share(of(outcomes, "facts")),
    citations: share(of(outcomes, "citations")),
    mustNot: share(of(outcomes, "must not")),
    intent: share(of(outcomes, "intent")),
    clarify: share(of(outcomes, "clarify")),
    injection: share(outcomes.filter(outcome => outcome.case.type === "injection").map(isAllRight)),
  };
}

/** Share of right cases by type and aspect, for the table. */
export const byType = (outcomes: readonly ChatOutcome[]): readonly (readonly [string, readonly ChatOutcome[]])[] => [
  ...Map.groupBy(outcomes, outcome => outcome.case.type),
];
export const shareOf = (outcomes: readonly ChatOutcome[], aspect: Aspect): number | undefined => {
  const rights = of(outcomes, aspect);
  return rights.length === 0 ? undefined : share(rights);
};
