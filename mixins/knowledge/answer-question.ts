import { composeAnswer, fallbackAnswer } from "./compose-answer.ts";
import { detectSituations } from "./detect-situations.ts";
import type { ComposedAnswer, ItemHit, WasteClass } from "./knowledge.types.ts";
import { guessItems, searchItems } from "./search-items.ts";

/** Answers a question in words from the knowledge alone: finds the item, reads its state, composes; honest when the knowledge has nothing. */
export function answerQuestion(question: string): ComposedAnswer {
  const hits = searchItems(question, 4);
  const [best] = hits;
  if (best === undefined) return fallbackAnswer({ candidates: guessItems(question).map(classOfHit) });
  const others = hits.slice(1).map(classOfHit);
  return composeAnswer({
    item: best.item,
    tags: detectSituations(question),
    question,
    ask: best.ask,
    // A misspelt or only partly known name is an estimate, and is told as such.
    ...(best.score < 0.8 ? { confidence: best.score } : {}),
    ...(best.score < 0.8 || best.ask !== null ? { candidates: others } : {}),
  });
}

const classOfHit = ({ item }: ItemHit): WasteClass => ({ major: item.major, middle: item.middle, minor: item.name });
