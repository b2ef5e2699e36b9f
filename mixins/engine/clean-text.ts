const characters = new Intl.Segmenter("ko", { granularity: "grapheme" });

/** Text of a model as it may be stored and shown: one line, no control characters or halves of characters, at most `limit` characters. */
export function cleanText(text: string, limit: number): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu, " ")
    .trim();
  if (line.length <= limit) return line;
  const kept = Array.from(characters.segment(line), ({ segment }) => segment).slice(0, limit);
  return kept.join("").trim();
}
