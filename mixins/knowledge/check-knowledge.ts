import { basename } from "node:path";
import { checkInfo } from "./check-info.ts";
import { checkWords } from "./check-words.ts";
import { classOf } from "./class-of.ts";
import type { ItemsFile, KnowledgeFiles, RuleFile, Sheet } from "./knowledge-files.types.ts";
import { majors, type Middle, recyclableMiddles, unclassified } from "./knowledge.types.ts";
import { faultAt, type Report } from "./read-sheet.ts";

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
  checkInfo(files, report);
  return faults;
}

const ruleOfClass = (files: KnowledgeFiles, middle: Middle): RuleFile | undefined =>
  files.rules.find(({ value }) => value.middle === middle && !value.collection)?.value;

/** Says what is wrong with a variant that the rule doesn't have. */
function checkVariant(rule: RuleFile | undefined, variant: string | undefined): string | undefined {
  if (variant === undefined || rule?.variants.some(({ id }) => id === variant)) return undefined;
  return `the rule ${rule?.key ?? ""} has no variant "${variant}"`;
}

function checkRules(files: KnowledgeFiles, report: Report): void {
  const official = new Map(files.sources.value.sources.map(source => [source.id, source.official]));
  const regions = new Set(files.regions.value.regions.map(({ name }) => name));
  const keys = new Set<string>();
  for (const middle of classesWithRule) {
    const count = files.rules.filter(({ value }) => value.middle === middle && !value.collection).length;
    if (count !== 1) report(files.sources, [], `${middle} has ${count} rule files instead of one`);
  }
  for (const sheet of files.rules) {
    const { key, major, middle, collection, source, review } = sheet.value;
    if (keys.has(key)) report(sheet, ["key"], `second rule with the key "${key}"`);
    keys.add(key);
    if (classOf(middle).major !== major) report(sheet, ["middle"], `${middle} is not a class of ${major}`);
    const expected = major === "재활용폐기물" ? `${major}_${middle}` : major;
    if (collection ? !key.startsWith(`${expected}_`) : key !== expected)
      report(
        sheet,
        ["key"],
        `the key of this class is "${expected}"${collection ? ", its collections add _name" : ""}`,
      );
    if (source !== null && !official.has(source)) report(sheet, ["source"], `unknown source "${source}"`);
    if (review === "verified" && source !== null && official.get(source) === false) {
      report(sheet, ["review"], "a verified rule needs an official source");
    }
    sheet.value.regional.forEach(({ region }, i) => {
      if (!regions.has(region)) report(sheet, ["regional", i, "region"], `unknown region "${region}"`);
    });
    if (!files.items.some(items => items.value.rule === key)) report(sheet, ["key"], "no item follows this rule");
  }
}

function checkItems(files: KnowledgeFiles, report: Report): void {
  const ids = new Set<string>();
  const taxonomy = new Set<string>();
  for (const sheet of files.items) {
    checkItemsFile(files, sheet, report);
    sheet.value.items.forEach((item, i) => {
      if (ids.has(item.id)) report(sheet, ["items", i, "id"], `second item with the id "${item.id}"`);
      ids.add(item.id);
      for (const entry of item.taxonomy ?? []) {
        if (taxonomy.has(entry)) report(sheet, ["items", i, "taxonomy"], `"${entry}" already belongs to another item`);
        taxonomy.add(entry);
      }
    });
  }
}

function checkItemsFile(files: KnowledgeFiles, sheet: Sheet<ItemsFile>, report: Report): void {
  const rule = files.rules.find(({ value }) => value.key === sheet.value.rule);
  if (rule === undefined) report(sheet, ["rule"], `unknown rule "${sheet.value.rule}"`);
  else if (basename(rule.file) !== basename(sheet.file))
    report(sheet, ["rule"], `items of this rule belong into items/${basename(rule.file)}`);
  const official = new Map(files.sources.value.sources.map(source => [source.id, source.official]));
  const tags = new Set(files.situations.value.groups.flatMap(group => group.tags.map(({ tag }) => tag)));
  sheet.value.items.forEach((item, i) => {
    const at = (...rest: string[]) => ["items", i, ...rest];
    if (!official.has(item.source)) report(sheet, at("source"), `unknown source "${item.source}"`);
    if (item.review === "verified" && !official.get(item.source))
      report(sheet, at("review"), "verified needs an official source");
    const missing = checkVariant(rule?.value, item.variant);
    if (missing !== undefined) report(sheet, at("variant"), missing);
    for (const [tag, change] of Object.entries(item.conditions ?? {})) {
      if (!tags.has(tag)) report(sheet, at("conditions", tag), `unknown situation tag "${tag}"`);
      if (change.source !== undefined && !official.has(change.source))
        report(sheet, at("conditions", tag, "source"), `unknown source "${change.source}"`);
      const wrong = checkVariant(ruleOfClass(files, change.to), change.variant);
      if (wrong !== undefined) report(sheet, at("conditions", tag, "variant"), wrong);
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
        const wrong = checkVariant(ruleOfClass(files, change.to), change.variant);
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
