import type { Language } from "./language.types.ts";

/** Another way to say the name of a package, and how much of the first way it keeps (0…1). */
export interface PackageVariant {
  readonly key: string;
  readonly trust: number;
}

/** A container under another word is the same thing; a product under the word for its kind is one of that kind. */
const trust = { container: 0.95, kind: 0.88, both: 0.84 } as const;

/**
 * Makes the function that says a package in other words, the nearest first: `섬유유연제 통` as `섬유유연제 용기`, `헛개수 병` as `음료 병`. Nobody can list
 * every brand with every container. Keys in, keys out (see `keyMaker`).
 */
export function packageVariants(
  { containers, kinds }: Pick<Language, "containers" | "kinds">,
  keyOf: (text: string) => string,
): (key: string) => readonly PackageVariant[] {
  const groups = containers.map(({ words, instead }) => ({ words: words.map(keyOf), instead: instead.map(keyOf) }));
  const endings = groups
    .flatMap(({ words, instead }) => words.map(word => ({ word, others: instead.filter(other => other !== word) })))
    .sort((a, b) => b.word.length - a.word.length);
  const kindOf = new Map(kinds.flatMap(({ kind, names }) => names.map(name => [keyOf(name), keyOf(kind)] as const)));
  return written => {
    const key = containerLast(written);
    const ending = endings.find(({ word }) => key.length > word.length && key.endsWith(word));
    if (ending === undefined) return [];
    const stem = key.slice(0, -ending.word.length);
    const kind = kindOf.get(stem) ?? kindAtEnd(stem, kindOf);
    return [
      ...(key === written ? [] : [{ key, trust: trust.container }]),
      ...ending.others.map(other => ({ key: stem + other, trust: trust.container })),
      ...(kind === undefined ? [] : [{ key: kind + ending.word, trust: trust.kind }]),
      ...(kind === undefined ? [] : ending.others.map(other => ({ key: kind + other, trust: trust.both }))),
    ];
  };
}

/** `팩우유`, `병맥주`: the container may be said first. */
function containerLast(key: string): string {
  const [, container = "", content = ""] = /^(팩|캔|병|페트)(.{2,})$/u.exec(key) ?? [];
  return content + container === "" ? key : content + container;
}

/** `제주삼다수` ends in `삼다수`. */
function kindAtEnd(stem: string, kindOf: ReadonlyMap<string, string>): string | undefined {
  for (let start = 1; stem.length - start >= 2; start += 1) {
    const kind = kindOf.get(stem.slice(start));
    if (kind !== undefined) return kind;
  }
  return undefined;
}
