import { fail } from "../../broker/errors.ts";
import type { Facts, Sighting } from "../../mixins/engine/engine.ts";
import { composeAnswer } from "../../mixins/knowledge/compose-answer.ts";
import type { Knowledge } from "../../mixins/knowledge/knowledge.types.ts";
import { legacyRule } from "../../mixins/knowledge/legacy-rule.ts";
import { searchItems } from "../../mixins/knowledge/search-items.ts";
import type { Job, Ruling } from "./scan.store.ts";

/** Just below what the answer tells as certain. */
const ESTIMATE_AT_MOST = 0.89;

/** What the knowledge says of what was seen: the class after its conditions, the steps, and what is still wrong. */
export function ruleOn(job: Job, knowledge: Knowledge): Ruling {
  const sighting = sightingOf(job);
  const { rule, ...composed } = composeAnswer({
    item: knowledge.items.find(item => item.id === sighting.itemId),
    class: sighting,
    tags: sighting.tags,
    question: job.user_input,
    ask: askBack(job.user_input, sighting),
    // A sure sighting is told as such; an estimate says that it is one and asks, however certain the net was of it.
    ...(sighting.estimate
      ? { confidence: Math.min(sighting.confidence, ESTIMATE_AT_MOST), candidates: sighting.candidates }
      : {}),
  });
  return { ...composed, rule_key: rule?.key ?? null };
}

/** What to ask back where the word that named the item names others too. */
function askBack(question: string, { itemId }: Sighting): string | null {
  const [hit] = searchItems(question, 1);
  return hit?.item.id === itemId ? hit.ask : null;
}

/** What the answer stage works from. */
export function factsOf(job: Job, knowledge: Knowledge): { sighting: Sighting; facts: Facts } {
  if (!job.facts) throw fail("INTERNAL", "the answer stage began without its rule");
  const { disposal_steps: steps, insufficiencies, user_answer: text, rule_key: ruleKey } = job.facts;
  const rule = knowledge.rules.find(each => each.key === ruleKey);
  return {
    sighting: sightingOf(job),
    facts: {
      steps: Object.values(steps),
      insufficiencies: [...insufficiencies],
      text,
      rule: rule ? JSON.stringify(legacyRule(rule)) : "",
    },
  };
}

function sightingOf(job: Job): Sighting {
  if (!job.sighting) throw fail("INTERNAL", "a stage began without a sighting");
  return job.sighting;
}
