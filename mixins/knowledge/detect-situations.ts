import type { Situation } from "./knowledge.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";
import { normaliseText } from "./normalise-text.ts";

/** A state that a text shows: the tag, and the part of the normalised text (to the end of its word) that shows it. */
export interface SituationSpan {
  readonly tag: string;
  readonly start: number;
  readonly end: number;
}

interface Detector {
  readonly tag: string;
  readonly patterns: readonly RegExp[];
}

/** `안 깨진`, `별로 안 더러운`: the word right before the state turns it round. */
const negatedBefore = /(^|\s)(안|못|덜)\s*$/u;
/** `묻지 않은`, `깨지지는 않았`, `묻은 건 아니`, `묻은 게 아닌`: what follows the state turns it round. */
const negatedAfter =
  /^[가-힣]{0,2}(\s?있)?(지(는|도|가)?\s?(않|아니|못)|[은는운]?\s?(것|거|건|게|적)?(은|이|도|는)?\s?(아니|아닌|아녜|없))/u;

let detectors: readonly Detector[] | undefined;

function buildDetectors(situations: readonly Situation[]): readonly Detector[] {
  return situations
    .filter(({ patterns }) => patterns.length > 0)
    .map(({ tag, patterns }) => ({ tag, patterns: patterns.map(pattern => new RegExp(pattern, "gu")) }));
}

function isNegated(text: string, start: number, end: number): boolean {
  return negatedBefore.test(text.slice(0, start)) || negatedAfter.test(text.slice(end, end + 16));
}

function firstSpan(text: string, { tag, patterns }: Detector): SituationSpan | undefined {
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const start = match.index + (match[0].length - match[0].trimStart().length);
      const end = match.index + match[0].trimEnd().length;
      if (start >= end || isNegated(text, start, end)) continue;
      const rest = text.slice(end).search(/\s|$/u);
      return { tag, start, end: end + rest };
    }
  }
  return undefined;
}

/** The states that a text shows, in the order of `knowledge/situations.yaml`, each with the part of the text that shows it. */
export function findSituations(text: string): readonly SituationSpan[] {
  detectors ??= buildDetectors(loadKnowledge().situations);
  const normalised = normaliseText(text);
  return detectors.map(detector => firstSpan(normalised, detector)).filter(span => span !== undefined);
}

/** Situation tags that a question names (`기름 묻은`, `깨진`, `라벨 안 뗀`); turned-round states (`기름 안 묻은`) don't count. */
export function detectSituations(text: string): string[] {
  return findSituations(text).map(({ tag }) => tag);
}
