import type { Faq, Region } from "./info.types.ts";
import type { Box, Character, Exclusion, Major, Middle, RegionalNote, Review, Source } from "./knowledge.types.ts";
import type { Ambiguity } from "./language.types.ts";
import type { Material } from "./materials.ts";

/** The shapes of `knowledge/*.yaml` after their JSON Schema has accepted them (`knowledge/schema`). */

export interface SourcesFile {
  sources: Source[];
}

export interface ItemEntry {
  id: string;
  name: string;
  variant?: string;
  materials?: Material[];
  source: string;
  review?: Review;
  taxonomy?: string[];
  aliases: string[];
  note?: string;
  hint?: string;
  conditions?: Record<string, { to: Middle; variant?: string; why: string; source?: string }>;
}
export interface ItemsFile {
  rule: string;
  materials: Material[];
  items: ItemEntry[];
}

export interface RuleFile {
  key: string;
  major: Major;
  middle: Middle;
  name: string;
  collection?: true;
  covers: string[];
  steps: string[];
  box?: Box;
  variants: { id: string; name: string; steps: string[]; box?: false; review?: Review }[];
  exclusions: Exclusion[];
  why: string;
  regional: RegionalNote[];
  icons: string[];
  source: string | null;
  effective: string | null;
  reviewed: string;
  review: Review;
}

export interface TagEntry {
  tag: string;
  insufficiency?: { for?: Middle[]; say: string }[];
  steps?: { for?: Middle[]; say: string }[];
  changes?: { from: Middle[]; to: Middle; variant?: string; why: string; source: string }[];
  patterns?: string[];
}
export interface SituationsFile {
  groups: { group: string; tags: TagEntry[] }[];
}

export interface CharactersFile {
  characters: (Omit<Character, "accepted_codes" | "default"> & { accepted_codes?: string[]; default?: boolean })[];
}

export interface RegionsFile {
  regions: (Omit<Region, "aliases" | "bulk"> & {
    aliases?: string[];
    bulk?: Pick<Region["bulk"], "steps" | "fees"> & { source: string };
  })[];
}

export interface FaqFile {
  faq: (Omit<Faq, "item"> & { item?: string })[];
}

export interface SynonymsFile {
  rewrites: [string, string][];
  question_words: string[];
  state_words: string[];
  disposal_words: string[];
  disposal_hints: string[];
  other_topics: string[];
  other_hints: string[];
  material_words: { word: string; materials: Material[] }[];
  heads: string[];
  containers: { words: string[]; instead: string[] }[];
  kinds: { kind: string; names: string[] }[];
  descriptions: { pattern: string; item: string }[];
  english: [string, string][];
  particles: string[];
  ambiguities: Ambiguity[];
}

/** A check of the knowledge against the directive; `knowledge/assertions.yaml` tells what each key means. */
export interface Assertion {
  id: string;
  claim: string;
  source: string;
  covers: string[];
  source_says?: string[];
  items?: Record<string, Middle>;
  names?: Partial<Record<Middle, string[]>>;
  questions?: Record<string, Middle>;
  rule?: string;
  variant?: string;
  tells?: string[];
  excludes?: Record<string, string>;
  steps_say?: string[];
  steps_never_say?: string[];
  answer?: { question: string; says?: string[]; never_says?: string[] };
}
export interface AssertionsFile {
  clauses: string[];
  assertions: Assertion[];
}

/** One file: its content, and where in the text a value stands. */
export interface Sheet<T> {
  readonly file: string;
  readonly text: string;
  readonly value: T;
  /** One-based line of the value at a path, or of the nearest ancestor that exists. */
  lineOf(path: readonly (string | number)[]): number;
}

export interface KnowledgeFiles {
  readonly sources: Sheet<SourcesFile>;
  readonly items: readonly Sheet<ItemsFile>[];
  readonly rules: readonly Sheet<RuleFile>[];
  readonly situations: Sheet<SituationsFile>;
  readonly characters: Sheet<CharactersFile>;
  readonly synonyms: Sheet<SynonymsFile>;
  readonly regions: Sheet<RegionsFile>;
  readonly faq: Sheet<FaqFile>;
}
