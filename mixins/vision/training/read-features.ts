import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { FEATURES, NET_ID } from "../net-facts.ts";
import type { Net } from "../net.ts";
import { readPixels } from "../read-pixels.ts";
import type { Photo } from "./list-photos.ts";

/**
 * The ways a photo is shown to the net in training: whole, as it will be asked about; its middle square; and closer up. A head
 * that has seen the three loses far less when people hold the phone nearer (MODEL_CARD.md).
 */
export const FRAMINGS = ["whole", "square", "close"] as const;
export type Framing = (typeof FRAMINGS)[number];

export interface PhotoFeatures {
  features: Record<Framing, Float32Array>;
  /** Safety score of the whole photo. */
  unsafe: number;
}

/** Share of the middle square's side that the close framing keeps. */
const CLOSE = 0.77;
const FLOATS = FRAMINGS.length * FEATURES + 1;
/** Part of the cache's address: anything that changes the features changes it. */
const RECIPE = createHash("sha256").update(`${NET_ID} ${FRAMINGS.join()} ${CLOSE}`).digest("hex").slice(0, 12);

/**
 * Features of all photos, from the cache where they are known.
 * @param cacheFolder one small file per photo, named by its content
 * @param tell called with the number of photos done
 */
export async function readFeatures(
  folder: string,
  photos: readonly Photo[],
  cacheFolder: string,
  net: () => Promise<Net>,
  tell: (done: number) => void,
): Promise<PhotoFeatures[]> {
  const cache = join(cacheFolder, RECIPE);
  mkdirSync(cache, { recursive: true });
  const all: PhotoFeatures[] = [];
  for (const { file } of photos) {
    const image = readFileSync(join(folder, file));
    const path = join(cache, `${createHash("sha256").update(image).digest("hex")}.f32`);
    const floats = readCached(path) ?? keep(path, await look(await net(), image));
    all.push(unpack(floats));
    tell(all.length);
  }
  return all;
}

function readCached(path: string): Float32Array | undefined {
  try {
    const bytes = readFileSync(path);
    return bytes.length === FLOATS * 4 ? new Float32Array(new Uint8Array(bytes).buffer) : undefined;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Written beside and renamed, so that a run that is stopped leaves no half file. */
function keep(path: string, floats: Float32Array): Float32Array {
  writeFileSync(`${path}.part`, new Uint8Array(floats.buffer));
  renameSync(`${path}.part`, path);
  return floats;
}

async function look(net: Net, image: Buffer): Promise<Float32Array> {
  const floats = new Float32Array(FLOATS);
  for (const [at, framing] of FRAMINGS.entries()) {
    const { features, unsafe } = net.look(await readPixels(await frame(image, framing)));
    floats.set(features, at * FEATURES);
    if (framing === "whole") floats[FLOATS - 1] = unsafe;
  }
  return floats;
}

/** @returns the framed picture, losslessly */
export async function frame(image: Buffer, framing: Framing): Promise<Buffer> {
  if (framing === "whole") return image;
  const upright = await sharp(image).autoOrient().png({ compressionLevel: 1 }).toBuffer({ resolveWithObject: true });
  const { width, height } = upright.info;
  const side = Math.round(Math.min(width, height) * (framing === "close" ? CLOSE : 1));
  return sharp(upright.data)
    .extract({ left: (width - side) >> 1, top: (height - side) >> 1, width: side, height: side })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

function unpack(floats: Float32Array): PhotoFeatures {
  const at = (index: number) => floats.subarray(index * FEATURES, (index + 1) * FEATURES);
  return { features: { whole: at(0), square: at(1), close: at(2) }, unsafe: floats[FLOATS - 1] ?? 0 };
}
