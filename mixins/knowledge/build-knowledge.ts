import { classOf } from "./class-of.ts";
import type { ItemEntry, KnowledgeFiles, RegionsFile, RuleFile, TagEntry } from "./knowledge-files.types.ts";
import type { Region } from "./info.types.ts";
import type { Box, Item, Knowledge, Rule, Situation, Source } from "./knowledge.types.ts";
import type { Material } from "./materials.ts";

type SourceOf = (id: string) => Source;

/** Turns the checked files into the value that the code reads: references resolved, defaults filled in. */
export function buildKnowledge(files: KnowledgeFiles, version: string): Knowledge {
  const { sources } = files.sources.value;
  const sourceOf: SourceOf = id => found(sources, source => source.id === id, `source ${id}`);
  const rules = files.rules.map(sheet => buildRule(sheet.value, sourceOf));
  const ruleOf = (key: string) => found(rules, rule => rule.key === key, `rule ${key}`);
  return {
    version,
    sources,
    items: files.items.flatMap(({ value: { rule, materials, items } }) =>
      items.map(item => buildItem(item, ruleOf(rule), materials, sourceOf)),
    ),
    rules,
    situations: files.situations.value.groups.flatMap(group =>
      group.tags.map(entry => buildSituation(group.group, entry, sourceOf)),
    ),
    characters: files.characters.value.characters.map(character => ({
      ...character,
      accepted_codes: character.accepted_codes ?? [],
      default: character.default ?? false,
    })),
    regions: files.regions.value.regions.map(region => buildRegion(region, ruleOf("대형폐기물"), sourceOf)),
    faq: files.faq.value.faq.map(entry => ({ ...entry, item: entry.item ?? null })),
    language: files.synonyms.value,
  };
}

function found<T>(list: readonly T[], is: (entry: T) => boolean, what: string): T {
  const entry = list.find(is);
  if (entry === undefined) throw new Error(`unknown ${what}`);
  return entry;
}

function buildItem(item: ItemEntry, rule: Rule, materials: readonly Material[], sourceOf: SourceOf): Item {
  const source = sourceOf(item.source);
  return {
    id: item.id,
    name: item.name,
    major: rule.major,
    middle: rule.middle,
    aliases: item.aliases,
    rule: rule.key,
    variant: item.variant ?? null,
    materials: item.materials ?? materials,
    source,
    review: item.review ?? (source.official ? "verified" : "unverified"),
    taxonomy: item.taxonomy ?? [],
    note: item.note ?? null,
    hint: item.hint ?? null,
    conditions: Object.entries(item.conditions ?? {}).map(([tag, { to, variant, why, source: own }]) => ({
      tag,
      ...classOf(to),
      variant: variant ?? null,
      why,
      source: own === undefined ? source : sourceOf(own),
    })),
  };
}

function buildRule({ collection, ...rule }: RuleFile, sourceOf: SourceOf): Rule {
  const box = rule.box ?? null;
  const complete = (steps: readonly string[], own: Box | null) => (own === null ? steps : [...steps, own.without]);
  return {
    ...rule,
    scope: collection ? "collection" : "class",
    source: rule.source === null ? null : sourceOf(rule.source),
    box,
    steps: complete(rule.steps, box),
    variants: rule.variants.map(variant => {
      const own = variant.box === false ? null : box;
      return { ...variant, box: own, steps: complete(variant.steps, own), review: variant.review ?? rule.review };
    }),
  };
}

function buildRegion(region: RegionsFile["regions"][number], common: Rule, sourceOf: SourceOf): Region {
  const own = region.bulk;
  const { steps, source, review } = common;
  return {
    ...region,
    aliases: region.aliases ?? [],
    bulk:
      own === undefined
        ? { steps, source, review, fees: [] }
        : { steps: own.steps, source: sourceOf(own.source), review: "verified", fees: own.fees },
  };
}

function buildSituation(group: string, entry: TagEntry, sourceOf: SourceOf): Situation {
  const says = (list: TagEntry["steps"] = []) => list.map(({ for: middles = [], say }) => ({ for: middles, say }));
  return {
    tag: entry.tag,
    group,
    insufficiency: says(entry.insufficiency),
    steps: says(entry.steps),
    changes: (entry.changes ?? []).map(({ from, to, variant, why, source }) => ({
      from,
      ...classOf(to),
      variant: variant ?? null,
      why,
      source: sourceOf(source),
    })),
    patterns: entry.patterns ?? [],
  };
}
