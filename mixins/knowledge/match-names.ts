import { disassemble } from "es-hangul";
import type { ItemIndex, Name } from "./item-index.ts";
import { isNegation, type Word } from "./read-question.ts";
import { spellingLikeness } from "./spelling-distance.ts";

/** Longest phrase looked up, in words (`유통기한 지난 감기약`). */
const maxWords = 4;
/** Most words of a question in which misspellings are looked for. */
const maxThings = 8;
const nearLimit = 20;

/** A name found in the question: words `from`…`to` (exclusive), and how well they fit it (0…1). */
export interface Match {
  readonly name: Name | undefined;
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly fit: number;
}

/** A phrase of the question: its words, and the forms to look up (the last word also without its particles, then all of them without). */
interface Phrase {
  readonly from: number;
  readonly to: number;
  readonly texts: readonly string[];
}

function phraseOf(words: readonly Word[], places: readonly number[]): Phrase | undefined {
  const last = words[places.at(-1) ?? -1];
  const [from] = places;
  if (last === undefined || from === undefined) return undefined;
  const inner = places.slice(0, -1).map(place => words[place]);
  const asIs = inner.map(word => word?.text ?? "").join("");
  const bare = inner.map(word => word?.forms[1] ?? word?.text ?? "").join("");
  const heads = asIs === bare ? [asIs] : [asIs, bare];
  return { from, to: (places.at(-1) ?? from) + 1, texts: heads.flatMap(head => last.forms.map(form => head + form)) };
}

/** Neighbouring words as phrases; things also across the states between them (`두유 먹고 남은 팩`). */
function phrases(words: readonly Word[]): Phrase[] {
  const all = words.map((_, place) => place);
  const things = all.filter(place => words[place]?.state === false && !words[place].asking);
  const found: (Phrase | undefined)[] = [];
  for (const places of things.length < all.length ? [all, things] : [all]) {
    for (let start = 0; start < places.length; start += 1) {
      for (let end = start + 1; end <= Math.min(places.length, start + maxWords); end += 1) {
        const phrase = places.slice(start, end);
        const isNew = places === all || (phrase.at(-1) ?? 0) - (phrase[0] ?? 0) >= phrase.length;
        if (isNew) found.push(phraseOf(words, phrase));
      }
    }
  }
  return found.filter(phrase => phrase !== undefined);
}

/** Names that stand in the question as they are, and those that end one of its words. */
export function exactMatches(words: readonly Word[], index: ItemIndex): Match[] {
  const matches: Match[] = [];
  for (const { from, to, texts } of phrases(words)) {
    const found = texts.map(index.rewrite).find(key => index.exact.has(key) || index.ambiguous.has(key));
    if (found !== undefined) matches.push({ name: index.exact.get(found), key: found, from, to, fit: 1 });
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
      const name = index.exact.get(key.slice(start));
      if (name !== undefined)
        return [{ name, key: name.key, from, to: from + 1, fit: name.key.length >= 3 ? 0.78 : 0.68 }];
    }
  }
  return [];
}

/** Names spelled much like a phrase of the question: `건전쥐`, `프라이펜`, `스티로폴 박스`. */
export function nearMatches(words: readonly Word[], index: ItemIndex): Match[] {
  const things = words.filter(word => !word.asking && !word.state);
  // A long text is no name of a thing: its misspelt words are not worth the time.
  if (things.length === 0 || things.length > maxThings) return [];
  const names = index.near(things.map(word => word.text).join(" "), nearLimit);
  const matches: Match[] = [];
  for (const { from, to, texts } of phrases(words)) {
    if (words.slice(from, to).some(word => word.asking || isNegation(word.text))) continue;
    for (const letters of new Set(texts.map(text => disassemble(index.rewrite(text))))) {
      for (const name of names) {
        const likeness = beginsAlike(letters, name) ? spellingLikeness(letters, name.letters, leastLikeness(name)) : 0;
        if (likeness > 0 && likeness < 1) matches.push({ name, key: name.key, from, to, fit: likeness * 0.85 });
      }
    }
  }
  return matches;
}

/** The shorter a word, the more of it must agree, or every word is a misspelling of another (`노래`, `모래`). */
function leastLikeness({ letters }: Name): number {
  if (letters.length <= 4) return 1;
  return letters.length <= 6 ? 0.83 : 0.76;
}

/** A short word that begins otherwise is another word (`비행기`, `보행기`), not a misspelling. */
function beginsAlike(letters: string, name: Name): boolean {
  return name.letters.length > 8 || letters.slice(0, 2) === name.letters.slice(0, 2);
}
