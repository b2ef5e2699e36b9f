import { detectSituations } from "./detect-situations.ts";
import { buildItemIndex, type ItemIndex } from "./item-index.ts";
import type { Item, ItemHit, Mention } from "./knowledge.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";
import { type Candidate, rankItems } from "./rank-items.ts";
import { type Question, questionReader, type Word } from "./read-question.ts";
import { type Part, splitQuestion } from "./split-question.ts";

/**
 * Below this score of its best candidate, a text is about something else, or about a thing that the knowledge doesn't have. Set by
 * `npm run eval -- knowledge`, which prints how often each score is right.
 */
export const leastScore = 0.45;
/** What else a thing may be is told down to this score. */
const leastAlternative = 0.2;
/** Down to this score of the best candidate, a thing that isn't found is asked back about. Set like `leastScore`. */
const leastGuess = 0.3;
const maxGuesses = 3;

interface Finder {
  readonly index: ItemIndex;
  readonly read: (text: string) => Question;
}
let finder: Finder | undefined;

function loadFinder(): Finder {
  if (finder === undefined) {
    const knowledge = loadKnowledge();
    const index = buildItemIndex(knowledge);
    finder = { index, read: questionReader(knowledge.language, index.isName) };
  }
  return finder;
}

/** A thing of the question with what it may be, best first; the best one also where it scores too low to be told. */
export interface Reading {
  readonly text: string;
  readonly tags: readonly string[];
  readonly candidates: readonly Candidate[];
  readonly known: boolean;
  /** Candidates to ask back about; only where nothing is known. */
  readonly guesses: readonly Candidate[];
}

/** Takes a question apart into the things it asks about, each with its candidates; a question that names nothing is one reading without any. */
export function readThings(question: string): { readonly aim: Question["aim"]; readonly things: readonly Reading[] } {
  const { index, read } = loadFinder();
  const { words, aim } = read(question);
  const readPart = ({ from, to }: Omit<Part, "listed">): Reading => {
    const own = words.slice(from, to);
    const text = own.map(word => word.text).join(" ");
    const candidates = rankItems(own, aim, index).filter(({ score }, at) => at === 0 || score >= leastAlternative);
    const best = candidates[0]?.score ?? 0;
    const known = best >= leastScore;
    const guesses = !known && best >= leastGuess && aim !== "other" ? candidates.slice(0, maxGuesses) : [];
    return { text, tags: detectSituations(text), candidates, known, guesses };
  };
  const whole = { from: 0, to: words.length };
  const parts = splitQuestion(words);
  if (parts.length === 1) return { aim, things: [readPart(whole)] };
  const ranges = joinToThings(parts, part => readPart(part).known, words);
  return { aim, things: ranges.length < 2 ? [readPart(whole)] : ranges.map(readPart) };
}

/** Gives each thing the parts around it that name none: the asking at the end, a state said afterwards. */
function joinToThings(parts: readonly Part[], isKnown: (part: Part) => boolean, words: readonly Word[]) {
  const ranges: { from: number; to: number }[] = [];
  let start = 0;
  for (const part of parts) {
    const last = ranges.at(-1);
    if (isKnown(part) || (part.listed && namesSomething(words.slice(part.from, part.to)))) {
      ranges.push({ from: start, to: part.to });
      start = part.to;
    } else if (last !== undefined) {
      last.to = part.to;
      start = part.to;
    }
  }
  return ranges;
}

const namesSomething = (words: readonly Word[]): boolean =>
  words.some(({ asking, state, text }) => !asking && !state && /[가-힣]{2}/u.test(text));

const hitOf = ({ item, score, alias, ask }: Candidate): ItemHit => ({ item, score, alias, ask });

/**
 * The things that a question asks about, in its order, each with at most `k` items that it may be, best first: `깨진 컵이랑 건전지는?` has
 * two. A thing that the knowledge doesn't have (`공룡 화석`) has no hits; a text that names no thing at all (`안녕하세요`) gives none.
 */
export function findMentions(question: string, k = 5): Mention[] {
  const { things } = readThings(question);
  return things
    .filter(({ known, guesses }) => known || guesses.length > 0 || things.length > 1)
    .map(({ text, tags, candidates, known, guesses }) => ({
      text,
      tags,
      guesses: guesses.map(hitOf),
      hits: known
        ? candidates
            .filter(({ score }) => score >= leastAlternative)
            .slice(0, k)
            .map(hitOf)
        : [],
    }));
}

/**
 * Items that a question or a name is about, best first, at most `k`; of several things, all. The longest name contained in the question wins; misspellings and
 * other spacings are found by their letters. Empty when nothing reaches `leastScore` (`안녕하세요`). A word that names several items
 * (`컵`) returns them all, each with the question to ask back.
 */
export function searchItems(query: string, k = 5): ItemHit[] {
  return findMentions(query, k)
    .flatMap(({ hits }) => hits)
    .sort((a, b) => b.score - a.score)
    .slice(0, k);
}

/** What a text is about: throwing something away, something else, or nobody can tell. */
export const aimOf = (text: string): Question["aim"] => loadFinder().read(text).aim;

/** Items to ask back about where `searchItems` finds none, best first: nearly a name of theirs, or a name in passing. */
export const guessItems = (query: string): ItemHit[] => findMentions(query).flatMap(({ guesses }) => guesses);

/** The item that a class name's third level means, if the knowledge has it under this very name or alias. */
export function findItemByName(name: string): Item | null {
  const { index } = loadFinder();
  return index.exact.get(index.keyOf(name))?.item ?? null;
}
