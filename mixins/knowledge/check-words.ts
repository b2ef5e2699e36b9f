import type { KnowledgeFiles } from "./knowledge-files.types.ts";
import { keyMaker } from "./normalise-text.ts";
import type { Report } from "./read-sheet.ts";

/** A word leads to one item, unless it is declared ambiguous. */
export function checkWords(files: KnowledgeFiles, report: Report): void {
  const keyOf = keyMaker(files.synonyms.value.rewrites);
  const owners = new Map<string, string>();
  const ids = new Set<string>();
  for (const sheet of files.items) {
    sheet.value.items.forEach((item, i) => {
      ids.add(item.id);
      [item.name, ...item.aliases].forEach((word, w) => {
        const owner = owners.get(keyOf(word));
        const at = w === 0 ? ["items", i, "name"] : ["items", i, "aliases", w - 1];
        if (owner !== undefined && owner !== item.id)
          report(sheet, at, `"${word}" also names ${owner}; declare it in synonyms.yaml under ambiguities`);
        owners.set(keyOf(word), item.id);
      });
    });
  }
  checkAmbiguities(files, report, keyOf, owners, ids);
  files.synonyms.value.descriptions.forEach(({ item }, i) => {
    if (!ids.has(item)) report(files.synonyms, ["descriptions", i, "item"], `unknown item "${item}"`);
  });
}

function checkAmbiguities(
  { synonyms: sheet }: KnowledgeFiles,
  report: Report,
  keyOf: (text: string) => string,
  owners: ReadonlyMap<string, string>,
  ids: ReadonlySet<string>,
): void {
  const seen = new Set<string>();
  sheet.value.ambiguities.forEach((entry, i) => {
    const key = keyOf(entry.alias);
    const owner = owners.get(key);
    if (owner !== undefined) report(sheet, ["ambiguities", i, "alias"], `"${entry.alias}" is an alias of ${owner}`);
    if (seen.has(key)) report(sheet, ["ambiguities", i, "alias"], `"${entry.alias}" is declared twice`);
    seen.add(key);
    for (const id of entry.items) {
      if (!ids.has(id)) report(sheet, ["ambiguities", i, "items"], `unknown item "${id}"`);
    }
  });
}
