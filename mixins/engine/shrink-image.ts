import sharp from "sharp";
import { fail } from "../../broker/errors.ts";
import { MAX_PICTURE_PIXELS } from "../objects/object-store.ts";

/** A model asked for low detail sees no more than this; anything beyond is only upload. */
const LONGEST_SIDE_PX = 1_024;
const QUALITY = 80;

/**
 * A picture as it is sent to a model: upright, at most 1,024 px, JPEG without metadata, as a data URL (a model is never given an address to fetch).
 * @throws IMAGE_INVALID when it can't be read
 */
export async function shrinkImage(image: Buffer): Promise<string> {
  try {
    const small = await sharp(image, { limitInputPixels: MAX_PICTURE_PIXELS })
      .autoOrient()
      .resize(LONGEST_SIDE_PX, LONGEST_SIDE_PX, { fit: "inside", withoutEnlargement: true })
      .flatten({ background: "#ffffff" })
      .jpeg({ quality: QUALITY })
      .toBuffer();
    return `data:image/jpeg;base64,${small.toString("base64")}`;
  } catch {
    throw fail("IMAGE_INVALID");
  }
}
