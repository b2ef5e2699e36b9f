import type { Faq, Region } from "./info.types.ts";
import type { Language } from "./language.types.ts";
import type { Material } from "./materials.ts";

/**
 * What the knowledge is made of, as it is held in memory: the same names as in `knowledge/*.yaml`, so that no mapping stands between
 * the file an editor sees and the value the code reads. Everything is deeply frozen.
 */

/** Waste classes of the first level; `미분류` has neither items nor a rule. */
export const majors = [
  "재활용폐기물",
  "일반종량제폐기물",
  "불연성종량제폐기물",
  "음식물류폐기물",
  "공사장생활폐기물",
  "대형폐기물",
  "생활계유해폐기물",
  "미분류",
] as const;
export type Major = (typeof majors)[number];
/** The class of what cannot be told. */
export const unclassified = "미분류" satisfies Major;

/** Classes of the second level; they exist for 재활용폐기물 only, every other major is its own middle. */
export const recyclableMiddles = [
  "종이",
  "종이팩",
  "무색페트병",
  "플라스틱류",
  "비닐류",
  "발포합성수지",
  "유리병",
  "금속류",
  "의류및원단",
  "전지",
  "조명제품",
  "전기전자제품",
] as const;
export type RecyclableMiddle = (typeof recyclableMiddles)[number];
export type Middle = RecyclableMiddle | Major;

/** `verified`: class, steps and exclusions follow from an official source; `unverified`: general guidance, and the answer says so. */
export type Review = "verified" | "unverified";

/** Where a fact comes from. Dates are ISO days; `url` and `number` are null where there is none to be sure of. */
export interface Source {
  readonly id: string;
  readonly title: string;
  readonly number: string | null;
  readonly date: string;
  readonly url: string | null;
  readonly official: boolean;
}

/** One state (situation tag) that moves an item into another class. */
export interface ItemCondition {
  readonly tag: string;
  readonly major: Major;
  readonly middle: Middle;
  /** Variant of the new class's rule, where one fits better than its common steps. */
  readonly variant: string | null;
  /** Polite sentence that tells the reader why. */
  readonly why: string;
  readonly source: Source;
}

export interface Item {
  readonly id: string;
  /** Name to show; ends in a Hangul syllable, so that particles can be attached. */
  readonly name: string;
  readonly major: Major;
  readonly middle: Middle;
  readonly aliases: readonly string[];
  /** Key of the rule (`Rule.key`). */
  readonly rule: string;
  /** Id of the rule's variant whose steps fit this item better than the common ones. */
  readonly variant: string | null;
  readonly materials: readonly Material[];
  readonly source: Source;
  readonly review: Review;
  /** Entries of the predecessor's taxonomy that this item stands for, as `class/name`. */
  readonly taxonomy: readonly string[];
  /** For editors: where the directive overrides the taxonomy, or what is uncertain. */
  readonly note: string | null;
  /** For readers: a sentence that belongs into every answer about this item. */
  readonly hint: string | null;
  readonly conditions: readonly ItemCondition[];
}

export interface Exclusion {
  readonly item: string;
  readonly goes_to: string;
  readonly why: string;
}

export interface RegionalNote {
  readonly region: string;
  readonly since: string | null;
  readonly note: string;
  readonly review: Review;
}

/** The box or sack of its own in which things are collected. */
export interface Box {
  readonly name: string;
  /** What to do where the municipality has none; it is the last of the steps too. */
  readonly without: string;
}

export interface RuleVariant {
  readonly id: string;
  readonly name: string;
  /** In order; the last says what to do where there is no box. */
  readonly steps: readonly string[];
  /** The rule's own, or null where these things don't go into it. */
  readonly box: Box | null;
  /** The rule's own, unless the variant says otherwise. */
  readonly review: Review;
}

export interface Rule {
  /** `재활용폐기물_종이`, `대형폐기물`, … as the HTTP contract names them; a special collection's is `생활계유해폐기물_의약품`. */
  readonly key: string;
  /** `class`: the one rule of a whole class; `collection`: of a special collection inside it, followed only by its own items. */
  readonly scope: "class" | "collection";
  readonly major: Major;
  readonly middle: Middle;
  readonly name: string;
  readonly covers: readonly string[];
  /** In order; the last says what to do where there is no box. */
  readonly steps: readonly string[];
  readonly box: Box | null;
  readonly variants: readonly RuleVariant[];
  readonly exclusions: readonly Exclusion[];
  readonly why: string;
  readonly regional: readonly RegionalNote[];
  readonly icons: readonly string[];
  /** Null where no official source states it: then `review` is `unverified`. */
  readonly source: Source | null;
  readonly effective: string | null;
  readonly reviewed: string;
  readonly review: Review;
}

