import Type, { type Static } from "typebox";
import { type Item, type Knowledge, unclassified } from "../knowledge/knowledge.types.ts";
import { keyMaker } from "../knowledge/normalise-text.ts";
import { classKeys } from "../prompts/prompt-lists.ts";
import type { Sighting, WasteClass } from "./engine.ts";
import { cleanText } from "./clean-text.ts";

/** Below this the person is asked to confirm. */
const SURE = 0.7;
const NAME_LIMIT = 60;

/**
 * The form in which a model names a class: one key out of the rules of the knowledge (so that major and middle always agree) and only
 * tags that the knowledge knows.
 */
export function sightingSchema(knowledge: Pick<Knowledge, "rules" | "situations">) {
  const confidence = Type.Number({ minimum: 0, maximum: 1, description: "0 to 1" });
  const key = Type.Enum(classKeys(knowledge), { type: "string" });
  const item = Type.String({ description: "name out of the item list, else a short name, else empty" });
  return Type.Object({
    observation: Type.String({ description: "what can be seen or is said, one sentence" }),
    class: key,
    item,
    confidence,
    tags: Type.Array(
      Type.Enum(
        knowledge.situations.map(situation => situation.tag),
        { type: "string" },
      ),
    ),
    candidates: Type.Array(Type.Object({ class: key, item, confidence }), { description: "two other classes" }),
  });
}
export type Said = Static<ReturnType<typeof sightingSchema>>;

type Known = Pick<Knowledge, "rules" | "items" | "situations" | "language">;

/**
 * Makes a sighting of what a model said. Where it named an item of the knowledge and a class that this item cannot be in, whatever its
 * state, the knowledge wins and the person is asked to confirm.
 */
export function readSighting(said: Said, knowledge: Known): Sighting {
  const named = classOf(said, knowledge);
  const item = said.class === unclassified ? null : findItem(said.item, named, knowledge);
  const agrees = item === null || canBe(item, named, knowledge);
  const own: WasteClass = item && !agrees ? { ...named, major: item.major, middle: item.middle } : named;
  const candidates = said.candidates
    .map(candidate => classOf(candidate, knowledge))
    .filter(candidate => candidate.major !== unclassified && !sameClass(candidate, own))
    .filter((candidate, at, all) => all.findIndex(other => sameClass(other, candidate)) === at)
    .map(candidate => ({ ...candidate, confidence: Math.min(candidate.confidence, own.confidence) }))
    .toSorted((a, b) => b.confidence - a.confidence)
    .slice(0, 2);
  return {
    ...own,
    ...(item ? { minor: item.name } : {}),
    candidates,
    tags: [...new Set(said.tags)],
    itemId: item?.id ?? null,
    estimate: own.major === unclassified || own.confidence < SURE || !agrees,
  };
}

function classOf(said: Pick<Said, "class" | "item" | "confidence">, { rules }: Pick<Knowledge, "rules">): WasteClass {
  const rule = rules.find(each => each.key === said.class);
  const { major, middle } = rule ?? { major: unclassified, middle: unclassified };
  return { major, middle, minor: cleanText(said.item, NAME_LIMIT) || middle, confidence: said.confidence };
}

/** The item of that name; of several the one in the class that was named, and none when that doesn't tell. */
function findItem(name: string, named: WasteClass, knowledge: Known): Item | null {
  const keyOf = keyMaker(knowledge.language.rewrites);
  const wanted = keyOf(name);
  if (wanted === "") return null;
  const found = knowledge.items.filter(item => [item.name, ...item.aliases].some(each => keyOf(each) === wanted));
  const fitting = found.filter(item => canBe(item, named, knowledge));
  const [only, ...others] = fitting.length > 0 ? fitting : found;
  return only !== undefined && others.length === 0 ? only : null;
}

const sameClass = (a: Pick<WasteClass, "major" | "middle">, b: Pick<WasteClass, "major" | "middle">) =>
  a.major === b.major && a.middle === b.middle;
/** Whether the item is of that class, or gets into it by one of its conditions or by a situation that moves its class. */
const canBe = (item: Item, named: WasteClass, { situations }: Known) =>
  sameClass(item, named) ||
  item.conditions.some(condition => sameClass(condition, named)) ||
  situations.some(({ changes }) =>
    changes.some(change => change.from.includes(item.middle) && sameClass(change, named)),
  );
