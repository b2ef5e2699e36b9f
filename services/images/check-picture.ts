import sharp, { type Sharp } from "sharp";
import { fail } from "../../broker/errors.ts";
import { MAX_PICTURE_PIXELS } from "../../mixins/objects/object-store.ts";
import type { PictureType } from "./choose-type.ts";
import { takeTurns } from "./take-turns.ts";

/** Longest side of what is stored: small print on a label stays readable. A stubborn picture goes down further. */
const SIDES = [2560, 1600, 1024] as const;
const DECODE_S = 20;

/** Every upload is a new file: libvips' cache would only keep finished ones in memory. */
sharp.cache(false);
/** One of 50 MP takes about 100 MB and all of a core for a second or more: two at a time bound both. */
const inTurn = takeTurns(2);

export interface CheckedPicture {
  /** The picture as it is stored: upright, sRGB, at most 2560 px, nothing but pixels. */
  bytes: Buffer;
  width: number;
  height: number;
}

/**
 * Decodes a whole file and writes its pixels anew, which leaves behind whatever else was in it: EXIF with the place it was taken
 * at, thumbnails, comments, colour profiles, appended files.
 * @param source a file's path or content, whose first bytes already look like `type`
 * @param maxBytes the result is made smaller until it fits
 * @throws IMAGE_INVALID with what is wrong
 */
export const checkPicture = (source: string | Buffer, type: PictureType, maxBytes: number): Promise<CheckedPicture> =>
  inTurn(async () => {
    await assertDecodable(source, type);
    for (const side of SIDES) {
      const { data, info } = await decoded(() =>
        encode(
          open(source).autoOrient().resize({ width: side, height: side, fit: "inside", withoutEnlargement: true }),
          type,
        )
          .timeout({ seconds: DECODE_S })
          .toBuffer({ resolveWithObject: true }),
      );
      if (data.length <= maxBytes) return { bytes: data, width: info.width, height: info.height };
    }
    throw fail("IMAGE_INVALID", "The picture cannot be made small enough to be stored.");
  });

const open = (source: string | Buffer): Sharp =>
  // "truncated" and not stricter: cameras write small faults that every viewer forgives.
  sharp(source, { failOn: "truncated", limitInputPixels: MAX_PICTURE_PIXELS, sequentialRead: true });

/** Reads the header only, before any pixel takes memory. */
async function assertDecodable(source: string | Buffer, type: PictureType): Promise<void> {
  const header = await decoded(() => sharp(source, { limitInputPixels: false }).metadata());
  if (header.mediaType !== type)
    throw fail("IMAGE_INVALID", `The file is ${header.mediaType ?? header.format}, not ${type}.`);
  if ((header.pages ?? 1) > 1)
    throw fail("IMAGE_INVALID", "The file holds several pictures or an animation; send one still.");
  if (header.width * header.height > MAX_PICTURE_PIXELS) {
    const limit = Math.floor(MAX_PICTURE_PIXELS / 1e6);
    throw fail(
      "IMAGE_INVALID",
      `The picture has ${header.width} × ${header.height} pixels; ${limit} megapixels are the limit.`,
    );
  }
}

/** The decoder's own words name our paths, so none of them leaves. */
async function decoded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const slow = thrown instanceof Error && thrown.message.includes("timeout");
    throw fail("IMAGE_INVALID", slow ? "The picture takes too long to decode." : "The picture is cut off or damaged.");
  }
}

function encode(picture: Sharp, type: PictureType): Sharp {
  switch (type) {
    case "image/jpeg":
      return picture.jpeg({ quality: 90 });
    case "image/png":
      return picture.png();
    case "image/webp":
      return picture.webp({ quality: 90, effort: 1 });
    case "image/avif":
      // The least effort: an AVIF of full size takes seconds already.
      return picture.avif({ quality: 65, effort: 0 });
  }
}
