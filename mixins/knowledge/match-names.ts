import { disassemble } from "es-hangul";
import type { MatchKind } from "./knowledge.types.ts";
import type { ItemIndex, Name } from "./item-index.ts";
import { isNegation, type Word } from "./read-question.ts";
import { spellingLikeness } from "./spelling-distance.ts";

/** Longest phrase looked up, in words (`유통기한 지난 감기약`). */
const maxWords = 4;
/** Most words of a question in which misspellings and words apart are looked for. */
const maxThings = 8;
const nearLimit = 20;
/** How far a name is to be trusted that stands in the question in another way than as it is written. */
const trust = {
  compound: 0.78,
  shortCompound: 0.68,
  apart: 0.85,
  spelling: 0.85,
  similar: 0.6,
  description: 0.68,
} as const;
/** Share of its terms that a name must have in common with the question to be named as similar. */
const leastSimilar = 0.4;

/** A name found in the question: words `from`…`to` (exclusive), and how well they fit it (0…1). */
export interface Match {
  readonly name: Name | undefined;
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly fit: number;
  readonly kind: MatchKind;
}

/** A phrase of the question: its words, and the forms to look up (the last word also without its particles, then all of them without). */
interface Phrase {
  readonly from: number;
  readonly to: number;
  readonly texts: readonly string[];
  /** Words stand between its own that are no part of it. */
  readonly apart: boolean;
}

function phraseOf(words: readonly Word[], places: readonly number[], apart: boolean): Phrase | undefined {
  const last = words[places.at(-1) ?? -1];
  const [from] = places;
  if (last === undefined || from === undefined) return undefined;
  const inner = places.slice(0, -1).map(place => words[place]);
  const asIs = inner.map(word => word?.text ?? "").join("");
  const bare = inner.map(word => word?.forms[1] ?? word?.text ?? "").join("");
  const heads = asIs === bare ? [asIs] : [asIs, bare];
  const texts = heads.flatMap(head => last.forms.map(form => head + form));
  return { from, to: (places.at(-1) ?? from) + 1, texts, apart };
}

const isThing = (word: Word | undefined): boolean => word !== undefined && !word.state && !word.asking;

/** Neighbouring words as phrases; things also across the states between them (`두유 먹고 남은 팩`). */
function phrases(words: readonly Word[]): Phrase[] {
  const all = words.map((_, place) => place);
  const things = all.filter(place => isThing(words[place]));
  const found: (Phrase | undefined)[] = [];
  for (const places of things.length < all.length ? [all, things] : [all]) {
    for (let start = 0; start < places.length; start += 1) {
      for (let end = start + 1; end <= Math.min(places.length, start + maxWords); end += 1) {
        const phrase = places.slice(start, end);
        const isNew = places === all || (phrase.at(-1) ?? 0) - (phrase[0] ?? 0) >= phrase.length;
        if (isNew) found.push(phraseOf(words, phrase, false));
      }
    }
  }
  return found.filter(phrase => phrase !== undefined);
}

/** Two things with another between them (`스타벅스 아이스 컵`): the first and the last may be a name. */
function pairsApart(words: readonly Word[]): Phrase[] {
  const things = words.map((_, place) => place).filter(place => isThing(words[place]));
  if (things.length > maxThings) return [];
  return things
    .flatMap((first, at) => things.slice(at + 2).map(last => phraseOf(words, [first, last], true)))
    .filter(phrase => phrase !== undefined);
}

/** Names that stand in the question as they are, and those that end one of its words. */
export function exactMatches(words: readonly Word[], index: ItemIndex): Match[] {
  const matches: Match[] = [];
  for (const { from, to, texts, apart } of [...phrases(words), ...pairsApart(words)]) {
    const key = texts.map(index.rewrite).find(each => index.exact.has(each) || index.ambiguous.has(each));
    const found = { from, to };
    if (key !== undefined)
      matches.push({
        ...found,
        name: index.exact.get(key),
        key,
        fit: apart ? trust.apart : 1,
        kind: apart ? "apart" : "name",
      });
    else if (to === from + 1) matches.push(...headMatches(words[from], from, index));
  }
  return matches;
}

