import { disassemble } from "es-hangul";
import MiniSearch from "minisearch";
import type { Ambiguity, Item, Knowledge } from "./knowledge.types.ts";
import { keyMaker, rewriterOf } from "./normalise-text.ts";

/** One word or phrase under which an item is known. */
export interface Name {
  readonly id: number;
  readonly item: Item;
  /** As written in the knowledge. */
  readonly alias: string;
  /** Matching key: no spaces, spelling variants made one. */
  readonly key: string;
  /** The key taken apart into single letters, for comparing spellings. */
  readonly letters: string;
}

export interface ItemIndex {
  /** Matching key of any text. */
  readonly keyOf: (text: string) => string;
  /** Matching key of a text that is normalised already. */
  readonly rewrite: (normalised: string) => string;
  readonly exact: ReadonlyMap<string, Name>;
  readonly ambiguous: ReadonlyMap<string, { readonly entry: Ambiguity; readonly items: readonly Item[] }>;
  /** Names that share the most terms with a normalised text, best first. */
  readonly near: (normalised: string, limit: number) => readonly Name[];
}

const jamoLength = 3;

/** Hangul syllables singly and in pairs, fused with trigrams of their letters: whitespace words alone find half of what people ask. */
export function terms(key: string): string[] {
  const syllables = Array.from(key);
  const letters = Array.from(disassemble(key));
  const pairs = syllables.slice(1).map((syllable, i) => `${syllables[i] ?? ""}${syllable}`);
  const trigrams = letters.slice(jamoLength - 1).map((_, i) => `~${letters.slice(i, i + jamoLength).join("")}`);
  return [...syllables, ...pairs, ...trigrams];
}

function listNames(items: readonly Item[], keyOf: (text: string) => string): Name[] {
  const names: Name[] = [];
  for (const item of items) {
    for (const alias of [item.name, ...item.aliases]) {
      const key = keyOf(alias);
      names.push({ id: names.length, item, alias, key, letters: disassemble(key) });
    }
  }
  return names;
}

/** Builds the index over every name and alias of the knowledge; done once per process. */
export function buildItemIndex(knowledge: Knowledge): ItemIndex {
  const rewrite = rewriterOf(knowledge.language.rewrites);
  const keyOf = keyMaker(knowledge.language.rewrites);
  const names = listNames(knowledge.items, keyOf);
  const exact = new Map<string, Name>();
  for (const name of names) if (!exact.has(name.key)) exact.set(name.key, name);
  const ambiguous = new Map(
    knowledge.language.ambiguities.map(entry => {
      const items = entry.items
        .map(id => knowledge.items.find(item => item.id === id))
        .filter(item => item !== undefined);
      return [keyOf(entry.alias), { entry, items }] as const;
    }),
  );
  const search = new MiniSearch<Name>({ fields: ["key"], tokenize: terms, processTerm: term => term });
  search.addAll([...exact.values()]);
  return {
    keyOf,
    rewrite,
    exact,
    ambiguous,
    near: (normalised, limit) =>
      search
        .search(rewrite(normalised))
        .slice(0, limit)
        .map(hit => names[hit.id as number])
        .filter(name => name !== undefined),
  };
}
