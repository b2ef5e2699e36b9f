import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { listPhotos } from "../../mixins/vision/training/list-photos.ts";
import { splitPhotos } from "../../mixins/vision/training/split-photos.ts";
import { openVision } from "../../mixins/vision/vision.ts";

/** The photos the shipped head was made from; they are not part of the project. */
const folder = fileURLToPath(new URL("../../../shared/data/photos", import.meta.url));
/** Every so many-th held-out photo: the whole list takes a minute and says the same. */
const EVERY = 7;

(existsSync(folder) ? describe : describe.skip)("the shipped head on photos that it has not seen", () => {
  it("names the class first in three of four, and among three in 19 of 20", async () => {
    const photos = listPhotos(folder);
    const chosen = splitPhotos(photos)
      .test.filter((_, i) => i % EVERY === 0)
      .map(i => photos[i]!);
    const vision = openVision();
    const ranks: number[] = [];
    for (const { file, label } of chosen) {
      const { candidates } = await vision.classify(readFileSync(join(folder, file)));
      ranks.push(candidates.findIndex(candidate => candidate.label === label));
    }
    await vision.close();
    expect(ranks.length).toBeGreaterThan(100);
    expect(ranks.filter(rank => rank === 0).length / ranks.length).toBeGreaterThan(0.75);
    expect(ranks.filter(rank => rank < 3).length / ranks.length).toBeGreaterThan(0.95);
  });
});