/** In a compound the last part says what it is: `꽃무늬우산` is a kind of `우산`. One syllable is too little to go by. */
function headMatches(word: Word | undefined, from: number, index: ItemIndex): Match[] {
  if (word === undefined || word.asking) return [];
  for (const form of word.forms) {
    const key = index.rewrite(form);
    for (let start = 1; key.length - start >= 2; start += 1) {
      const head = key.slice(start);
      const name = index.exact.get(head);
      if (name === undefined && !index.ambiguous.has(head)) continue;
      const fit = head.length >= 3 ? trust.compound : trust.shortCompound;
      return [{ name, key: head, from, to: from + 1, fit, kind: "compound" }];
    }
  }
  return [];
}

/** What the words describe without naming it (`먹다 남은 …`); it is about all of them. */
export function describedMatches(words: readonly Word[], index: ItemIndex): Match[] {
  return index
    .described(words.map(word => word.text).join(" "))
    .map(name => ({ name, key: name.key, from: 0, to: words.length, fit: trust.description, kind: "description" }));
}

/** Names spelled much like a phrase of the question (`건전쥐`, `프라이펜`), and names that share most of their letters with it. */
export function nearMatches(words: readonly Word[], index: ItemIndex): Match[] {
  const things = words.map((_, place) => place).filter(place => isThing(words[place]));
  const [first] = things;
  // A long text is no name of a thing: its misspelt words are not worth the time.
  if (first === undefined || things.length > maxThings) return [];
  const text = things.map(place => words[place]?.forms.at(-1) ?? "").join(" ");
  const near = index.near(text, nearLimit);
  const to = (things.at(-1) ?? first) + 1;
  const matches = near
    .filter(({ likeness }) => likeness >= leastSimilar)
    .map(({ name, likeness }): Match => ({
      name,
      key: name.key,
      from: first,
      to,
      // What a thing is stands at the end of its name.
      fit: likeness * trust.similar * (name.key.at(-1) === text.at(-1) ? 1 : 0.8),
      kind: "similar",
    }));
  for (const phrase of phrases(words)) {
    if (words.slice(phrase.from, phrase.to).some(word => word.asking || isNegation(word.text))) continue;
    matches.push(
      ...misspelt(
        phrase,
        near.map(({ name }) => name),
        index,
      ),
    );
  }
  return matches;
}

function misspelt({ from, to, texts }: Phrase, names: readonly Name[], index: ItemIndex): Match[] {
  const matches: Match[] = [];
  for (const letters of new Set(texts.map(text => disassemble(index.rewrite(text))))) {
    for (const name of names) {
      const likeness = isSpellingOf(letters, name) ? spellingLikeness(letters, name.letters, leastLikeness(name)) : 0;
      if (likeness > 0 && likeness < 1)
        matches.push({ name, key: name.key, from, to, fit: likeness * trust.spelling, kind: "spelling" });
    }
  }
  return matches;
}

/** The shorter a word, the more of it must agree, or every word is a misspelling of another (`노래`, `모래`). */
function leastLikeness({ letters }: Name): number {
  if (letters.length <= 4) return 1;
  return letters.length <= 6 ? 0.83 : 0.76;
}

/**
 * A short word that begins otherwise is another word (`비행기`, `보행기`), not a misspelling; so is one that only goes on or stops
 * (`망친`, `망치`; `전화번호`, `전화번호부`).
 */
function isSpellingOf(letters: string, name: Name): boolean {
  if (letters.startsWith(name.letters) || name.letters.startsWith(letters)) return false;
  return name.letters.length > 8 || letters.slice(0, 2) === name.letters.slice(0, 2);
}
