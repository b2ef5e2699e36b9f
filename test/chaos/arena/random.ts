/** Chances that come the same way again with the same seed. */
export interface Chances {
  readonly seed: number;
  /** 0 ≤ x < 1 */
  next(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

/** Takes CHAOS_SEED where it is set, and prints the seed so that a run can be made again. */
export function chancesOf(what: string): Chances {
  const seed = Number(process.env["CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`chaos: ${what}: CHAOS_SEED=${seed}\n`);
  // mulberry32: 32 bits of state, good enough to pick moments by.
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return { seed, next, between, pick: choices => choices[between(0, choices.length - 1)] ?? choices[0] };
}

/** Counts of a case: whole in `npm run test:chaos`, a part of them in `npm test` and while one is being worked on. */
export const scaled = (count: number): number =>
  Math.max(1, Math.round(count * Number(process.env["CHAOS_SCALE"] ?? 1)));
