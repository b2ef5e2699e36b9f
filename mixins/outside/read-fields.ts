/** Reading answers of others: whatever is there may be of any shape, and what does not fit counts as missing. */
type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A list, or the one thing where a format writes lists of one without brackets. */
export const listOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value as unknown[];
  return value === undefined || value === null || value === "" ? [] : [value];
};

/** A text that is not blank; numbers count as their digits. */
export function textOf(value: unknown): string | null {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text.trim() !== "" ? text.trim() : null;
}

/** A finite number, also where it is written as text (`"1,200"`). */
export function numberOf(value: unknown): number | null {
  const text = textOf(value)?.replaceAll(",", "");
  if (text === undefined) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
