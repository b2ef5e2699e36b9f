import type { ItemIndex } from "./item-index.ts";
import type { Ambiguity, Item } from "./knowledge.types.ts";
import { describedMatches, exactMatches, type Match, nearMatches } from "./match-names.ts";
import { isNegation, type Question, type Word } from "./read-question.ts";

/** What the score of a candidate is made of, each 0…1; their product is the score. */
export interface Weighing {
  /** How well the name fits the words. */
  readonly fit: number;
  /** How surely the text is about throwing this away. */
  readonly aim: number;
  /** How much of what the text names the match explains. */
  readonly coverage: number;
  /** Less than 1 where another thing follows, of which this one only says what kind it is (`치킨` in `치킨 상자`). */
  readonly head: number;
}

/** An item that the words may be about. */
export interface Candidate extends Weighing {
  readonly item: Item;
  readonly match: Match;
  /** The name or alias, as written in the knowledge. */
  readonly alias: string;
  readonly ask: string | null;
  readonly score: number;
}

/** Items that the words of a question, or of a part of it, may be about: each item once, best first. */
export function rankItems(words: readonly Word[], aim: Question["aim"], index: ItemIndex): Candidate[] {
  const best = new Map<string, Candidate>();
  for (const match of findMatches(words, index)) {
    for (const candidate of candidatesOf(match, words, aim, index)) {
      const known = best.get(candidate.item.id);
      if (known === undefined || known.score < candidate.score) best.set(candidate.item.id, candidate);
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score);
}

function findMatches(words: readonly Word[], index: ItemIndex): Match[] {
  const exact = keepOutermost(withoutNegated(exactMatches(words, index), words), words);
  // A word that is spelt right needs no guessing at others to be understood; they follow as what it may be instead.
  const near = withoutNegated(nearMatches(words, index), words);
  return [...onlyThings([...exact, ...near], words), ...describedMatches(words, index)];
}

/** A match inside a longer one says less (`우유` in `우유 팩`), unless the longer one ends in a state (`생수병` in `생수병 라벨 떼고`). */
function keepOutermost(matches: readonly Match[], words: readonly Word[]): Match[] {
  const size = (match: Match) => match.to - match.from;
  const endsInThing = ({ to }: Match) => !isState(words[to - 1]);
  return matches.filter(
    match =>
      !matches.some(
        other =>
          other !== match &&
          other.from <= match.from &&
          other.to >= match.to &&
          other.fit >= match.fit &&
          (endsInThing(other) || !endsInThing(match)) &&
          (size(other) > size(match) || other.fit > match.fit),
      ),
  );
}

const isState = (word: Word | undefined): boolean => word === undefined || word.state || word.asking;

/**
 * The oil of `기름 묻은 피자 상자` is its state, the plastic of `칫솔은 플라스틱인가요` belongs to the asking: neither is the thing, as long as
 * there is another.
 */
function onlyThings(matches: readonly Match[], words: readonly Word[]): Match[] {
  const things = matches.filter(({ to }) => !isState(words[to - 1]));
  return things.length > 0 ? things : [...matches];
}

/** `안 깨진 유리병` is no `깨진 유리병`: what stands right after a negation is a state, so a name that begins with it doesn't hold. */
function withoutNegated(matches: readonly Match[], words: readonly Word[]): Match[] {
  return matches.filter(({ from, to }) => to - from === 1 || !isNegation(words[from - 1]?.text));
}

const aims = { disposal: 1, open: 0.9, other: 0.45 } as const;
/** A single syllable is a word of its own (`약`, `캔`) only where the text is about throwing away, or nothing but that word. */
const aimOfSyllable = 0.6;
/** What a thing counts before another one that the knowledge has, and before one that it doesn't. */
const modifier = { ofKnown: 0.6, ofUnknown: 0.8 } as const;

function weigh(match: Match, words: readonly Word[], aim: Question["aim"], index: ItemIndex): Weighing {
  const share = coverage(match, words);
  const isLast = !words.slice(match.to).some(word => !isState(word));
  const isLoneSyllable = match.key.length === 1 && aim === "open" && share < 1 && !isLast;
  return {
    fit: match.fit,
    aim: isLoneSyllable ? aimOfSyllable : aims[aim],
    coverage: aim === "disposal" ? 0.8 + 0.2 * share : 0.65 + 0.35 * share,
    head: headOf(match, words, index),
  };
}

/** Share of the question's own letters (without asking and state) that the match explains. */
function coverage(match: Match, words: readonly Word[]): number {
  let all = 0;
  let covered = 0;
  words.forEach((word, at) => {
    const inside = at >= match.from && at < match.to;
    if (!inside && isState(word)) return;
    all += word.text.length;
    if (inside) covered += word.text.length;
  });
  return all === 0 ? 0 : covered / all;
}

/** In `치킨 상자` the chicken says which box, in `어항에 있던 돌` the tank says where from: what follows is the thing. */
function headOf({ to, key, kind }: Match, words: readonly Word[], index: ItemIndex): number {
  const last = words[to - 1];
  const next = words.slice(to).find(word => !isState(word));
  if (last === undefined || next === undefined || isState(last) || kind === "similar") return 1;
  const written = index.rewrite(last.text);
  const isBare = key.endsWith(written) || written.endsWith(key);
  const isPlace = /(에|에서|에다|에다가|의|에게)$/u.test(last.text);
  if (!isPlace && !(isBare && next === words[to])) return 1;
  const isKnown = next.forms.some(
    form => index.exact.has(index.rewrite(form)) || index.ambiguous.has(index.rewrite(form)),
  );
  return isKnown ? modifier.ofKnown : modifier.ofUnknown;
}

function candidatesOf(match: Match, words: readonly Word[], aim: Question["aim"], index: ItemIndex): Candidate[] {
  const weighing = weigh(match, words, aim, index);
  const score = weighing.fit * weighing.aim * weighing.coverage * weighing.head;
  // Of two things the later one is mostly what the question is about.
  const ranked = Math.min(1, score + 0.002 * match.to);
  const { name } = match;
  if (name !== undefined) return [{ ...weighing, item: name.item, match, alias: name.alias, ask: null, score: ranked }];
  const ambiguous = index.ambiguous.get(match.key);
  return ambiguous === undefined ? [] : meanings(ambiguous, { ...weighing, match }, ranked);
}

function meanings(
  { entry, items }: { readonly entry: Ambiguity; readonly items: readonly Item[] },
  found: Weighing & { readonly match: Match },
  score: number,
): Candidate[] {
  return items.map((item, at) => ({
    ...found,
    item,
    alias: entry.alias,
    ask: entry.ask,
    score: score * (0.9 - at * 0.01),
  }));
}
