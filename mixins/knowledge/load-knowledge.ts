import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildKnowledge } from "./build-knowledge.ts";
import { checkKnowledge } from "./check-knowledge.ts";
import { freezeDeeply } from "./freeze-deeply.ts";
import type {
  CharactersFile,
  FaqFile,
  ItemsFile,
  KnowledgeFiles,
  RegionsFile,
  RuleFile,
  Sheet,
  SituationsFile,
  SourcesFile,
  SynonymsFile,
} from "./knowledge-files.types.ts";
import type { Knowledge } from "./knowledge.types.ts";
import { sheetReader } from "./read-sheet.ts";

export const KNOWLEDGE_FOLDER = fileURLToPath(new URL("../../knowledge/", import.meta.url));
let loaded: Knowledge | undefined;

/** The knowledge of this release: read and checked on first use, then one frozen value for the whole process. */
export function loadKnowledge(): Knowledge {
  loaded ??= readKnowledge(KNOWLEDGE_FOLDER);
  return loaded;
}

/**
 * Reads and checks a knowledge folder. Its faults are a fault of the release, not of a request, so it throws a plain Error at start
 * that lists all of them, each with file, line and path.
 */
export function readKnowledge(folder: string): Knowledge {
  const faults: string[] = [];
  const files = readFiles(folder, faults);
  if (files !== undefined) faults.push(...checkKnowledge(files));
  if (files === undefined || faults.length > 0)
    throw new Error(`The knowledge has ${faults.length} fault${faults.length === 1 ? "" : "s"}:\n${faults.join("\n")}`);
  return freezeDeeply(buildKnowledge(files, versionOf(files)));
}

function readFiles(folder: string, faults: string[]): KnowledgeFiles | undefined {
  const read = sheetReader(folder, faults);
  const readAll = <T>(part: string, schema: string) =>
    readdirSync(join(folder, part))
      .filter(name => name.endsWith(".yaml"))
      .sort()
      .map(name => read<T>(`${part}/${name}`, schema));
  const sources = read<SourcesFile>("sources.yaml", "sources.schema.json");
  const rules = readAll<RuleFile>("rules", "rule.schema.json");
  const items = readAll<ItemsFile>("items", "items.schema.json");
  const situations = read<SituationsFile>("situations.yaml", "situations.schema.json");
  const characters = read<CharactersFile>("characters.yaml", "characters.schema.json");
  const synonyms = read<SynonymsFile>("synonyms.yaml", "synonyms.schema.json");
  const regions = read<RegionsFile>("regions.yaml", "regions.schema.json");
  const faq = read<FaqFile>("faq.yaml", "faq.schema.json");
  if (!sources || !situations || !characters || !synonyms || !regions || !faq) return undefined;
  if (!rules.every(sheet => sheet !== undefined) || !items.every(sheet => sheet !== undefined)) return undefined;
  return { sources, items, rules, situations, characters, synonyms, regions, faq };
}

/** Newest review day and a hash of the content, so that an answer can be traced to the very knowledge that it came from. */
function versionOf(files: KnowledgeFiles): string {
  const hash = createHash("sha256");
  const sheets: Sheet<unknown>[] = [
    files.sources,
    ...files.items,
    files.situations,
    files.characters,
    files.synonyms,
    files.regions,
    files.faq,
    ...files.rules,
  ];
  for (const sheet of sheets) hash.update(`${sheet.file}\0${sheet.text}\0`);
  const reviewed = files.rules.map(sheet => sheet.value.reviewed).sort();
  return `${reviewed.at(-1) ?? "unreviewed"}+${hash.digest("hex").slice(0, 8)}`;
}
