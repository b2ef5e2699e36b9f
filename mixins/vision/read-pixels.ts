import sharp from "sharp";

/** Side of the square picture that the net looks at. */
export const SIDE = 224;
/** Twice what a good phone takes; above it a small file could unpack to gigabytes. */
const MAX_PIXELS = 100_000_000;
const DAMAGED = "The picture is damaged or cut off.";
const FORMATS: readonly string[] = ["jpeg", "png", "webp", "heif"];

/** Why a picture can't be read; the text is safe to show to whoever sent it. */
export class UnreadableImage extends Error {
  override readonly name = "UnreadableImage";
}

// Pictures are seen once: a cache would only hold their memory. One thread, like the net.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Decodes a jpeg, png, webp or avif into what the net looks at: turned upright by its EXIF orientation, in sRGB, transparent parts
 * white, squeezed to a square. Squeezed, not cropped or padded: nothing at the edge is lost, and it measured best
 * (MODEL_CARD.md); bars would also tell the head which collection a training photo came from.
 * @returns SIDE × SIDE × RGB bytes
 * @throws UnreadableImage
 */
export async function readPixels(image: Uint8Array): Promise<Uint8Array> {
  await refuseWhatIsNoPhoto(image);
  try {
    return await open(image)
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .resize(SIDE, SIDE, { fit: "fill" })
      .raw({ depth: "uchar" })
      .toBuffer();
  } catch (thrown) {
    throw new UnreadableImage(DAMAGED, { cause: thrown });
  }
}

/** Damage is an error, oddities that decoders warn of are not: phones write odd files. */
const open = (image: Uint8Array) => sharp(image, { failOn: "error", limitInputPixels: MAX_PIXELS });

async function refuseWhatIsNoPhoto(image: Uint8Array): Promise<void> {
  const { format, compression, width, height } = await readHeader(image);
  if (!FORMATS.includes(format) || (format === "heif" && compression !== "av1"))
    throw new UnreadableImage("Only jpeg, png, webp and avif pictures can be read.");
  if (width * height > MAX_PIXELS) throw new UnreadableImage("The picture has more than 100 million pixels.");
}

async function readHeader(image: Uint8Array) {
  try {
    // The limit is checked by us, so that it can be told from damage.
    return await sharp(image, { failOn: "error", limitInputPixels: false }).metadata();
  } catch (thrown) {
    const reason = beginsAsPhoto(image) ? DAMAGED : "The file is not a picture.";
    throw new UnreadableImage(reason, { cause: thrown });
  }
}

/** The marks that jpeg, png, webp and avif files begin with. */
function beginsAsPhoto(image: Uint8Array): boolean {
  const start = Buffer.from(image.subarray(0, 12)).toString("latin1");
  return /^(\xff\xd8\xff|\x89PNG\r\n|RIFF....WEBP|....ftypavi[fs])/s.test(start);
}
