import type { KnowledgeFiles, RuleFile, Sheet } from "./knowledge-files.types.ts";
import { majors, type Middle, recyclableMiddles, unclassified } from "./knowledge.types.ts";
import { keyMaker } from "./normalise-text.ts";
import { faultAt } from "./read-sheet.ts";
import { classOf } from "./class-of.ts";

type Report = (sheet: Sheet<unknown>, path: (string | number)[], message: string) => void;

/** Every class that has a rule: the twelve recyclable middles and the six other majors that people can sort into. */
const classesWithRule: readonly Middle[] = [
  ...recyclableMiddles,
  ...majors.filter(major => major !== "재활용폐기물" && major !== unclassified),
];

/** What no schema can see: references between the files, uniqueness, completeness. Returns one line per fault. */
export function checkKnowledge(files: KnowledgeFiles): string[] {
  const faults: string[] = [];
  const report: Report = (sheet, path, message) => {
    faults.push(faultAt(sheet.file, sheet.lineOf(path), path, message));
  };
  checkRules(files, report);
  checkItems(files, report);
  checkWords(files, report);
  checkSituations(files, report);
  checkCharacters(files, report);
  return faults;
}

const ruleOfClass = (files: KnowledgeFiles, middle: Middle): RuleFile | undefined =>
  files.rules.find(sheet => sheet.value.middle === middle)?.value;

/** Reports a variant that the rule of the target class doesn't have. */
function checkVariant(files: KnowledgeFiles, middle: Middle, variant: string | undefined): string | undefined {
  if (variant === undefined || ruleOfClass(files, middle)?.variants.some(({ id }) => id === variant)) return undefined;
  return `the rule of ${middle} has no variant "${variant}"`;
}

function checkRules(files: KnowledgeFiles, report: Report): void {
  const official = new Map(files.sources.value.sources.map(source => [source.id, source.official]));
  for (const middle of classesWithRule) {
    const count = files.rules.filter(sheet => sheet.value.middle === middle).length;
    if (count !== 1) report(files.items, [], `${middle} has ${count} rule files instead of one`);
  }
  for (const sheet of files.rules) {
    const { key, major, middle, source, review } = sheet.value;
    if (classOf(middle).major !== major) report(sheet, ["middle"], `${middle} is not a class of ${major}`);
    const expected = major === "재활용폐기물" ? `${major}_${middle}` : major;
    if (key !== expected) report(sheet, ["key"], `the key of this class is "${expected}"`);
    if (source !== null && !official.has(source)) report(sheet, ["source"], `unknown source "${source}"`);
    if (review === "verified" && source !== null && official.get(source) === false) {
      report(sheet, ["review"], "a verified rule needs an official source");
    }
  }
}

function checkItems(files: KnowledgeFiles, report: Report): void {
  const sheet = files.items;
  const official = new Map(files.sources.value.sources.map(source => [source.id, source.official]));
  const tags = new Set(files.situations.value.groups.flatMap(group => group.tags.map(({ tag }) => tag)));
  const ids = new Set<string>();
  const taxonomy = new Set<string>();
  sheet.value.groups.forEach((group, g) => {
    if (classOf(group.middle).major !== group.major)
      report(sheet, ["groups", g, "middle"], `${group.middle} is not a class of ${group.major}`);
    if (ruleOfClass(files, group.middle)?.key !== group.rule)
      report(sheet, ["groups", g, "rule"], `no rule "${group.rule}" for ${group.middle}`);
    group.items.forEach((item, i) => {
      const at = (...rest: string[]) => ["groups", g, "items", i, ...rest];
      if (ids.has(item.id)) report(sheet, at("id"), `second item with the id "${item.id}"`);
      ids.add(item.id);
      if (!official.has(item.source)) report(sheet, at("source"), `unknown source "${item.source}"`);
      if (item.review === "verified" && !official.get(item.source))
        report(sheet, at("review"), "verified needs an official source");
      for (const entry of item.taxonomy ?? []) {
        if (taxonomy.has(entry)) report(sheet, at("taxonomy"), `"${entry}" already belongs to another item`);
        taxonomy.add(entry);
      }
      const missing = checkVariant(files, group.middle, item.variant);
      if (missing !== undefined) report(sheet, at("variant"), missing);
      for (const [tag, change] of Object.entries(item.conditions ?? {})) {
        if (!tags.has(tag)) report(sheet, at("conditions", tag), `unknown situation tag "${tag}"`);
        const wrong = checkVariant(files, change.to, change.variant);
        if (wrong !== undefined) report(sheet, at("conditions", tag, "variant"), wrong);
      }
    });
  });
}

/** A word leads to one item, unless it is declared ambiguous. */
function checkWords(files: KnowledgeFiles, report: Report): void {
  const keyOf = keyMaker(files.synonyms.value.rewrites);
  const owners = new Map<string, string>();
  const ids = new Set<string>();
  files.items.value.groups.forEach((group, g) => {
    group.items.forEach((item, i) => {
      ids.add(item.id);
      for (const word of [item.name, ...item.aliases]) {
        const key = keyOf(word);
        const owner = owners.get(key);
        if (owner !== undefined && owner !== item.id) {
          report(
            files.items,
            ["groups", g, "items", i],
            `"${word}" also names ${owner}; declare it in synonyms.yaml under ambiguities`,
          );
        }
        owners.set(key, item.id);
      }
    });
  });
  files.synonyms.value.ambiguities.forEach((entry, i) => {
    const owner = owners.get(keyOf(entry.alias));
    if (owner !== undefined)
      report(files.synonyms, ["ambiguities", i, "alias"], `"${entry.alias}" is an alias of ${owner}`);
    for (const id of entry.items) {
      if (!ids.has(id)) report(files.synonyms, ["ambiguities", i, "items"], `unknown item "${id}"`);
    }
  });
}

function checkSituations(files: KnowledgeFiles, report: Report): void {
  const sheet = files.situations;
  const sources = new Set(files.sources.value.sources.map(({ id }) => id));
  const seen = new Set<string>();
  sheet.value.groups.forEach((group, g) => {
    group.tags.forEach((entry, t) => {
      if (seen.has(entry.tag)) report(sheet, ["groups", g, "tags", t, "tag"], `second tag "${entry.tag}"`);
      seen.add(entry.tag);
      (entry.changes ?? []).forEach((change, c) => {
        const wrong = checkVariant(files, change.to, change.variant);
        if (wrong !== undefined) report(sheet, ["groups", g, "tags", t, "changes", c, "variant"], wrong);
        if (!sources.has(change.source))
          report(sheet, ["groups", g, "tags", t, "changes", c, "source"], `unknown source "${change.source}"`);
      });
    });
  });
}

function checkCharacters(files: KnowledgeFiles, report: Report): void {
  const sheet = files.characters;
  const { characters } = sheet.value;
  const codes = characters.flatMap(character => [character.code, ...(character.accepted_codes ?? [])]);
  if (new Set(codes).size !== codes.length) report(sheet, ["characters"], "a code is used twice");
  if (characters.filter(character => character.default).length !== 1)
    report(sheet, ["characters"], "exactly one character is the default");
  characters.forEach((character, c) => {
    const isMiddle = recyclableMiddles.some(middle => middle === character.match);
    if (isMiddle === (character.default ?? false))
      report(sheet, ["characters", c, "match"], "matches one recyclable middle, or is the default");
  });
  for (const middle of recyclableMiddles) {
    if (characters.filter(({ match }) => match === middle).length !== 1)
      report(sheet, ["characters"], `${middle} needs exactly one character`);
  }
}
