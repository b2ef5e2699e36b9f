/** Times of one thing, in milliseconds. */
export interface Sample {
  p50: number;
  p95: number;
  count: number;
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** Nearest-rank percentiles. */
export function sampleOf(timesMs: readonly number[]): Sample {
  const sorted = [...timesMs].sort((a, b) => a - b);
  return { p50: at(sorted, 0.5), p95: at(sorted, 0.95), count: sorted.length };
}

/** Runs `work` again and again, one after the other. */
export async function repeat(times: number, work: (n: number) => Promise<unknown>): Promise<Sample> {
  const timesMs: number[] = [];
  for (let n = 0; n < times; n++) {
    const startedAt = performance.now();
    await work(n);
    timesMs.push(performance.now() - startedAt);
  }
  return sampleOf(timesMs);
}
