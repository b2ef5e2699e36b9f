/** Freezes a tree of plain objects and arrays in place, so that one caller can't change what another reads. */
export function freezeDeeply<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freezeDeeply(child);
  }
  return value;
}
