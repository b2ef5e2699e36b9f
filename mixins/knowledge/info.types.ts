import type { Review, Source } from "./knowledge.types.ts";

/** A municipality: whom to ask, and how bulk waste is handed over there. */
export interface Region {
  readonly id: string;
  readonly name: string;
  /** Id of the region that it is a part of. */
  readonly within: string | null;
  readonly aliases: readonly string[];
  readonly office: string;
  /** Official site; null where it is not known for sure. */
  readonly page: string | null;
  readonly bulk: {
    readonly steps: readonly string[];
    /** Null: the common way, without an official source. */
    readonly source: Source | null;
    readonly review: Review;
    /** In won; empty where no official list is known. */
    readonly fees: readonly { readonly item: string; readonly won: number }[];
  };
}

/** A frequent question; `composeFaq` adds steps and ground of its rule to the answer. */
export interface Faq {
  readonly id: string;
  readonly category: string;
  readonly question: string;
  /** Key of its rule. */
  readonly rule: string;
  /** Id of the item that it is about. */
  readonly item: string | null;
  /** The first sentences of the answer. */
  readonly answer: string;
}
