/** Phrases longer than any name need no comparing (and the rows hold single bytes). */
const maxLetters = 100;

/**
 * How alike two words are by their single letters: 1 = the same, 0 = nothing in common (1 − edit distance / longer length).
 * Stops early once the words can't reach `least` any more, since most comparisons are of words that have little in common.
 */
export function spellingLikeness(a: string, b: string, least: number): number {
  const longer = Math.max(a.length, b.length);
  const allowed = Math.floor((1 - least) * longer);
  if (longer === 0 || longer > maxLetters || Math.abs(a.length - b.length) > allowed) return 0;
  let previous = Uint8Array.from({ length: b.length + 1 }, (_, i) => i);
  let row = new Uint8Array(b.length + 1);
  for (let i = 1; i <= a.length; i += 1) {
    row[0] = i;
    let best = i;
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const cost = Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      row[j] = cost;
      if (cost < best) best = cost;
    }
    if (best > allowed) return 0;
    [previous, row] = [row, previous];
  }
  const distance = previous[b.length] ?? longer;
  return distance > allowed ? 0 : 1 - distance / longer;
}
