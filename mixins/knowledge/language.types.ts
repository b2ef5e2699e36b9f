import type { Material } from "./materials.ts";

/** A word that names several items; the answer asks `ask` instead of guessing. */
export interface Ambiguity {
  readonly alias: string;
  readonly items: readonly string[];
  readonly ask: string;
}

export interface Language {
  readonly rewrites: readonly (readonly [from: string, to: string])[];
  /** Patterns of words of the asking, of a state, and endings of words; see `knowledge/synonyms.yaml`. */
  readonly question_words: readonly string[];
  readonly state_words: readonly string[];
  readonly disposal_words: readonly string[];
  readonly disposal_hints: readonly string[];
  readonly other_topics: readonly string[];
  readonly other_hints: readonly string[];
  /** What things are called by who doesn't name them (`먹다 남은 …`), with the id of the item that it stands for. */
  readonly descriptions: readonly { readonly pattern: string; readonly item: string }[];
  readonly material_words: readonly { readonly word: string; readonly materials: readonly Material[] }[];
  /** Syllables that tell at the end of a longer word what it is (`참기름병`). */
  readonly heads: readonly string[];
  /** Words for containers: each word of `words` may be said as any of `instead` (`통`, `용기`). */
  readonly containers: readonly { readonly words: readonly string[]; readonly instead: readonly string[] }[];
  /** Products and brands by the word for their kind, as far as names of packages go (`헛개수`: `음료`). */
  readonly kinds: readonly { readonly kind: string; readonly names: readonly string[] }[];
  /** English names of things, in the singular or where that takes another form in both, with the Korean word to look up. */
  readonly english: readonly (readonly [english: string, korean: string])[];
  readonly particles: readonly string[];
  readonly ambiguities: readonly Ambiguity[];
}
