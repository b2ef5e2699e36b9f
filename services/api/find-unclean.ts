/** Names that mean something to JavaScript objects: whoever merges such data somewhere down the line would be in for it. */
const POISONED = new Set(["__proto__", "constructor", "prototype"]);

export interface Unclean {
  /** Dot-joined path of the value. */
  field: string;
  message: string;
}

/** Text that PostgreSQL, UTF-8 and most other things refuse: NUL and halves of surrogate pairs. */
export const isCleanText = (text: string): boolean => !text.includes("\0") && text.isWellFormed();

/** The first name or text in parsed JSON that no room should ever get to see; its depth is bounded by the caller. */
export function findUnclean(value: unknown, path: readonly string[] = []): Unclean | undefined {
  if (typeof value === "string")
    return isCleanText(value) ? undefined : { field: path.join("."), message: "holds characters that are not text" };
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, child] of Object.entries(value)) {
    if (!isCleanText(name)) return { field: path.join("."), message: "has a name that is not text" };
    if (POISONED.has(name)) return { field: [...path, name].join("."), message: "is not an allowed name" };
    const found = findUnclean(child, [...path, name]);
    if (found) return found;
  }
  return undefined;
}
