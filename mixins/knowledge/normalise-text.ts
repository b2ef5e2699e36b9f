/** Longest part of a text that is looked at: questions are short, and work must not grow with what a stranger sends. */
const maxLength = 300;

/** Single letters that stand for a sigh or a laugh (`ㅠㅠ`, `ㅋㅋ`), as NFKC writes them. */
const loneLetters = /[\u1100-\u11ff\u3130-\u318f]+/gu;

/** Lower case, composed Hangul, one space between words, nothing but letters and digits. */
export function normaliseText(text: string): string {
  return text
    .slice(0, maxLength)
    .normalize("NFKC")
    .toLowerCase()
    .replace(loneLetters, " ")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Makes the function that takes the spaces out of a normalised text and makes spelling variants one, all in one pass, the longest first. */
export function rewriterOf(rewrites: readonly (readonly [string, string])[]): (normalised: string) => string {
  const targets = new Map(rewrites);
  const longestFirst = [...targets.keys()].sort((a, b) => b.length - a.length);
  const variants = new RegExp(longestFirst.join("|") || "(?!)", "gu");
  return normalised => normalised.replaceAll(" ", "").replace(variants, found => targets.get(found) ?? found);
}

/** Makes the function that turns any word or phrase into its matching key: `택배 박스` and `택배상자` have the same one. */
export function keyMaker(rewrites: readonly (readonly [string, string])[]): (text: string) => string {
  const rewrite = rewriterOf(rewrites);
  return text => rewrite(normaliseText(text));
}
