import type { Photo } from "./list-photos.ts";
import { randomFrom, shuffle } from "./random.ts";

/** Photos that stand next to each other often show one object: they go to one side together. */
const BLOCK = 20;
const SEED = 20_260_101;

/** Which photos (by index) teach, tune and test. */
export interface Split {
  train: number[];
  /** Temperature and strength of the weight decay are chosen on these. */
  calibration: number[];
  /** Never seen in training: every figure of a head that counts is taken on them. */
  test: number[];
}

/**
 * Splits the photos 70 : 10 : 20, each class for itself, by blocks of neighbours. The same photos always give the same split, so
 * that a test can find the photos that the shipped head has not seen.
 * @param photos in the order of `listPhotos`
 */
export function splitPhotos(photos: readonly Photo[]): Split {
  const fold = foldsOf(photos, 10, blocksOf(photos));
  const of = (wanted: (fold: number) => boolean) => photos.flatMap((_, i) => (wanted(fold[i] ?? 0) ? [i] : []));
  return { test: of(f => f < 2), calibration: of(f => f === 2), train: of(f => f > 2) };
}

/** Names the block of each photo: at most 20 neighbours of one class and origin; fewer where a class is too small for ten blocks. */
export function blocksOf(photos: readonly Photo[]): string[] {
  const sizes = new Map<string, number>();
  for (const { label } of photos) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  let place = "";
  let taken = 0;
  let block = 0;
  return photos.map(({ label, source, origin }) => {
    const here = `${label} ${source} ${origin}`;
    const most = Math.min(BLOCK, Math.ceil((sizes.get(label) ?? 0) / 10));
    if (here !== place || taken >= most) {
      block += 1;
      taken = 0;
    }
    place = here;
    taken += 1;
    return `${label} ${block}`;
  });
}

/**
 * Deals whole groups of photos to `count` folds of about the same size, each class for itself.
 * @param group a name per photo; photos of one class and group stay together
 * @returns a fold per photo, 0 … count - 1
 */
export function foldsOf(photos: readonly Photo[], count: number, group: readonly string[]): number[] {
  const fold = photos.map(() => 0);
  const random = randomFrom(SEED);
  for (const label of new Set(photos.map(photo => photo.label))) {
    const groups = Map.groupBy(
      photos.flatMap((photo, i) => (photo.label === label ? [i] : [])),
      i => group[i],
    );
    const filled = Array.from({ length: count }, () => 0);
    for (const members of shuffle([...groups.values()], random)) {
      const emptiest = filled.indexOf(Math.min(...filled));
      filled[emptiest] = (filled[emptiest] ?? 0) + members.length;
      for (const i of members) fold[i] = emptiest;
    }
  }
  return fold;
}
