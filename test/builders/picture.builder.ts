import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";

export type PictureFormat = "jpeg" | "png" | "webp" | "avif";

/** A picture of noise, which compresses about as badly as a photo. */
export async function makePicture(format: PictureFormat = "jpeg", width = 320, height = 240): Promise<Buffer> {
  return noise(width, height)[format]().toBuffer();
}

/** A photo as a phone writes it: turned by its orientation tag, with the place it was taken at, a profile and a comment. */
export async function makePhoneJpeg(width = 320, height = 240): Promise<Buffer> {
  return noise(width, height)
    .withMetadata({ orientation: 6 })
    .withExifMerge({
      IFD0: { Make: "Eco2Phone", ImageDescription: "SECRET-DESCRIPTION" },
      IFD3: {
        GPSLatitudeRef: "N",
        GPSLatitude: "37/1 33/1 5950/100",
        GPSLongitudeRef: "E",
        GPSLongitude: "126/1 58/1 4100/100",
      },
    })
    .withIccProfile("p3")
    .jpeg()
    .toBuffer();
}

export async function makeAnimation(): Promise<Buffer> {
  const frames = await Promise.all([makePicture("png"), makePicture("png")]);
  return sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer();
}

/** A few bytes that promise enormous pixels. */
export function makePngBomb(width = 50_000, height = 50_000): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const data = deflateSync(Buffer.alloc(100_000));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: "#888888", noise: { type: "gaussian", mean: 128, sigma: 40 } },
  });
