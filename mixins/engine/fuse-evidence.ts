import { type ItemHit, unclassified } from "../knowledge/knowledge.types.ts";
import type { Sighting, WasteClass } from "./engine.ts";

/** One class with what the vision net gives it. */
export interface SeenClass {
  major: string;
  middle: string;
  probability: number;
}

/** How much a question that names an item outweighs the picture: the net is right four times in five, the owner mostly knows the thing. */
const WEIGHT_OF_WORDS = 0.7;
/** From this score on the question names the item beyond doubt. */
const NAMED = 0.8;
const NOTHING: WasteClass = { major: unclassified, middle: unclassified, minor: unclassified, confidence: 0 };

/**
 * Puts what the picture shows and what the question says together into one class and the next two.
 * @param seen classes of the net, in any order, adding up to 1; empty when there is no picture
 * @param hits items that the question names, best first
 * @param tags situation tags that the question shows
 */
export function fuseEvidence(seen: readonly SeenClass[], hits: readonly ItemHit[], tags: readonly string[]): Sighting {
  const best = hits[0];
  const named = hits.filter(hit => hit.score >= (best?.score ?? 0) * 0.5);
  const trust = best === undefined ? 0 : seen.length === 0 ? 1 : WEIGHT_OF_WORDS * best.score;
  const classes = new Map<string, WasteClass & { itemId: string | null }>();
  const add = (major: string, middle: string, confidence: number, hit?: ItemHit): void => {
    const key = `${major}/${middle}`;
    const known = classes.get(key);
    const item = hit && !known?.itemId ? { minor: hit.item.name, itemId: hit.item.id } : {};
    classes.set(key, {
      major,
      middle,
      minor: middle,
      itemId: null,
      ...known,
      ...item,
      confidence: (known?.confidence ?? 0) + confidence,
    });
  };
  for (const { major, middle, probability } of seen) add(major, middle, probability * (1 - trust));
  const total = named.reduce((sum, hit) => sum + hit.score, 0);
  for (const hit of named) add(hit.item.major, hit.item.middle, (trust * hit.score) / total, hit);

  const [first, ...others] = [...classes.values()].sort((a, b) => b.confidence - a.confidence);
  if (!first) return { ...NOTHING, candidates: [], tags: [...tags], itemId: null, estimate: true };
  const { itemId, ...top } = first;
  const sure = best !== undefined && best.score >= NAMED && itemId === best.item.id && best.ask === null;
  // Words alone: the score says how well the item was named, whatever else resembles it.
  const confidence = seen.length === 0 && best ? Math.max(top.confidence, best.score) : top.confidence;
  return {
    ...top,
    confidence: round(confidence),
    candidates: others
      .slice(0, 2)
      .map(({ major, middle, minor, confidence: rest }) => ({ major, middle, minor, confidence: round(rest) })),
    tags: [...tags],
    itemId,
    estimate: !sure,
  };
}

const round = (value: number): number => Math.round(Math.min(1, value) * 1000) / 1000;
