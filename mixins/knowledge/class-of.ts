import { majors, recyclableMiddles, type Major, type Middle, unclassified } from "./knowledge.types.ts";

/** The full class of a middle: recyclable middles belong to 재활용폐기물, every other major is its own middle. */
export function classOf(middle: Middle): { major: Major; middle: Middle } {
  const major = majors.find(name => name === middle);
  return { major: major ?? "재활용폐기물", middle };
}

/**
 * Reads a class as a model or a client names it. A recyclable middle decides by itself; otherwise the major does.
 * Returns null for what is no class we have a rule for (미분류, unknown names, 재활용폐기물 without a known middle).
 */
export function readClass(major: string, middle: string | null | undefined): { major: Major; middle: Middle } | null {
  const recyclable = recyclableMiddles.find(name => name === middle);
  if (recyclable !== undefined) return classOf(recyclable);
  const known = majors.find(name => name === major);
  return known === undefined || known === "재활용폐기물" || known === unclassified ? null : classOf(known);
}
