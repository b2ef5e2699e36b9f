import type { Faq, Region } from "../mixins/knowledge/info.types.ts";
import type { Character, Item, Knowledge, Rule, Situation, Source } from "../mixins/knowledge/knowledge.types.ts";
import type { Ambiguity } from "../mixins/knowledge/language.types.ts";

/** What is told of an entry, in words; lists are compared word by word. */
type View = Readonly<Record<string, string | readonly string[]>>;

/** What changed in meaning between two states of the knowledge, as indented lines; empty when nothing did (comments, order of files). */
export function compareKnowledge(before: Knowledge, after: Knowledge): string[] {
  return parts.flatMap(({ title, entries }) => {
    const lines = compareEntries(entries(before), entries(after));
    return lines.length === 0 ? [] : [title, ...lines.map(line => `  ${line}`), ""];
  });
}

const parts: readonly { title: string; entries: (knowledge: Knowledge) => ReadonlyMap<string, View> }[] = [
  { title: "items", entries: ({ items }) => new Map(items.map(item => [item.id, viewItem(item)])) },
  { title: "rules", entries: ({ rules }) => new Map(rules.map(rule => [rule.key, viewRule(rule)])) },
  {
    title: "situations",
    entries: ({ situations }) => new Map(situations.map(each => [each.tag, viewSituation(each)])),
  },
  {
    title: "ambiguities",
    entries: ({ language }) => new Map(language.ambiguities.map(each => [each.alias, viewAmbiguity(each)])),
  },
  { title: "words", entries: ({ language }) => new Map([["language", viewLanguage(language)]]) },
  { title: "regions", entries: ({ regions }) => new Map(regions.map(region => [region.id, viewRegion(region)])) },
  { title: "questions", entries: ({ faq }) => new Map(faq.map(entry => [entry.id, viewFaq(entry)])) },
  {
    title: "characters",
    entries: ({ characters }) => new Map(characters.map(each => [each.code, viewCharacter(each)])),
  },
  { title: "sources", entries: ({ sources }) => new Map(sources.map(source => [source.id, viewSource(source)])) },
];

const viewItem = (item: Item): View => ({
  name: item.name,
  class: item.middle,
  rule: item.rule,
  variant: item.variant ?? "–",
  words: item.aliases,
  materials: item.materials,
  source: `${item.source.id}, ${item.review}`,
  hint: item.hint ?? "–",
  conditions: item.conditions.map(({ tag, middle, why }) => `${tag} → ${middle} (${why})`),
});

const viewRule = (rule: Rule): View => ({
  name: rule.name,
  class: rule.middle,
  covers: rule.covers,
  steps: rule.steps,
  variants: rule.variants.flatMap(({ id, steps, review }) => steps.map(step => `${id} (${review}): ${step}`)),
  exclusions: rule.exclusions.map(({ item, goes_to: goesTo, why }) => `${item} → ${goesTo} (${why})`),
  why: rule.why,
  regional: rule.regional.map(({ region, since, note }) => `${region} ${since ?? ""}: ${note}`),
  source: `${rule.source?.id ?? "none"}, ${rule.review}, effective ${rule.effective ?? "–"}, reviewed ${rule.reviewed}`,
});

const viewSituation = ({ insufficiency, changes, steps, patterns }: Situation): View => ({
  missing: insufficiency.map(({ for: middles, say }) => `${middles.join("·") || "all"}: ${say}`),
  changes: changes.map(({ from, middle, why }) => `${from.join("·")} → ${middle} (${why})`),
  steps: steps.map(({ for: middles, say }) => `${middles.join("·") || "all"}: ${say}`),
  patterns,
});

const viewAmbiguity = ({ items, ask }: Ambiguity): View => ({ items, ask });
/** Every list of the language but its ambiguities, which are entries of their own. */
const viewLanguage = (language: Knowledge["language"]): View =>
  Object.fromEntries(
    Object.entries(language)
      .filter(([list]) => list !== "ambiguities")
      .map(([list, entries]) => [list, (entries as readonly (string | object)[]).map(sayEntry)]),
  );
const sayEntry = (entry: string | object): string =>
  typeof entry === "string" ? entry : Object.values(entry).join(" → ");
const viewRegion = ({ name, office, page, bulk }: Region): View => ({
  name,
  office,
  page: page ?? "–",
  bulk: bulk.steps,
  fees: bulk.fees.map(({ item, won }) => `${item} ${won}`),
});
const viewFaq = ({ question, rule, item, answer }: Faq): View => ({ question, rule, item: item ?? "–", answer });
const viewCharacter = ({ name, match, dialog }: Character): View => ({ name, match, dialog });
const viewSource = ({ title, number, date, url, official }: Source): View => ({
  title,
  number: number ?? "–",
  date,
  url: url ?? "–",
  official: String(official),
});

function compareEntries(before: ReadonlyMap<string, View>, after: ReadonlyMap<string, View>): string[] {
  const removed = [...before].filter(([key]) => !after.has(key)).map(([key, view]) => `- ${key}${titleOf(view)}`);
  const others = [...after].flatMap(([key, view]) => {
    const old = before.get(key);
    if (old === undefined) return [`+ ${key}${titleOf(view)}`];
    const lines = compareViews(old, view);
    return lines.length === 0 ? [] : [`~ ${key}${titleOf(view)}`, ...lines.map(line => `    ${line}`)];
  });
  return [...removed, ...others];
}

/** Name and class, where there are any. */
function titleOf({ name, class: middle }: View): string {
  return [name, middle].map(each => (typeof each === "string" ? `  ${each}` : "")).join("");
}

function compareViews(before: View, after: View): string[] {
  return Object.entries(after).flatMap(([field, now]) => {
    const was = before[field] ?? [];
    if (typeof now === "string") return now === was ? [] : [`${field}: ${String(was)} → ${now}`];
    const list = typeof was === "string" ? [was] : was;
    const gone = list.filter(each => !now.includes(each)).map(each => `${field} - ${each}`);
    const added = now.filter(each => !list.includes(each)).map(each => `${field} + ${each}`);
    if (gone.length + added.length > 0) return [...gone, ...added];
    return isOrdered(field) && list.join("\n") !== now.join("\n") ? [`${field} in another order`] : [];
  });
}

/** Words and materials mean the same in any order, steps don't. */
const isOrdered = (field: string): boolean => field === "steps" || field === "variants" || field === "bulk";
