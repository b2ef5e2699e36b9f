import { readClass } from "./class-of.ts";
import type { Item, Rule } from "./knowledge.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";

/**
 * The rule of a class, by the names that vision, a client or an item give it. An item's own rule, which may be that of a special collection,
 * counts only while the item is in its own class (a broken bottle follows the rule of broken glass). Null: there is no rule (미분류, or a class that doesn't exist).
 */
export function findRule(major: string, middle: string | null | undefined, item?: Item): Rule | null {
  const { rules } = loadKnowledge();
  if (item?.major === major && item.middle === middle) return rules.find(({ key }) => key === item.rule) ?? null;
  const found = readClass(major, middle);
  return found === null ? null : (rules.find(rule => rule.scope === "class" && rule.middle === found.middle) ?? null);
}
