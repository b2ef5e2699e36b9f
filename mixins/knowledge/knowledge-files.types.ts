import type {
  Ambiguity,
  Character,
  Major,
  Middle,
  RegionalNote,
  Exclusion,
  Review,
  Source,
} from "./knowledge.types.ts";

/** The shapes of `knowledge/*.yaml` after their JSON Schema has accepted them (`knowledge/schema`). */

export interface SourcesFile {
  sources: Source[];
}

export interface ItemEntry {
  id: string;
  name: string;
  variant?: string;
  source: string;
  review?: Review;
  taxonomy?: string[];
  aliases: string[];
  note?: string;
  hint?: string;
  conditions?: Record<string, { to: Middle; variant?: string; why: string }>;
}
export interface ItemsFile {
  groups: { major: Major; middle: Middle; rule: string; items: ItemEntry[] }[];
}

export interface RuleFile {
  key: string;
  major: Major;
  middle: Middle;
  name: string;
  covers: string[];
  steps: string[];
  variants: { id: string; name: string; steps: string[]; review?: Review }[];
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

export interface SynonymsFile {
  rewrites: [string, string][];
  question_words: string[];
  state_words: string[];
  disposal_words: string[];
  particles: string[];
  ambiguities: Ambiguity[];
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
  readonly items: Sheet<ItemsFile>;
  readonly rules: readonly Sheet<RuleFile>[];
  readonly situations: Sheet<SituationsFile>;
  readonly characters: Sheet<CharactersFile>;
  readonly synonyms: Sheet<SynonymsFile>;
}
