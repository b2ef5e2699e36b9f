import type { Region } from "./info.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";

/** What a name of a municipality stands for: one, several of the same name (`중구`), or none that the knowledge has. */
export type FoundRegion =
  | { readonly kind: "one"; readonly region: Region }
  | { readonly kind: "several"; readonly regions: readonly Region[] }
  | { readonly kind: "none" };

/** Finds a municipality by id, name, alias or the last part of its name (`마포구`), however it is spaced. */
export function findRegion(text: string): FoundRegion {
  const wanted = keyOf(text);
  const { regions } = loadKnowledge();
  const named = regions.find(({ id, name, aliases }) => id === text.trim() || [name, ...aliases].some(same(wanted)));
  if (named !== undefined) return { kind: "one", region: named };
  const ending = regions.filter(({ name }) => same(wanted)(name.split(" ").at(-1) ?? name));
  // Even one is not certain: 중구 and 강서구 are districts of several cities, and the knowledge has not all of them.
  return ending.length === 0 ? { kind: "none" } : { kind: "several", regions: ending };
}

const keyOf = (text: string): string => text.normalize("NFKC").replace(/\s+/gu, "").toLowerCase();
const same = (wanted: string) => (name: string) => keyOf(name) === wanted;