export interface SituationChange {
  /** Middles (or majors) that this state moves elsewhere. */
  readonly from: readonly Middle[];
  readonly major: Major;
  readonly middle: Middle;
  readonly variant: string | null;
  readonly why: string;
  readonly source: Source;
}

export interface SituationSay {
  /** Middles it holds for; empty = all. */
  readonly for: readonly Middle[];
  readonly say: string;
}

export interface Situation {
  readonly tag: string;
  readonly group: string;
  /** What the owner has not done yet; empty for good and neutral states. */
  readonly insufficiency: readonly SituationSay[];
  readonly changes: readonly SituationChange[];
  /** Extra steps that come before the rule's own. */
  readonly steps: readonly SituationSay[];
  /** Regular expressions over normalised text (`normaliseText`) by which a question shows the state. */
  readonly patterns: readonly string[];
}

export interface Character {
  readonly code: string;
  /** Codes under which earlier data may know the same character. */
  readonly accepted_codes: readonly string[];
  readonly name: string;
  readonly match: string;
  readonly type: string;
  readonly dialog: string;
  readonly default: boolean;
}

export interface Knowledge {
  /** Newest review day and short content hash, e.g. `2026-11-23+1a2b3c4d`. */
  readonly version: string;
  readonly sources: readonly Source[];
  readonly items: readonly Item[];
  readonly rules: readonly Rule[];
  readonly situations: readonly Situation[];
  readonly characters: readonly Character[];
  readonly regions: readonly Region[];
  readonly faq: readonly Faq[];
  readonly language: Language;
}

/** A class as vision, text classification or search names it. */
export interface WasteClass {
  readonly major: string;
  readonly middle?: string | null;
  readonly minor?: string | null;
}

/**
 * How a name was found in a question: as written (`name`), as the end of a compound (`꽃무늬우산`), with words between its own
 * (`스타벅스 아이스 컵`), with its material elsewhere (`주스병인데 유리예요`), misspelt (`건전쥐`), by the letters that it shares with the question, or by a
 * description without any name.
 */
export type MatchKind = "name" | "package" | "compound" | "apart" | "material" | "spelling" | "similar" | "description";

export interface ItemHit {
  readonly item: Item;
  /** 0…1, comparable between queries. */
  readonly score: number;
  /** The name or alias that matched, as written in the knowledge. */
  readonly alias: string;
  /** Set when the word names several items: the question to ask back. */
  readonly ask: string | null;
}

/** One thing that a question asks about. */
export interface Mention {
  /** The words of the question that are about it, normalised. */
  readonly text: string;
  /** Situation tags that these words show. */
  readonly tags: readonly string[];
  /** Items that it may be, best first; empty when the knowledge doesn't have it. */
  readonly hits: readonly ItemHit[];
  /** What to ask back about where there are no hits (`혹시 … 가운데 하나인가요?`), best first; mostly empty. */
  readonly guesses: readonly ItemHit[];
}

export interface AnswerInput {
  readonly item?: Item | undefined;
  /** Used where no item is known. */
  readonly class?: WasteClass | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly question?: string | undefined;
  /** 0…1 of the class; absent = certain (the person named the item). */
  readonly confidence?: number | undefined;
  /** Other classes that it may be, best first. */
  readonly candidates?: readonly WasteClass[] | undefined;
  /** Question to ask back (`ItemHit.ask`). */
  readonly ask?: string | null | undefined;
}

export interface Citation {
  readonly id: string;
  readonly title: string;
  readonly major: string;
  readonly middle: string;
  readonly source: string;
  readonly url: string | null;
}

export interface ComposedAnswer {
  readonly major: string;
  readonly middle: string;
  /** Never null: repeats the middle. */
  readonly minor: string;
  /** Null for 미분류 alone. */
  readonly rule: Rule | null;
  /** `1단계`, `2단계`, … in order, none empty. */
  readonly disposal_steps: Readonly<Record<string, string>>;
  readonly insufficiencies: readonly string[];
  readonly user_answer: string;
  readonly citations: readonly Citation[];
}
