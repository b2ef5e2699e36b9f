import { findSituations } from "./detect-situations.ts";
import type { Language } from "./knowledge.types.ts";
import { normaliseText } from "./normalise-text.ts";

/** One word of a question. */
export interface Word {
  readonly text: string;
  /** Forms to look up: as written, then without one and two particles. */
  readonly forms: readonly string[];
  /** Belongs to the asking (`어떻게 버려요`), not to the thing. */
  readonly asking: boolean;
  /** Says a state (`기름 묻은`), not the thing. */
  readonly state: boolean;
}

export interface Question {
  readonly words: readonly Word[];
  /** The person asks about throwing away; then other words in the question say less against a hit. */
  readonly aboutDisposal: boolean;
}

/** Words that are written on to the thing without a space (`깨진컵어떻게버려요`): a space goes before them. */
const gluedOn = /(?<=[가-힣])(어떻게|어떡해|어디에|버려[도야요주]|버리[는나면]|버릴|분리수거|분리배출|재활용)/gu;
/** A negation written on to its word (`안깨진`): apart, it is seen as one. */
const gluedNegation = /(?<=^|\s)(안|못)(?=깨|묻|뗀|떼|씻|쓴|쓰|먹|말린|헹|비운|젖|더러|부서|찢)/gu;
/** `컵이 깨졌어요` is a `깨진 컵`: the state goes before the thing, as it stands in names. */
const brokenLast = /(\S+?)(?:이|가|을|를|은|는|도)? (?:깨졌|깨져|깨뜨|깨트|깨먹)[가-힣]*/gu;

/**
 * Makes the function that takes a question apart by the language's words; patterns hold for whole words only.
 * @param isName tells names of things, which stay things where a state is told together with them (`깨진 형광등`)
 */
export function questionReader(language: Language, isName: (word: string) => boolean): (text: string) => Question {
  const wholeWords = (patterns: readonly string[]) =>
    patterns.map(pattern => new RegExp(`(?<=^|\\s)(?:${pattern})(?=\\s|$)`, "gu"));
  const asking = wholeWords(language.question_words);
  const describing = wholeWords(language.state_words);
  const disposal = new RegExp(language.disposal_words.join("|"), "u");
  const particles = [...language.particles].sort((a, b) => b.length - a.length);
  return text => {
    const spaced = normaliseText(text)
      .replace(gluedOn, " $1")
      .replace(gluedNegation, "$1 ")
      .replace(brokenLast, "깨진 $1");
    const asked = placesOf(spaced, asking);
    const states = placesOf(spaced, describing);
    for (const { start, end } of findSituations(spaced)) {
      const lastWord = spaced.lastIndexOf(" ", end - 1) + 1;
      mark(states, start, isName(spaced.slice(lastWord, end)) ? lastWord : end);
    }
    const words = [...spaced.matchAll(/\S+/gu)].map((match, at, all) => ({
      text: match[0],
      forms: formsOf(match[0], particles),
      asking: asked.has(match.index),
      state: states.has(match.index) || isNegation(all[at - 1]?.[0]),
    }));
    return { words, aboutDisposal: disposal.test(spaced) };
  };
}

/** A word that turns the next one round; what follows it is a state. */
export function isNegation(word: string | undefined): boolean {
  return word !== undefined && /^(안|못|덜)$/u.test(word);
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
