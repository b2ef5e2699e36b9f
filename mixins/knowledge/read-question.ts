import { findSituations } from "./detect-situations.ts";
import type { Language } from "./language.types.ts";
import { normaliseQuestion, rewordQuestion } from "./reword-question.ts";

/** One word of a question. */
export interface Word {
  readonly text: string;
  /** Forms to look up: as written, then without one and two particles. */
  readonly forms: readonly string[];
  /** Belongs to the asking (`어떻게 버려요`), not to the thing. */
  readonly asking: boolean;
  /** Says a state (`기름 묻은`), not the thing. */
  readonly state: boolean;
  /** What follows may be another thing: `우유팩이랑`, `그리고`, a comma. */
  readonly joins: boolean;
  /** Carries the particle of a topic (`우유팩은`), as a thing does that is set against another. */
  readonly topic: boolean;
}

export interface Question {
  readonly words: readonly Word[];
  /** What the person wants: to throw something away, something else entirely (`옷 추천해 줘`), or nobody can tell. */
  readonly aim: "disposal" | "other" | "open";
}

const connective = /^(그리고|및|또는|혹은|아니면|and|or)$/u;
/** An unknown word before the first two is taken for a thing as well; else (`바나나`, `사과`) only a name shows that they are particles. */
const joiningParticle = /^(.+?)(이랑|랑|하고|과|와|이나|나|이며)$/u;
const counted = /^(\d+|[한두세네]|하나|둘|셋|넷|다섯|여섯|여러|몇)[가-힣]{0,2}(이랑|랑|하고)$/u;
/** `공사하고 나온 타일`: what was done before, no second thing. */
const afterwards = /^(나온|남은|나서|난|생긴|뜯은|버린|온)/u;
/** Verbs, other than adnominal ones: a past tense (any syllable that closes in ㅆ), or an ending that hardly a noun has. */
const predicate =
  /[가-힣](?:[어아여해워와줘져려겨켜춰쳐라빼떼](?:서|서요|요|야|야지|야만)|놔야|[는은인던]데요?|려고요?|려구요?|라고요?|면서|니까요?|거든요?|지만|자마자|[지빠]짐|[러불]짐|났음|없음|있음|[멍장]남)$/u;
const topicParticle = /[가-힣](은|는|은요|는요|도)$/u;

/**
 * Makes the function that takes a question apart by the language's words; patterns hold for whole words only.
 * @param isName tells names of things, which stay things where a state is told together with them (`깨진 형광등`)
 */
export function questionReader(language: Language, isName: (word: string) => boolean): (text: string) => Question {
  const wholeWords = (patterns: readonly string[]) =>
    patterns.map(pattern => new RegExp(`(?<=^|\\s)(?:${pattern})(?=\\s|$)`, "gu"));
  const asking = wholeWords(language.question_words);
  const describing = wholeWords(language.state_words);
  const aimOf = aimReader(language);
  const particles = [...language.particles].sort((a, b) => b.length - a.length);
  const translate = translator(language.english);
  return text => {
    const spaced = rewordQuestion(translate(normaliseQuestion(text)));
    const asked = placesOf(spaced, asking);
    const states = placesOf(spaced, describing);
    for (const { start, end } of findSituations(spaced)) {
      // `배달용기에`: what the state is read from is the thing itself.
      if (formsOf(spaced.slice(start, end), particles).some(isName)) continue;
      const lastWord = spaced.lastIndexOf(" ", end - 1) + 1;
      mark(states, start, isName(spaced.slice(lastWord, end)) ? lastWord : end);
    }
    const words = [...spaced.matchAll(/\S+/gu)].map((match, at, all): Word => {
      const [word] = match;
      const forms = formsOf(word, particles);
      const isAsking = asked.has(match.index);
      const isPredicate = !forms.some(isName) && (closesInPast(word) || predicate.test(word));
      return {
        text: word,
        forms,
        asking: isAsking || connective.test(word),
        state: states.has(match.index) || isPredicate || (isNegation(all[at - 1]?.[0]) && !forms.some(isName)),
        joins: connective.test(word) || (!isAsking && joinsNext(word, all[at + 1]?.[0], isName, language.heads)),
        topic: topicParticle.test(word) && !isName(word),
      };
    });
    return { words, aim: aimOf(spaced) };
  };
}

