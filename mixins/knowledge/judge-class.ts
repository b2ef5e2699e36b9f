import { readClass } from "./class-of.ts";
import type { Item, Major, Middle, Source, WasteClass } from "./knowledge.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";
import { findItemByName } from "./search-items.ts";

/** The class that a thing belongs to in the state it is in. */
export interface Judgement {
  readonly item: Item | null;
  readonly major: Major;
  readonly middle: Middle;
  /** Variant of the rule to follow; null = its common steps. */
  readonly variant: string | null;
  /** Set when the state moved the thing out of the class that it usually has. */
  readonly change: { readonly from: Middle; readonly why: string; readonly source: Source } | null;
}

/** Settles the class: an item's own conditions come first, then what its state does to every thing of its class. Null: no class with a rule. */
export function judgeClass(
  item: Item | undefined,
  named: WasteClass | undefined,
  tags: readonly string[],
): Judgement | null {
  const known = item ?? itemOf(named);
  const start = known ?? (named === undefined ? null : readClass(named.major, named.middle));
  if (start === null) return null;
  const change = ownCondition(known, tags) ?? stateChange(start.middle, tags);
  if (change === null || change.middle === start.middle) {
    return {
      item: known,
      major: start.major,
      middle: start.middle,
      variant: change?.variant ?? known?.variant ?? null,
      change: null,
    };
  }
  const { major, middle, variant, why, source } = change;
  return { item: known, major, middle, variant, change: { from: start.middle, why, source } };
}

/** A third level that is one of our items, as long as it stands in the class that it is said to be in. */
function itemOf(named: WasteClass | undefined): Item | null {
  const minor = named?.minor?.trim() ?? "";
  const found = named === undefined || minor === "" ? null : findItemByName(minor);
  const said = named === undefined ? null : readClass(named.major, named.middle);
  return found !== null && found.middle === said?.middle ? found : null;
}

interface Change {
  readonly major: Major;
  readonly middle: Middle;
  readonly variant: string | null;
  readonly why: string;
  readonly source: Source;
}

function ownCondition(item: Item | null, tags: readonly string[]): Change | null {
  return item?.conditions.find(({ tag }) => tags.includes(tag)) ?? null;
}

function stateChange(middle: Middle, tags: readonly string[]): Change | null {
  for (const situation of loadKnowledge().situations) {
    if (!tags.includes(situation.tag)) continue;
    const change = situation.changes.find(({ from }) => from.includes(middle));
    if (change !== undefined) return change;
  }
  return null;
}
