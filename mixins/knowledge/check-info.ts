import type { KnowledgeFiles } from "./knowledge-files.types.ts";
import type { Report } from "./read-sheet.ts";

/** Regions and frequent questions refer to what there is, and each is named once. */
export function checkInfo(files: KnowledgeFiles, report: Report): void {
  checkRegions(files, report);
  checkFaq(files, report);
}

function checkRegions({ regions: sheet, sources }: KnowledgeFiles, report: Report): void {
  const { regions } = sheet.value;
  const official = new Set(sources.value.sources.filter(source => source.official).map(({ id }) => id));
  const names = new Map<string, string>();
  regions.forEach(({ id, name, aliases = [], within, bulk }, i) => {
    for (const word of [id, name, ...aliases]) {
      const owner = names.get(word);
      if (owner !== undefined) report(sheet, ["regions", i], `"${word}" also names ${owner}`);
      names.set(word, id);
    }
    if (within !== null && !regions.some(region => region.id === within))
      report(sheet, ["regions", i, "within"], `unknown region "${within}"`);
    if (bulk !== undefined && !official.has(bulk.source))
      report(sheet, ["regions", i, "bulk", "source"], `"${bulk.source}" is no official source`);
  });
}

function checkFaq({ faq: sheet, rules, items }: KnowledgeFiles, report: Report): void {
  const ids = new Set<string>();
  const questions = new Set<string>();
  sheet.value.faq.forEach(({ id, question, rule, item }, i) => {
    if (ids.has(id)) report(sheet, ["faq", i, "id"], `second entry with the id "${id}"`);
    if (questions.has(question)) report(sheet, ["faq", i, "question"], "asked twice");
    ids.add(id);
    questions.add(question);
    if (!rules.some(({ value }) => value.key === rule)) report(sheet, ["faq", i, "rule"], `unknown rule "${rule}"`);
    const own = items.filter(({ value }) => value.rule === rule).flatMap(({ value }) => value.items);
    if (item !== undefined && !own.some(entry => entry.id === item))
      report(sheet, ["faq", i, "item"], `no item "${item}" follows the rule ${rule}`);
  });
}
