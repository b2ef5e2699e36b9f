import { composeAnswer } from "./compose-answer.ts";
import type { Faq } from "./info.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";

/** The whole answer to a frequent question: its first sentences, then class, steps and ground as the knowledge has them. */
export function composeFaq({ rule: key, item, question, answer }: Faq): string {
  const { items, rules } = loadKnowledge();
  const named = items.find(({ id }) => id === item);
  const composed = composeAnswer({ item: named, class: rules.find(rule => rule.key === key), question });
  return `${answer}\n${composed.user_answer}`;
}
