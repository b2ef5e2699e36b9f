import { type Knowledge, majors, recyclableMiddles, type Rule, unclassified } from "../knowledge/knowledge.types.ts";
import { itemList } from "../knowledge/list-classes.ts";
import { loadKnowledge } from "../knowledge/load-knowledge.ts";
import type { InsertName } from "./load-prompts.ts";

/** Names of the classes that a model may answer: the keys of the classes' rules in the order of the taxonomy, and 미분류. */
export const classKeys = ({ rules }: Pick<Knowledge, "rules">): string[] => [
  ...inOrder(rules).map(rule => rule.key),
  unclassified,
];

/** The knowledge's own lists as text for the places of prompts, so that no prompt repeats (and outdates) them. */
export function promptLists(): Record<InsertName, string> {
  const { rules, situations } = loadKnowledge();
  const groups = [...new Set(situations.map(situation => situation.group))];
  const tagsOf = (group: string) => situations.filter(each => each.group === group).map(each => each.tag);
  return {
    classes: [...inOrder(rules).map(rule => `- ${rule.key}: ${rule.covers.join(", ")}`), `- ${unclassified}`].join(
      "\n",
    ),
    items: itemList(),
    tags: groups.map(group => `- ${group}: ${tagsOf(group).join(", ")}`).join("\n"),
  };
}

/** The classes' rules in the order of the taxonomy: a fixed order keeps the prompt's head the same, so that providers can reuse it. */
function inOrder(rules: readonly Rule[]): Rule[] {
  const order: readonly string[] = [...recyclableMiddles, ...majors];
  const ofClasses = rules.filter(({ scope }) => scope === "class");
  return ofClasses.toSorted((a, b) => order.indexOf(a.middle) - order.indexOf(b.middle));
}
