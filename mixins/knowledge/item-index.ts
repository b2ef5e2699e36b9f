import { disassemble } from "es-hangul";
import MiniSearch from "minisearch";
import { type PackageVariant, packageVariants } from "./container-variants.ts";
import type { Item, Knowledge } from "./knowledge.types.ts";
import type { Ambiguity } from "./language.types.ts";
import type { Material } from "./materials.ts";
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
  /** Whether a normalised text is a name of one item or of several. */
  readonly isName: (normalised: string) => boolean;
  /** Other ways to say a key that names a package. */
  readonly packages: (key: string) => readonly PackageVariant[];
  /** Materials by the matching key of the words for them. */
  readonly materials: ReadonlyMap<string, readonly Material[]>;
  /** Single syllables that tell at the end of a longer word what it is (`참기름병`). */
  readonly heads: ReadonlySet<string>;
  /** Items that a normalised text describes without a name. */
  readonly described: (normalised: string) => readonly Name[];
  /** Names that share the most terms with a normalised text, best first, each with the share of terms in common (0…1). */
  readonly near: (normalised: string, limit: number) => readonly { readonly name: Name; readonly likeness: number }[];
}

const jamoLength = 3;
/** A longer text is looked up without its single syllables, which half of all names share and which cost most of the time. */
const maxBySyllables = 3;

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
  const descriptions = knowledge.language.descriptions.flatMap(({ pattern, item: id }) => {
    const name = names.find(({ item }) => item.id === id);
    return name === undefined ? [] : [{ pattern: new RegExp(pattern, "u"), name }];
  });
  const search = new MiniSearch<Name>({ fields: ["key"], tokenize: terms, processTerm: term => term });
  search.addAll([...exact.values()]);
  return {
    keyOf,
    rewrite,
    exact,
    ambiguous,
    isName: normalised => exact.has(rewrite(normalised)) || ambiguous.has(rewrite(normalised)),
    packages: packageVariants(knowledge.language, keyOf),
    materials: new Map(knowledge.language.material_words.map(({ word, materials }) => [keyOf(word), materials])),
    heads: new Set(knowledge.language.heads.map(keyOf)),
    described: normalised => descriptions.filter(({ pattern }) => pattern.test(normalised)).map(({ name }) => name),
    near: (normalised, limit) => {
      const key = rewrite(normalised);
      const wanted = new Set(terms(key));
      const tokenize = (text: string) => terms(text).slice(text.length > maxBySyllables ? text.length : 0);
      return search
        .search(key, { tokenize })
        .slice(0, limit)
        .map(hit => names[hit.id as number])
        .filter(name => name !== undefined)
        .map(name => ({ name, likeness: shareOf(wanted, new Set(terms(name.key))) }));
    },
  };
}

/** Dice's coefficient: twice what two sets have in common by what they have together. */
function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const term of a) if (b.has(term)) common += 1;
  return (2 * common) / (a.size + b.size);
}
