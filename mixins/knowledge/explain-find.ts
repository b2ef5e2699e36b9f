import { judgeClass } from "./judge-class.ts";
import type { MatchKind } from "./knowledge.types.ts";
import { leastScore, readThings } from "./search-items.ts";

/** Why an item ranks where it does; the five weights are 0…1 and their product, times what an ambiguous word costs, is the score. */
export interface FoundRow {
  readonly item: string;
  readonly name: string;
  /** The class in the state that the question tells. */
  readonly middle: string;
  readonly score: number;
  readonly how: MatchKind;
  /** The name or alias that matched, as the knowledge has it. */
  readonly alias: string;
  readonly fit: number;
  readonly aim: number;
  readonly coverage: number;
  readonly head: number;
  readonly material: number;
}

/** One thing of the question, as retrieval reads it. */
export interface FoundThing {
  readonly text: string;
  readonly tags: readonly string[];
  /** What the answer does with it: names the first row, asks whether it is one of them, or says that the knowledge has nothing. */
  readonly told: "answer" | "question back" | "nothing";
  readonly rows: readonly FoundRow[];
}

export interface Explanation {
  readonly aim: "disposal" | "other" | "open";
  /** Score from which the first row is the answer. */
  readonly least: number;
  readonly things: readonly FoundThing[];
}

/** Shows how a question is read and why each item ranks where it does, at most `k` a thing: `eco knowledge find`. */
export function explainFind(question: string, k = 5): Explanation {
  const { aim, things } = readThings(question);
  return {
    aim,
    least: leastScore,
    things: things.map(({ text, tags, candidates, known, guesses }) => ({
      text,
      tags,
      told: known ? "answer" : guesses.length > 0 ? "question back" : "nothing",
      rows: candidates.slice(0, k).map(({ item, match, alias, score, fit, aim: aimed, coverage, head, material }) => ({
        item: item.id,
        name: item.name,
        middle: judgeClass(item, undefined, tags)?.middle ?? item.middle,
        score,
        how: match.kind,
        alias,
        ...{ fit, aim: aimed, coverage, head, material },
      })),
    })),
  };
}
