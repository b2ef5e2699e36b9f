import { judgeClass } from "../mixins/knowledge/judge-class.ts";
import { leastScore, type Reading, readThings } from "../mixins/knowledge/search-items.ts";
import { type Case, UNKNOWN } from "./knowledge-cases.ts";

/** One thing that a question asks about: what should have been found, and what was. */
export interface Outcome {
  readonly case: Case;
  /** Acceptable classes; the first one stands for it in the tables. */
  readonly expected: readonly string[];
  /** Classes of the candidates in the state that the question tells, best first, whether told or not. */
  readonly found: readonly string[];
  /** Score of the first candidate; 0 without any. */
  readonly score: number;
  /** Whether what isn't known is asked back about (`혹시 … 가운데 하나인가요?`). */
  readonly guessed: boolean;
}

/** Shares are 0…1; recalls are means over classes of the share of their things that was found. */
export interface Measure {
  readonly recallAt1: number;
  readonly recallAt3: number;
  /** Of what was called unknown, the share that is; and of what is unknown, the share that was called so. */
  readonly unknownPrecision: number;
  readonly unknownRecall: number;
}

export interface ClassRow {
  readonly name: string;
  readonly count: number;
  readonly at1: number;
  readonly at3: number;
}
/** Things whose best score lies in `from`…`to`: how high it is on average, and how many of them are right. */
export interface ReliabilityRow {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly score: number;
  readonly right: number;
}

/** Asks every question and pairs what it should find with what it finds. */
export function replay(cases: readonly Case[]): Outcome[] {
  return cases.flatMap(each => pair(each, readThings(each.ask).things));
}

interface Found {
  readonly classes: readonly string[];
  readonly score: number;
  readonly guessed: boolean;
}

/** Each expected thing gets the reading that fits it best and that no other one has; the rest goes by order. */
function pair(each: Case, readings: readonly Reading[]): Outcome[] {
  const left: Found[] = readings.map(({ candidates, tags, guesses }) => ({
    classes: candidates.map(({ item }) => judgeClass(item, undefined, tags)?.middle ?? UNKNOWN),
    score: candidates[0]?.score ?? 0,
    guessed: guesses.length > 0,
  }));
  const taken = new Map<number, Found>();
  const take = (fits: (expected: readonly string[], found: Found) => boolean) => {
    each.expected.forEach((expected, at) => {
      if (taken.has(at)) return;
      const place = left.findIndex(found => fits(expected, found));
      const [found] = place < 0 ? [] : left.splice(place, 1);
      if (found !== undefined) taken.set(at, found);
    });
  };
  take((expected, found) => expected.includes(toldClass(found)));
  take((expected, found) => expected.some(name => found.classes.slice(0, 3).includes(name)));
  take(() => true);
  return each.expected.map((expected, at) => {
    const { classes, score, guessed } = taken.get(at) ?? { classes: [], score: 0, guessed: false };
    return { case: each, expected, found: classes, score, guessed };
  });
}

const toldClass = ({ classes, score }: Pick<Found, "classes" | "score">, threshold = leastScore): string =>
  score >= threshold ? (classes[0] ?? UNKNOWN) : UNKNOWN;

/** What is told of a thing: the class of its best candidate, or `unknown` below the threshold. */
export const told = ({ found, score }: Outcome, threshold = leastScore): string =>
  toldClass({ classes: found, score }, threshold);

export const isRight = (outcome: Outcome): boolean => outcome.expected.includes(told(outcome));

/** Right among the first three that are told, in the answer or, below the threshold, in the question back. */
const isInThree = (outcome: Outcome, threshold: number): boolean =>
  (outcome.score >= threshold || outcome.guessed) &&
  outcome.found.slice(0, 3).some(name => outcome.expected.includes(name));
const isUnknown = ({ expected }: Outcome): boolean => expected[0] === UNKNOWN;
const classOf = ({ expected }: Outcome): string => expected[0] ?? UNKNOWN;

/** A share; of nothing it is 1, since nothing was missed. */
const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
const mean = (values: readonly number[]): number =>
  share(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );

/** Recalls of each class that has cases, in the order of their first case. */
export function byClass(outcomes: readonly Outcome[], threshold = leastScore): ClassRow[] {
  const groups = Map.groupBy(
    outcomes.filter(outcome => !isUnknown(outcome)),
    classOf,
  );
  return [...groups].map(([name, own]) => ({
    name,
    count: own.length,
    at1: share(own.filter(each => each.expected.includes(told(each, threshold))).length, own.length),
    at3: share(own.filter(each => isInThree(each, threshold)).length, own.length),
  }));
}

/** The figures at a threshold of the best score, by default the one in use. */
export function measure(outcomes: readonly Outcome[], threshold = leastScore): Measure {
  const rows = byClass(outcomes, threshold);
  const called = outcomes.filter(each => told(each, threshold) === UNKNOWN);
  const unknown = outcomes.filter(isUnknown);
  const both = called.filter(isUnknown).length;
  return {
    recallAt1: mean(rows.map(({ at1 }) => at1)),
    recallAt3: mean(rows.map(({ at3 }) => at3)),
    unknownPrecision: share(both, called.length),
    unknownRecall: share(both, unknown.length),
  };
}

/** How often each class was told for each: `table.get(expected)?.get(told)`. What is right counts as the expected class itself. */
export function confusion(outcomes: readonly Outcome[]): Map<string, Map<string, number>> {
  const table = new Map<string, Map<string, number>>();
  for (const outcome of outcomes) {
    const row = table.get(classOf(outcome)) ?? new Map<string, number>();
    const column = isRight(outcome) ? classOf(outcome) : told(outcome);
    row.set(column, (row.get(column) ?? 0) + 1);
    table.set(classOf(outcome), row);
  }
  return table;
}

const steps = [0, 0.3, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95] as const;

/** What scores are worth: things of all kinds by their best score, below the threshold too; an unknown thing is never right. */
export function reliability(outcomes: readonly Outcome[]): ReliabilityRow[] {
  return steps.map((from, at) => {
    const to = steps[at + 1] ?? 1;
    const own = outcomes.filter(({ score }) => score >= from && (score < to || to === 1));
    const right = own.filter(({ expected, found }) => expected.includes(found[0] ?? ""));
    return {
      from,
      to,
      count: own.length,
      score: mean(own.map(({ score }) => score)),
      right: share(right.length, own.length),
    };
  });
}
