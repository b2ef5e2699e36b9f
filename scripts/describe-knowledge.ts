import { table } from "../broker/repl/table.ts";
import { type Item, type Knowledge, majors, recyclableMiddles } from "../mixins/knowledge/knowledge.types.ts";

const msPerDay = 86_400_000;

/**
 * What the knowledge holds, as lines: items by class and by source, how much of it is unverified, and the rules that nobody reviewed for
 * longer than `days` days before `on` (ISO day).
 */
export function describeKnowledge(knowledge: Knowledge, on: string, days: number): string[] {
  const { version, items, rules, faq, regions } = knowledge;
  const words = items.reduce((sum, { aliases }) => sum + aliases.length, 0);
  return [
    `knowledge ${version}: ${items.length} items with ${words} other words, ${rules.length} rules, ${faq.length} questions, ${regions.length} regions`,
    "",
    ...table(
      ["class", "items", "words", "unverified"],
      [...recyclableMiddles, ...majors]
        .map(middle => [middle, items.filter(item => item.middle === middle)] as const)
        .flatMap(([middle, all]) => (all.length === 0 ? [] : [[middle, ...figures(all)]])),
    ),
    "",
    ...describeSources(knowledge),
    "",
    ...describeOverdue(knowledge, on, days),
  ];
}

function figures(items: readonly Item[]): string[] {
  const words = items.reduce((sum, { aliases }) => sum + aliases.length, 0);
  const open = items.filter(({ review }) => review === "unverified").length;
  return [String(items.length), String(words), `${open} (${Math.round((100 * open) / items.length)} %)`];
}

function describeSources({ sources, items, rules }: Knowledge): string[] {
  const rows = sources.map(({ id, title, number, date, official }) => [
    id,
    String(items.filter(({ source }) => source.id === id).length),
    String(rules.filter(({ source }) => source?.id === id).length),
    official ? "yes" : "no",
    date,
    number === null ? title : `${title}, ${number}`,
  ]);
  const none = rules.filter(({ source }) => source === null).length;
  return table(["source", "items", "rules", "official", "date", "title"], [...rows, ["none", "0", String(none)]]);
}

function describeOverdue({ rules }: Knowledge, on: string, days: number): string[] {
  const age = (reviewed: string) => Math.floor((Date.parse(on) - Date.parse(reviewed)) / msPerDay);
  const overdue = rules.filter(({ reviewed }) => age(reviewed) > days);
  if (overdue.length === 0) return [`On ${on} every rule was reviewed within ${days} days.`];
  const rows = overdue
    .toSorted((a, b) => a.reviewed.localeCompare(b.reviewed))
    .map(({ key, reviewed }) => [key, reviewed, String(age(reviewed))]);
  return [
    `On ${on} ${overdue.length} of ${rules.length} rules were last reviewed more than ${days} days ago:`,
    ...table(["rule", "reviewed", "days"], rows),
  ];
}
