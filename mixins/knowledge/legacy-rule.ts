import type { Rule } from "./knowledge.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";

/** The rule as `disposal_rules` of the HTTP contract; its keys are Korean because clients read them so. */
export interface LegacyRule {
  readonly key: string;
  readonly category: string;
  readonly 이름: string;
  readonly 대상_품목: readonly string[];
  readonly 대상_설명: readonly string[];
  readonly 세부_품목: Readonly<Record<string, readonly string[]>>;
  readonly 배출방법_공통: readonly string[];
  readonly 배출방법_세부: Readonly<Record<string, readonly string[]>>;
  readonly 배출불가_품목_안내: Readonly<Record<string, string>>;
  readonly 아이콘_절차: readonly string[];
  readonly source_url?: string;
}

/** A rule in the form of the HTTP contract's `disposal_rules`, whose Korean keys existing clients know. */
export function legacyRule(rule: Rule): LegacyRule {
  const items = loadKnowledge().items.filter(item => item.rule === rule.key);
  return {
    key: rule.key,
    category: rule.middle,
    이름: rule.name,
    대상_품목: items.map(({ name }) => name),
    대상_설명: rule.covers,
    세부_품목: Object.fromEntries(
      rule.variants.map(({ id, name }) => [name, items.filter(({ variant }) => variant === id).map(item => item.name)]),
    ),
    배출방법_공통: rule.steps,
    배출방법_세부: Object.fromEntries(rule.variants.map(({ name, steps }) => [name, steps])),
    배출불가_품목_안내: Object.fromEntries(
      rule.exclusions.map(({ item, goes_to: goesTo, why }) => [item, `${goesTo}: ${why}`]),
    ),
    아이콘_절차: rule.icons,
    ...(rule.source?.url == null ? {} : { source_url: rule.source.url }),
  };
}