/** Told by the first list that matches: what surely is another topic, words of disposal, then the mere hints at either. */
function aimReader(language: Language): (spaced: string) => Question["aim"] {
  const anyOf = (patterns: readonly string[]) => new RegExp(patterns.join("|"), "u");
  const signs = [
    ["other", anyOf(language.other_topics)],
    ["disposal", anyOf(language.disposal_words)],
    ["other", anyOf(language.other_hints)],
    ["disposal", anyOf(language.disposal_hints)],
  ] as const;
  return spaced => signs.find(([, pattern]) => pattern.test(spaced))?.[0] ?? "open";
}

const syllables = { first: 0xac00, last: 0xd7a3, closings: 28, doubleS: 20 } as const;

function closesInPast(word: string): boolean {
  return Array.from(word).some(letter => {
    const code = letter.codePointAt(0) ?? 0;
    const isSyllable = code >= syllables.first && code <= syllables.last;
    return isSyllable && (code - syllables.first) % syllables.closings === syllables.doubleS;
  });
}

/** A word that turns the next one round; what follows it is a state. */
export function isNegation(word: string | undefined): boolean {
  return word !== undefined && /^(안|못|덜)$/u.test(word);
}

function joinsNext(
  word: string,
  next: string | undefined,
  isName: (word: string) => boolean,
  heads: readonly string[],
): boolean {
  if (isName(word)) return next !== undefined && isSibling(word, next, heads) && isName(next) && !isName(word + next);
  // `책 30권하고 전단지`: how many there are stands between.
  if (counted.test(word)) return next !== undefined && !afterwards.test(next);
  // `남은 거랑 병`: the thing itself was said before.
  if (/^(거|것)(랑|이랑|하고)$/u.test(word)) return next !== undefined && !afterwards.test(next);
  // `형광등 2개 백열등 1개`: a number of each.
  if (/^(\d+|[한두세네]|다섯|여섯)(개|장|병|캔|봉|통|켤레|벌|대)$/u.test(word))
    return next !== undefined && isName(next);
  const [, thing = "", particle = ""] = joiningParticle.exec(word) ?? [];
  const joins = isName(thing) || (thing.length > 1 && particle.endsWith("랑"));
  return joins && next !== undefined && !afterwards.test(next);
}

/** `소주병 맥주병`: two of a kind, neither says what the other one is. */
const isSibling = (word: string, next: string, heads: readonly string[]): boolean =>
  word !== next && word.length > 1 && next.length > 1 && heads.includes(word.slice(-1)) && word.at(-1) === next.at(-1);

/** English names of things, in singular or plural, become the Korean ones. */
function translator(pairs: Language["english"]): (normalised: string) => string {
  const targets = new Map(pairs);
  const longestFirst = [...targets.keys()].sort((a, b) => b.length - a.length);
  const names = new RegExp(`(?<=^|\\s)(${longestFirst.join("|") || "(?!)"})(?:e?s)?(?=\\s|$)`, "gu");
  return normalised => normalised.replace(names, (_, name: string) => targets.get(name) ?? name);
}

function placesOf(text: string, patterns: readonly RegExp[]): Set<number> {
  const places = new Set<number>();
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) mark(places, match.index, match.index + match[0].length);
  }
  return places;
}

function mark(places: Set<number>, start: number, end: number): void {
  for (let at = start; at < end; at += 1) places.add(at);
}

function formsOf(word: string, particles: readonly string[]): string[] {
  const forms = [word];
  let rest = word;
  for (let round = 0; round < 2; round += 1) {
    const particle = particles.find(ending => rest.length > ending.length && rest.endsWith(ending));
    if (particle === undefined) break;
    rest = rest.slice(0, -particle.length);
    forms.push(rest);
  }
  return forms;
}
