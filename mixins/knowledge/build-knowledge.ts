import { classOf } from "./class-of.ts";
import type { ItemEntry, ItemsFile, KnowledgeFiles, RuleFile, TagEntry } from "./knowledge-files.types.ts";
import type { Item, Knowledge, Rule, Situation, Source } from "./knowledge.types.ts";

/** Turns the checked files into the value that the code reads: references resolved, defaults filled in. */
export function buildKnowledge(files: KnowledgeFiles, version: string): Knowledge {
  const { sources } = files.sources.value;
  const sourceOf = (id: string): Source => {
    const source = sources.find(entry => entry.id === id);
    if (source === undefined) throw new Error(`unknown source ${id}`);
    return source;
  };
  return {
    version,
    sources,
    items: files.items.value.groups.flatMap(group =>
      group.items.map(item => buildItem(group, item, sourceOf(item.source))),
    ),
    rules: files.rules.map(sheet =>
      buildRule(sheet.value, sheet.value.source === null ? null : sourceOf(sheet.value.source)),
    ),
    situations: files.situations.value.groups.flatMap(group =>
      group.tags.map(entry => buildSituation(group.group, entry, sourceOf)),
    ),
    characters: files.characters.value.characters.map(character => ({
      ...character,
      accepted_codes: character.accepted_codes ?? [],
      default: character.default ?? false,
    })),
    language: files.synonyms.value,
  };
}

function buildItem(group: ItemsFile["groups"][number], item: ItemEntry, source: Source): Item {
  return {
    id: item.id,
    name: item.name,
    major: group.major,
    middle: group.middle,
    aliases: item.aliases,
    rule: group.rule,
    variant: item.variant ?? null,
    source,
    review: item.review ?? (source.official ? "verified" : "unverified"),
    taxonomy: item.taxonomy ?? [],
    note: item.note ?? null,
    hint: item.hint ?? null,
    conditions: Object.entries(item.conditions ?? {}).map(([tag, { to, variant, why }]) => ({
      tag,
      ...classOf(to),
      variant: variant ?? null,
      why,
    })),
  };
}

function buildRule(rule: RuleFile, source: Source | null): Rule {
  return {
    ...rule,
    source,
    variants: rule.variants.map(variant => ({ ...variant, review: variant.review ?? rule.review })),
  };
}

function buildSituation(group: string, entry: TagEntry, sourceOf: (id: string) => Source): Situation {
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
