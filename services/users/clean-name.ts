/** As many as a nickname may have (contract: 1–120 characters). */
const MAX_LENGTH = 120;
const graphemes = new Intl.Segmenter("ko", { granularity: "grapheme" });

/** Line breaks and other controls, halves of surrogate pairs, and the marks that turn the reading direction of what follows. */
const UNWANTED = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * A name as it may be shown: NFC, one line, no invisible tricks, at most 120 characters, cut between graphemes.
 * @returns undefined when nothing visible is left
 */
export function cleanName(text: string | undefined): string | undefined {
  const line = (text ?? "").replace(UNWANTED, " ").normalize("NFC").replace(/\s+/gu, " ").trim();
  let name = "";
  for (const { segment } of graphemes.segment(line)) {
    if (name.length + segment.length > MAX_LENGTH) break;
    name += segment;
  }
  name = name.trimEnd();
  return VISIBLE.test(name) ? name : undefined;
}

/** Nobody's grapheme is longer; a letter under a thousand marks is (UTF-16 units). */
const LONGEST_GRAPHEME = 32;

/**
 * A nickname that a person chose: as `cleanName`, but refused where it is too long, not cut. Its length is what people see: an emoji
 * family is one.
 * @returns undefined when it cannot be taken
 */
export function chosenName(text: string): string | undefined {
  const line = text.replace(UNWANTED, " ").normalize("NFC").replace(/\s+/gu, " ").trim();
  const seen = [...graphemes.segment(line)];
  const fits = seen.length <= MAX_LENGTH && seen.every(({ segment }) => segment.length <= LONGEST_GRAPHEME);
  return fits && VISIBLE.test(line) ? line : undefined;
}
