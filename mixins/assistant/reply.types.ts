import type { Citation } from "../knowledge/knowledge.types.ts";
import type { FoundIntent } from "./read-intents.ts";

/** Something that the answer is about, in the state that was told. */
export interface ReplyItem {
  readonly name: string;
  readonly major: string;
  readonly middle: string;
  /** 0…1 */
  readonly confidence: number;
}

/** A whole answer; the same shape whoever wrote it. */
export interface Reply {
  readonly text: string;
  readonly intent: FoundIntent["intent"];
  readonly intents: readonly FoundIntent[];
  readonly items: readonly ReplyItem[];
  /** Best first; each resolves to a rule or an item of the knowledge. */
  readonly citations: readonly Citation[];
}
