import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { KNOWLEDGE_FOLDER } from "../mixins/knowledge/load-knowledge.ts";
import { describeFaults, describeRetrieval } from "./describe-retrieval.ts";
import { readCases } from "./knowledge-cases.ts";
import { measure, type Measure, replay } from "./measure-retrieval.ts";

const baselineFile = join(KNOWLEDGE_FOLDER, "cases/baseline.yaml");
const header = `# What retrieval reached when it was last accepted: \`npm run eval -- knowledge --accept\`. A run below it fails.
`;
/** What a file of cases has to reach that was never accepted. */
const target: Measure = { recallAt1: 0.92, recallAt3: 0.98, unknownPrecision: 0.5, unknownRecall: 0.8 };
/** Digits kept in the baseline; what is lost by them is no loss of quality. */
const digits = 3;

export type Baseline = Record<string, Measure | undefined>;

export interface Options {
  /** Names of case files; empty = all. */
  readonly files: readonly string[];
  /** Also tell the questions that went wrong. */
  readonly show: boolean;
  /** Make what is measured the new baseline. */
  readonly accept: boolean;
}

/** Replays the cases of the knowledge and reports, line by line. @returns whether every file reaches its baseline */
export function evaluateKnowledge({ files, show, accept }: Options, say: (line: string) => void): boolean {
  const baseline = readBaseline();
  let passes = true;
  for (const { name, cases } of readCases(KNOWLEDGE_FOLDER, files)) {
    const outcomes = replay(cases);
    const figures = measure(outcomes);
    for (const line of describeRetrieval(name, outcomes)) say(line);
    if (show) for (const line of ["", "wrong", ...describeFaults(outcomes)]) say(line);
    const losses = lossesOf(figures, baseline[name] ?? target);
    for (const loss of losses) say(`✗ ${name}: ${loss}`);
    if (losses.length === 0) say(`✓ ${name}: reaches its ${baseline[name] === undefined ? "target" : "baseline"}`);
    say("");
    if (accept) baseline[name] = rounded(figures);
    else passes &&= losses.length === 0;
  }
  if (accept) writeFileSync(baselineFile, header + stringify(baseline));
  return passes;
}

export const readBaseline = (): Baseline => (parse(readFileSync(baselineFile, "utf8")) ?? {}) as Baseline;

/** Which figures are below what they have to reach, in words. */
export function lossesOf(figures: Measure, floor: Measure): string[] {
  const reached = rounded(figures);
  return (Object.keys(floor) as (keyof Measure)[])
    .filter(name => reached[name] < floor[name])
    .map(name => `${name} is ${reached[name]}, was ${floor[name]}`);
}

function rounded(figures: Measure): Measure {
  const floor = (value: number) => Math.floor(value * 10 ** digits) / 10 ** digits;
  const { recallAt1, recallAt3, unknownPrecision, unknownRecall } = figures;
  return {
    recallAt1: floor(recallAt1),
    recallAt3: floor(recallAt3),
    unknownPrecision: floor(unknownPrecision),
    unknownRecall: floor(unknownRecall),
  };
}
