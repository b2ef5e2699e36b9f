import { buildItemIndex, type ItemIndex } from "./item-index.ts";
import type { ItemHit } from "./knowledge.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";
import { exactMatches, type Match, nearMatches } from "./match-names.ts";
import { isNegation, type Question, questionReader, type Word } from "./read-question.ts";

/** Hits below this score are not told: the question is about something else, or about a thing that the knowledge doesn't know. */
const leastScore = 0.55;

interface Finder {
  readonly index: ItemIndex;
  readonly read: (text: string) => Question;
}
let finder: Finder | undefined;

function loadFinder(): Finder {
  if (finder === undefined) {
    const knowledge = loadKnowledge();
    const index = buildItemIndex(knowledge);
    finder = { index, read: questionReader(knowledge.language, word => index.exact.has(index.rewrite(word))) };
  }
  return finder;
}

/**
 * Items that a question or a name is about, best first, at most `k`. The longest name contained in the question wins; misspellings and
 * other spacings are found by their letters. Empty when nothing reaches `leastScore` (`안녕하세요`). A word that names several items
 * (`컵`) returns them all, each with the question to ask back.
 */
export function searchItems(query: string, k = 5): ItemHit[] {
  const { index, read } = loadFinder();
  const question = read(query);
  let matches = keepOutermost(withoutNegated(exactMatches(question.words, index), question.words));
  // A word that is spelt right needs no guessing at others.
  if (!onlyThings(matches, question.words).some(match => match.fit === 1)) {
    matches = [...matches, ...nearMatches(question.words, index)];
  }
  matches = onlyThings(withoutNegated(matches, question.words), question.words);
  const best = new Map<string, ItemHit>();
  for (const match of matches) {
    for (const hit of hitsOf(match, question, index)) {
      const known = best.get(hit.item.id);
      if (hit.score >= leastScore && (known === undefined || known.score < hit.score)) best.set(hit.item.id, hit);
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score).slice(0, k);
}

/** The item that a class name's third level means, if the knowledge has it under this very name or alias. */
export function findItemByName(name: string): ItemHit["item"] | null {
  const { index } = loadFinder();
  return index.exact.get(index.keyOf(name))?.item ?? null;
}

/** A match inside a longer one says less (`우유` in `우유 팩`). */
function keepOutermost(matches: readonly Match[]): Match[] {
  const size = (match: Match) => match.to - match.from;
  return matches.filter(
    match =>
      !matches.some(
        other =>
          other !== match &&
          other.from <= match.from &&
          other.to >= match.to &&
          (size(other) > size(match) || (size(other) === size(match) && other.fit > match.fit)),
      ),
  );
}

/**
 * The oil of `기름 묻은 피자 상자` is its state, the plastic of `칫솔은 플라스틱인가요` belongs to the asking: neither is the thing, as long as
 * there is another.
 */
function onlyThings(matches: readonly Match[], words: readonly Word[]): Match[] {
  const things = matches.filter(match => words.slice(match.from, match.to).some(word => !word.state && !word.asking));
  return things.length > 0 ? things : [...matches];
}

/** `안 깨진 유리병` is no `깨진 유리병`: what stands right after a negation is a state, so a name that begins with it doesn't hold. */
function withoutNegated(matches: readonly Match[], words: readonly Word[]): Match[] {
  return matches.filter(({ from, to }) => to - from === 1 || !isNegation(words[from - 1]?.text));
}

/** Share of the question's own letters (without asking and state) that the match explains. */
function coverage(match: Match, words: readonly Word[]): number {
  let all = 0;
  let covered = 0;
  words.forEach((word, at) => {
    const inside = at >= match.from && at < match.to;
    if (!inside && (word.asking || word.state)) return;
    all += word.text.length;
    if (inside) covered += word.text.length;
  });
  return all === 0 ? 0 : covered / all;
}

function hitsOf(match: Match, { words, aboutDisposal }: Question, index: ItemIndex): ItemHit[] {
  const share = coverage(match, words);
  // Without a word about throwing away, a thing is what the text is about if the text ends in it or is hardly more than it.
  const isSure = aboutDisposal || (match.key.length > 1 && words.findLastIndex(word => !word.asking) === match.to - 1);
  const relevance = isSure ? 1 : Math.min(1, share / 0.8);
  const certainty = match.key.length === 1 && !aboutDisposal ? 0.55 : 0.8;
  const score = match.fit * relevance * (certainty + (1 - certainty) * share) + 0.002 * match.to;
  const ambiguous = index.ambiguous.get(match.key);
  if (match.name !== undefined)
    return [{ item: match.name.item, score: Math.min(1, score), alias: match.name.alias, ask: null }];
  if (ambiguous === undefined) return [];
  const { entry, items } = ambiguous;
  return items.map((item, at) => ({
    item,
    score: Math.min(1, score * (0.9 - at * 0.01)),
    alias: entry.alias,
    ask: entry.ask,
  }));
}
