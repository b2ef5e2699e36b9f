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
  material: 0.85,
  apart: 0.85,
  spelling: 0.85,
  compound: 0.78,
  shortCompound: 0.68,
  description: 0.68,
  similar: 0.6,
  syllable: 0.58,
} as const;
/** Share of its terms that a name must have in common with the question to be named as similar. */
const leastSimilar = 0.4;
/** How alike the ends of a phrase and a name of several words must be, from where they differ on. */
const leastEnding = 0.5;

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

/** Names that stand in the question as they are, and those that end one of its words or phrases. */
export function exactMatches(words: readonly Word[], index: ItemIndex): Match[] {
  const matches = [...phrases(words), ...pairsApart(words)].flatMap(({ from, to, texts, apart }): Match[] => {
    const keys = texts.map(index.rewrite);
    const key = keys.find(each => index.exact.has(each) || index.ambiguous.has(each));
    if (key === undefined) {
      return [
        ...packageMatch(keys, { from, to }, apart, index),
        ...(apart ? [] : headMatch(keys, words.slice(from, to), from, index)),
      ];
    }
    const kind = apart ? "apart" : "name";
    return [{ from, to, name: index.exact.get(key), key, fit: apart ? trust.apart : 1, kind }];
  });
  return [...matches, ...materialMatches(words, index)];
}

/** A package said in other words than the knowledge has (`섬유유연제 통`, `헛개수 병`). */
function packageMatch(
  keys: readonly string[],
  range: { readonly from: number; readonly to: number },
  apart: boolean,
  index: ItemIndex,
): Match[] {
  for (const { key, trust: share } of keys.flatMap(index.packages)) {
    const name = index.exact.get(key);
    if (name !== undefined) return [{ ...range, name, key, fit: share * (apart ? trust.apart : 1), kind: "package" }];
  }
  return [];
}

/**
 * In a compound the last part says what it is: `꽃무늬우산` is a kind of `우산`, `초코우유 팩` of `우유팩`. One syllable is too little to go by,
 * unless it is a word for a kind of thing (`참기름병`).
 */
function headMatch(keys: readonly string[], words: readonly Word[], from: number, index: ItemIndex): Match[] {
  const last = words.at(-1);
  if (last === undefined || words.some(word => word.asking)) return [];
  const found = { from, to: from + words.length, kind: "compound" } as const;
  // Of a phrase more than the last word has to be in the name, else the word alone has found it.
  const least = words.length === 1 ? 2 : Math.max(2, index.rewrite(last.text).length + 1);
  for (const key of keys) {
    for (let start = 1; key.length - start >= least; start += 1) {
      const head = key.slice(start);
      const name = index.exact.get(head);
      if (name === undefined && !index.ambiguous.has(head)) continue;
      return [{ ...found, name, key: head, fit: head.length >= 3 ? trust.compound : trust.shortCompound }];
    }
  }
  if (words.length > 1) return [];
  const head = keys.find(key => key.length >= 3 && index.heads.has(key.slice(-1)))?.slice(-1);
  return head === undefined ? [] : [{ ...found, name: index.exact.get(head), key: head, fit: trust.syllable }];
}

/** `유리로 된 주스병`, `주스병인데 유리예요`: the material and the last syllables of the thing are a name (`유리병`). */
function materialMatches(words: readonly Word[], index: ItemIndex): Match[] {
  const isMaterial = (word: Word) => word.forms.some(form => index.materials.has(index.rewrite(form)));
  const told = words.filter(word => !word.asking && isMaterial(word));
  return told.flatMap(({ forms }) =>
    words.flatMap((word, at): Match[] => {
      if (!isThing(word) || isMaterial(word)) return [];
      const keys = forms.flatMap(material =>
        word.forms.flatMap(form => [2, 1].map(tail => index.rewrite(material + form.slice(-tail)))),
      );
      const key = keys.find(each => index.exact.has(each));
      const name = key === undefined ? undefined : index.exact.get(key);
      return name === undefined
        ? []
        : [{ name, key: name.key, from: at, to: at + 1, fit: trust.material, kind: "material" }];
    }),
  );
}

/** What the words describe without naming it (`먹다 남은 …`); it is about all of them. */
export function describedMatches(words: readonly Word[], index: ItemIndex): Match[] {
  return index
    .described(words.map(word => word.text).join(" "))
    .map(name => ({ name, key: name.key, from: 0, to: words.length, fit: trust.description, kind: "description" }));
}

/** Names that share most of their letters with what the question names. */
export function similarMatches(words: readonly Word[], index: ItemIndex): Match[] {
  const { text, from, to } = thingsOf(words);
  return index
    .near(text, nearLimit)
    .filter(({ likeness }) => likeness >= leastSimilar)
    .map(({ name, likeness }) => {
      // What a thing is stands at the end of its name.
      const fit = likeness * trust.similar * (name.key.at(-1) === text.at(-1) ? 1 : 0.8);
      return { name, key: name.key, from, to, fit, kind: "similar" };
    });
}

/** Names spelled much like a phrase of the question (`건전쥐`, `프라이펜`). */
export function misspeltMatches(words: readonly Word[], index: ItemIndex): Match[] {
  const names = index.near(thingsOf(words).text, nearLimit).map(({ name }) => name);
  if (names.length === 0) return [];
  return phrases(words)
    .filter(({ from, to }) => !words.slice(from, to).some(word => word.asking || isNegation(word.text)))
    .flatMap(phrase => misspelt(phrase, names, index));
}

/** The things of the question as one text without particles; empty where there are too many for the name of one. */
function thingsOf(words: readonly Word[]): { text: string; from: number; to: number } {
  const things = words.map((_, place) => place).filter(place => isThing(words[place]));
  const known = things.length > maxThings ? [] : things;
  const text = known.map(place => words[place]?.forms.at(-1) ?? "").join(" ");
  return { text, from: known[0] ?? 0, to: (known.at(-1) ?? -1) + 1 };
}

function misspelt({ from, to, texts }: Phrase, names: readonly Name[], index: ItemIndex): Match[] {
  const matches: Match[] = [];
  for (const letters of new Set(texts.map(text => disassemble(index.rewrite(text))))) {
    for (const name of names) {
      const likeness = isSpellingOf(letters, name) ? spellingLikeness(letters, name.letters, leastLikeness(name)) : 0;
      if (likeness > 0 && likeness < 1 && (to - from === 1 || endsAlike(letters, name.letters)))
        matches.push({ name, key: name.key, from, to, fit: likeness * trust.spelling, kind: "spelling" });
    }
  }
  return matches;
}

/** Of several words the last ones say what it is: `유통기한 지난 라면` is no misspelling of `유통기한 지난 락스`. */
function endsAlike(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  return spellingLikeness(a.slice(start - 1), b.slice(start - 1), leastEnding) > 0;
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
