import type { Static } from "typebox";
import { composeFaq } from "../../mixins/knowledge/compose-faq.ts";
import type { Faq, Region } from "../../mixins/knowledge/info.types.ts";
import {
  type Item,
  type Knowledge,
  majors,
  type Middle,
  recyclableMiddles,
  type Rule,
  type Source,
  unclassified,
} from "../../mixins/knowledge/knowledge.types.ts";
import { classIcons } from "./class-icons.ts";
import type { BulkGuide, FaqEntry, ItemEntry, RegionalRules, SourceEntry, WasteCategory } from "./knowledge.schemas.ts";

/** An item as readers of `/info` get it: class, steps of its rule or variant, and what changes its class. */
export function describeItem(item: Item, { rules, version }: Knowledge): Static<typeof ItemEntry> {
  const rule = rules.find(({ key }) => key === item.rule);
  const steps = stepsOf(item, rule);
  const changes = item.conditions.map(({ middle, why }) => `${why} (→ ${middle})`);
  const regional = (rule?.regional ?? []).map(({ region, note }) => `${region}: ${note}`);
  return {
    id: item.id,
    name: item.name,
    category: item.major,
    subcategory: item.middle === item.major ? null : item.middle,
    disposal_method: steps.join(" "),
    steps,
    notes: [...(item.hint === null ? [] : [item.hint]), ...changes, ...regional],
    recyclable: item.major === "재활용폐기물",
    aliases: [...item.aliases],
    rule: item.rule,
    source: describeSource(item.source),
    review: item.review,
    version,
  };
}

const stepsOf = (item: Item, rule: Rule | undefined): string[] => [
  ...(rule?.variants.find(({ id }) => id === item.variant)?.steps ?? rule?.steps ?? []),
];

export const describeSource = ({ title, number, date, url, official }: Source): Static<typeof SourceEntry> => ({
  title,
  number,
  date,
  url,
  official,
});

/** Every class that has a rule of its own, with how many items it holds. */
export function listWasteCategories({ items }: Knowledge): Static<typeof WasteCategory>[] {
  const own = majors.filter(major => major !== "재활용폐기물" && major !== unclassified);
  return [...recyclableMiddles, ...own].map((middle: Middle) => ({
    id: middle,
    name: middle,
    icon: classIcons[middle],
    item_count: items.filter(item => item.middle === middle).length,
  }));
}

/** All rules as they hold in one municipality: what its region does otherwise stands beside each. */
export function describeRegion(region: Region, knowledge: Knowledge): Static<typeof RegionalRules> {
  const names = regionAndAbove(region, knowledge.regions).map(({ name }) => name);
  return {
    ...officeOf(region),
    region: region.name,
    within: knowledge.regions.find(({ id }) => id === region.within)?.name ?? null,
    rules: knowledge.rules.map(rule => ({
      key: rule.key,
      name: rule.name,
      category: rule.major,
      subcategory: rule.middle === rule.major ? null : rule.middle,
      steps: [...rule.steps],
      why: rule.why,
      differs: rule.regional
        .filter(({ region: where }) => names.includes(where))
        .map(({ note, since, review }) => ({ note, since, review })),
      source: rule.source === null ? null : describeSource(rule.source),
      reviewed: rule.reviewed,
      review: rule.review,
    })),
    bulk: describeBulk(region),
    version: knowledge.version,
  };
}

export const officeOf = ({ id, name, office, page }: Region) => ({ id, name, office, page });

/** How bulk waste is handed over there; fees only where the knowledge has an official list of them. */
export const describeBulk = ({ bulk }: Region): Static<typeof BulkGuide> => ({
  steps: [...bulk.steps],
  review: bulk.review,
  source: bulk.source === null ? null : describeSource(bulk.source),
  fees: bulk.fees.map(({ item, won }) => ({ item, spec: null, won })),
});

function regionAndAbove(region: Region, regions: readonly Region[]): Region[] {
  const above = regions.find(({ id }) => id === region.within);
  return above === undefined ? [region] : [region, ...regionAndAbove(above, regions)];
}

export const describeFaq = (faq: Faq, version: string): Static<typeof FaqEntry> => ({
  id: faq.id,
  question: faq.question,
  answer: composeFaq(faq),
  category: faq.category,
  rule: faq.rule,
  version,
});
