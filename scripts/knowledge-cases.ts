import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readClass } from "../mixins/knowledge/class-of.ts";
import type { Sheet } from "../mixins/knowledge/knowledge-files.types.ts";
import { faultAt, sheetReader } from "../mixins/knowledge/read-sheet.ts";

/** What a question is about that the knowledge doesn't have. */
export const UNKNOWN = "unknown";

/** A question, and for each thing that it asks about the classes (middles, or `unknown`) that are right. */
export interface Case {
  readonly line: number;
  readonly ask: string;
  readonly expected: readonly (readonly string[])[];
}
export interface CaseFile {
  /** `dev` of `dev.cases.yaml`. */
  readonly name: string;
  readonly cases: readonly Case[];
}

type Acceptable = string | string[];
interface CaseSheet {
  cases: { ask: string; class?: Acceptable; items?: Acceptable[] }[];
}

/**
 * Reads `cases/*.cases.yaml` of a knowledge folder, or only those named.
 * @throws Error that lists every fault with file and line, or names a file that doesn't exist
 */
export function readCases(folder: string, names: readonly string[] = []): CaseFile[] {
  const there = readdirSync(join(folder, "cases"))
    .filter(file => file.endsWith(".cases.yaml"))
    .map(file => file.replace(".cases.yaml", ""))
    .sort();
  const missing = names.find(name => !there.includes(name));
  if (missing !== undefined) throw new Error(`no cases "${missing}"; there are: ${there.join(", ")}`);
  const faults: string[] = [];
  const read = sheetReader(folder, faults);
  const files = (names.length === 0 ? there : names).map(name => {
    const sheet = read<CaseSheet>(`cases/${name}.cases.yaml`, "cases.schema.json");
    return { name, cases: sheet === undefined ? [] : casesOf(sheet, faults) };
  });
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return files;
}

function casesOf(sheet: Sheet<CaseSheet>, faults: string[]): Case[] {
  return sheet.value.cases.map(({ ask, class: only, items }, at) => {
    const line = sheet.lineOf(["cases", at]);
    const expected = (items ?? [only ?? []]).map(acceptable =>
      [acceptable].flat().map(name => {
        const middle = middleOf(name);
        if (middle === null) faults.push(faultAt(sheet.file, line, ["cases", at], `"${name}" is no class`));
        return middle ?? UNKNOWN;
      }),
    );
    return { line, ask, expected };
  });
}

function middleOf(name: string): string | null {
  if (name === UNKNOWN) return UNKNOWN;
  const [major = "", middle] = name.split("/");
  return readClass(major, middle)?.middle ?? null;
}
