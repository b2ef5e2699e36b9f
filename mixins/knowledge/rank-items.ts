import type { ItemIndex } from "./item-index.ts";
import type { Item } from "./knowledge.types.ts";
import { describedMatches, exactMatches, type Match, misspeltMatches, similarMatches } from "./match-names.ts";
import type { Material } from "./materials.ts";
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
  /** Less than 1 where the text tells another material than the item is made of (`유리` of a `주스 페트병`). */
  readonly material: number;
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

/** From here on a name that is spelt as in the knowledge leaves nothing to guess at. */
const certain = 0.85;

/** Items that the words of a question, or of a part of it, may be about: each item once, best first. */
export function rankItems(words: readonly Word[], aim: Question["aim"], index: ItemIndex): Candidate[] {
  const weighed = (matches: readonly Match[]) => matches.flatMap(match => candidatesOf(match, words, aim, index));
  const exact = keepOutermost(withoutNegated(exactMatches(words, index), words), words);
  const [best] = bestFirst(weighed(onlyThings(exact, words)));
  const isCertain = best !== undefined && best.score >= certain && !isState(words[best.match.to - 1]);
  const guesses = isCertain
    ? similarMatches(words, index)
    : [...similarMatches(words, index), ...misspeltMatches(words, index), ...describedMatches(words, index)];
  return withNews(bestFirst(weighed(onlyThings([...exact, ...withoutNegated(guesses, words)], words))));
}

/** Each item once, with the match that says most for it. */
function bestFirst(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.toSorted((a, b) => b.score - a.score).filter(({ item }) => !seen.has(item.id) && seen.add(item.id));
}

/** What merely resembles the words is worth telling where it would be thrown away otherwise than what fits them better. */
function withNews(candidates: readonly Candidate[]): Candidate[] {
  const isGuess = ({ match }: Candidate) => match.kind === "similar" || match.kind === "spelling";
  return candidates.filter(
    (candidate, at) =>
      !isGuess(candidate) || !candidates.slice(0, at).some(({ item }) => item.middle === candidate.item.middle),
  );
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
  const things = matches.filter(({ to, kind }) => kind === "description" || !isState(words[to - 1]));
  return things.length > 0 ? things : [...matches];
}

/** `안 깨진 유리병` is no `깨진 유리병`: what stands right after a negation is a state, so a name that begins with it doesn't hold. */
function withoutNegated(matches: readonly Match[], words: readonly Word[]): Match[] {
  return matches.filter(({ from, to }) => to - from === 1 || !isNegation(words[from - 1]?.text));
}

const aims = { disposal: 1, open: 0.9, other: 0.38 } as const;
/** A single syllable is a word of its own (`약`, `캔`) only where the text is about throwing away, or nothing but that word. */
const aimOfSyllable = 0.6;
/** What a thing counts before another one that the knowledge has, and before one that it doesn't. */
const modifier = { ofKnown: 0.6, ofUnknown: 0.8 } as const;
const notThing = 0.5;
const otherMaterial = 0.6;

type Found = Omit<Weighing, "material">;

function weigh(match: Match, words: readonly Word[], aim: Question["aim"], index: ItemIndex): Found {
  const share = coverage(match, words, index);
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
function coverage(match: Match, words: readonly Word[], index: ItemIndex): number {
  let all = 0;
  let covered = 0;
  words.forEach((word, at) => {
    const inside = at >= match.from && at < match.to;
    if (!inside && (isState(word) || isAside(words, at, index))) return;
    all += word.text.length;
    if (inside) covered += word.text.length;
  });
  return all === 0 ? 0 : covered / all;
}

/**
 * In `치킨 상자` and `치킨 먹고 남은 상자` the chicken says which box, in `어항에 있던 돌` the tank says where from, in `가위로 자른 우유팩` the
 * scissors say what with, and of `종이인가요` only the asking speaks.
 */
function headOf({ from, to, key, kind }: Match, words: readonly Word[], index: ItemIndex): number {
  const last = words[to - 1];
  if (last === undefined || kind === "similar" || kind === "description") return 1;
  const others = words.filter((word, at) => (at < from || at >= to) && !isState(word));
  if (last.asking) return others.length > 0 ? notThing : 1;
  if (others.length > 0 && isMeans(words, to - 1) && !isNameOf(last, key, index)) return notThing;
  const nextAt = words.findIndex((word, at) => at >= to && !isState(word) && !isAside(words, at, index));
  const next = words[nextAt];
  if (next === undefined || last.state) return 1;
  const isBare = isNameOf(last, key, index) && !words.slice(to, nextAt).some(word => word.asking);
  if (!isBare && !standsIn.test(last.text)) return 1;
  const isKnown = next.forms.some(form => index.isName(form));
  return isKnown ? modifier.ofKnown : modifier.ofUnknown;
}

/** Says what with (`가위로 자른`) or of what material, and is no second thing. */
const isAside = (words: readonly Word[], at: number, index: ItemIndex): boolean =>
  isMeans(words, at) || words[at]?.forms.some(form => index.materials.has(index.rewrite(form))) === true;

const isMeans = (words: readonly Word[], at: number): boolean =>
  /(으로|로)$/u.test(words[at]?.text ?? "") && words[at + 1]?.state === true;

const standsIn = /(에|에서|에다|에다가|의|에게)$/u;

/** The word ends in the name as it is, without a particle. */
function isNameOf(word: Word, key: string, index: ItemIndex): boolean {
  const written = index.rewrite(word.text);
  return key.endsWith(written) || written.endsWith(key);
}

/** Materials that the text tells of the matched thing: right before it (`유리 반찬통`), within it, or said of it afterwards (`뚜껑인데 금속이에요`). */
function materialsOf({ from, to }: Match, words: readonly Word[], index: ItemIndex): readonly Material[] {
  return words.flatMap((word, at) => {
    const isNear = (at >= from - 1 && at < to) || (at >= to && (at === words.length - 1 || saysWhat.test(word.text)));
    const isBare = at >= to || index.materials.has(index.rewrite(word.text));
    return isNear && isBare && !word.asking
      ? word.forms.flatMap(form => index.materials.get(index.rewrite(form)) ?? [])
      : [];
  });
}

const saysWhat = /(인데요?|이에요|예요|이고|이라서|입니다|임)$/u;

function materialFactor(item: Item, told: readonly Material[]): number {
  const fits =
    told.length === 0 ||
    item.materials.length === 0 ||
    item.materials.some(each => each === "복합재질" || told.includes(each));
  return fits ? 1 : otherMaterial;
}

function candidatesOf(match: Match, words: readonly Word[], aim: Question["aim"], index: ItemIndex): Candidate[] {
  const found = weigh(match, words, aim, index);
  const told = materialsOf(match, words, index);
  const candidate = (item: Item, alias: string, ask: string | null, factor: number): Candidate => {
    const material = materialFactor(item, told);
    const score = found.fit * found.aim * found.coverage * found.head * material * factor;
    // Of two things the later one is mostly what the question is about.
    return { ...found, material, item, match, alias, ask, score: Math.min(1, score + 0.002 * match.to) };
  };
  const { name } = match;
  if (name !== undefined) return [candidate(name.item, name.alias, null, 1)];
  const ambiguous = index.ambiguous.get(match.key);
  if (ambiguous === undefined) return [];
  const { alias, ask } = ambiguous.entry;
  return ambiguous.items.map((item, at) => candidate(item, alias, ask, 0.9 - at * 0.01));
}
