import { displayWidth } from "../broker/repl/display-width.ts";
import { leastScore } from "../mixins/knowledge/search-items.ts";
import { UNKNOWN } from "./knowledge-cases.ts";
import { byClass, confusion, isRight, measure, type Outcome, reliability, told } from "./measure-retrieval.ts";

/** Two syllables for each class, so that the confusion table fits a terminal. */
const short: Record<string, string> = {
  종이: "종이",
  종이팩: "종팩",
  무색페트병: "페트",
  플라스틱류: "플라",
  비닐류: "비닐",
  발포합성수지: "발포",
  유리병: "유리",
  금속류: "금속",
  의류및원단: "의류",
  전지: "전지",
  조명제품: "조명",
  전기전자제품: "전자",
  일반종량제폐기물: "종량",
  불연성종량제폐기물: "불연",
  음식물류폐기물: "음식",
  공사장생활폐기물: "공사",
  대형폐기물: "대형",
  생활계유해폐기물: "유해",
  [UNKNOWN]: "모름",
};
const label = 20;
const cell = 5;
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const fill = (text: string, columns: number): string => " ".repeat(Math.max(0, columns - displayWidth(text)));
const padEnd = (text: string, columns: number): string => text + fill(text, columns);
const padStart = (text: string, columns: number): string => fill(text, columns) + text;
const title = (text: string): string[] => ["", text];

/** The quality report of one file of cases, as lines; it tells no question. */
export function describeRetrieval(name: string, outcomes: readonly Outcome[]): string[] {
  const questions = new Set(outcomes.map(outcome => outcome.case)).size;
  const figures = measure(outcomes);
  return [
    `${name}: ${questions} questions about ${outcomes.length} things`,
    `  recall@1 ${percent(figures.recallAt1)} · recall@3 ${percent(figures.recallAt3)} (macro over classes)`,
    `  "don't know": precision ${percent(figures.unknownPrecision)} · recall ${percent(figures.unknownRecall)}`,
    ...title("by class"),
    ...classTable(outcomes),
    ...title("confusion (row: what it is, column: what was told)"),
    ...confusionTable(outcomes),
    ...title("reliability of the best score"),
    ...reliabilityTable(outcomes),
    ...title(`other thresholds (in use: ${leastScore})`),
    ...thresholdTable(outcomes),
  ];
}

/** What went wrong, question by question, with the lines of the file. */
export function describeFaults(outcomes: readonly Outcome[]): string[] {
  return outcomes
    .filter(outcome => !isRight(outcome))
    .map(outcome => {
      const { line, ask } = outcome.case;
      const others = outcome.found.slice(0, 3).join(", ");
      return `  ${String(line).padStart(4)}  ${ask} — ${outcome.expected.join("|")}, told ${told(outcome)} (${outcome.score.toFixed(2)}: ${others})`;
    });
}

function classTable(outcomes: readonly Outcome[]): string[] {
  const row = (name: string, ...cells: string[]) =>
    `  ${padEnd(name, label)}${cells.map(text => padStart(text, 9)).join("")}`;
  return [
    row("", "n", "@1", "@3"),
    ...byClass(outcomes).map(({ name, count, at1, at3 }) => row(name, String(count), percent(at1), percent(at3))),
  ];
}

function confusionTable(outcomes: readonly Outcome[]): string[] {
  const table = confusion(outcomes);
  const names = Object.keys(short);
  const row = (name: string, cells: string[]) =>
    `  ${padEnd(name, label)}${cells.map(text => padStart(text, cell)).join("")}`;
  return [
    row(
      "",
      names.map(name => short[name] ?? name),
    ),
    ...names
      .filter(name => table.has(name))
      .map(name => row(name === UNKNOWN ? "모름" : name, cellsOf(table.get(name), names))),
  ];
}

const cellsOf = (row: ReadonlyMap<string, number> | undefined, names: readonly string[]): string[] =>
  names.map(name => String(row?.get(name) ?? "·"));

function reliabilityTable(outcomes: readonly Outcome[]): string[] {
  return [
    "  score           n   mean score      right",
    ...reliability(outcomes).map(
      ({ from, to, count, score, right }) =>
        `  ${from.toFixed(2)} – ${to.toFixed(2)} ${String(count).padStart(6)}${(count === 0 ? "–" : score.toFixed(2)).padStart(13)}${(count === 0 ? "–" : percent(right)).padStart(11)}`,
    ),
  ];
}

function thresholdTable(outcomes: readonly Outcome[]): string[] {
  return [
    "  threshold     @1         @3    don't-know precision   recall",
    ...[0.45, 0.5, 0.55, 0.6, 0.65].map(threshold => {
      const { recallAt1, recallAt3, unknownPrecision, unknownRecall } = measure(outcomes, threshold);
      return `  ${threshold.toFixed(2)}  ${percent(recallAt1).padStart(12)}${percent(recallAt3).padStart(11)}${percent(unknownPrecision).padStart(18)}${percent(unknownRecall).padStart(15)}`;
    }),
  ];
}
