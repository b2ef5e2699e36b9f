import { describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import { codeOf } from "../../broker/errors.ts";
import { checkPicture } from "../../services/images/check-picture.ts";
import type { PictureType } from "../../services/images/choose-type.ts";
import {
  makeAnimation,
  makePhoneJpeg,
  makePicture,
  makePngBomb,
  type PictureFormat,
} from "../builders/picture.builder.ts";

const MAX = 10 * 1024 * 1024;
const faultOf = async (bytes: Buffer, type: PictureType): Promise<string> => {
  try {
    await checkPicture(bytes, type, MAX);
    return "none";
  } catch (thrown) {
    return `${codeOf(thrown)}: ${(thrown as { data: { detail: string } }).data.detail}`;
  }
};

describe("a picture that is checked", () => {
  it.each<PictureFormat>(["jpeg", "png", "webp", "avif"])("keeps its format and size: %s", async format => {
    const { bytes, width, height } = await checkPicture(await makePicture(format, 64, 48), `image/${format}`, MAX);
    const header = await sharp(bytes).metadata();
    expect([width, height, header.width, header.height, header.mediaType]).toEqual([64, 48, 64, 48, `image/${format}`]);
  });

  it("stands upright and carries nothing but pixels", async () => {
    const photo = await makePhoneJpeg();
    const before = await sharp(photo).metadata();
    expect([before.orientation, before.exif !== undefined, before.icc !== undefined]).toEqual([6, true, true]);
    expect(photo.includes("SECRET-DESCRIPTION")).toBe(true);

    const { bytes, width, height } = await checkPicture(photo, "image/jpeg", MAX);
    const after = await sharp(bytes).metadata();
    expect([width, height]).toEqual([240, 320]);
    expect([after.orientation, after.exif, after.icc, after.xmp, after.iptc]).toEqual(Array(5).fill(undefined));
    expect(bytes.includes("SECRET-DESCRIPTION")).toBe(false);
    expect(bytes.includes("Exif")).toBe(false);
  });

  it("loses whatever was appended to it", async () => {
    const photo = Buffer.concat([await makePicture(), Buffer.from("<script>alert(1)</script>PK\x03\x04")]);
    const { bytes } = await checkPicture(photo, "image/jpeg", MAX);
    expect(bytes.includes("<script>")).toBe(false);
  });

  it("is made no larger than 2560 pixels on a side, and never enlarged", async () => {
    const wide = await checkPicture(await makePicture("jpeg", 3200, 40), "image/jpeg", MAX);
    expect([wide.width, wide.height]).toEqual([2560, 32]);
    const small = await checkPicture(await makePicture("jpeg", 8, 4), "image/jpeg", MAX);
    expect([small.width, small.height]).toEqual([8, 4]);
  });

  it("is made smaller until it fits into the limit", async () => {
    const noisy = await makePicture("png", 2000, 200);
    const { bytes, width } = await checkPicture(noisy, "image/png", 900_000);
    expect(bytes.length).toBeLessThanOrEqual(900_000);
    expect(width).toBe(1600);
  });
});

describe("a picture that is refused", () => {
  it.each<PictureFormat>(["jpeg", "png", "webp", "avif"])("is cut off: %s", async format => {
    const whole = await makePicture(format, 64, 48);
    for (const share of [0.2, 0.6, 0.95])
      expect(await faultOf(whole.subarray(0, Math.floor(whole.length * share)), `image/${format}`)).toBe(
        "IMAGE_INVALID: The picture is cut off or damaged.",
      );
  });

  it("is no picture at all", async () => {
    expect(await faultOf(Buffer.from("hello, world"), "image/jpeg")).toMatch(/^IMAGE_INVALID/);
    expect(await faultOf(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]), "image/jpeg")).toMatch(/^IMAGE_INVALID/);
  });

  it("is of another format than announced", async () => {
    expect(await faultOf(await makePicture("png"), "image/jpeg")).toBe(
      "IMAGE_INVALID: The file is image/png, not image/jpeg.",
    );
  });

  it("promises 50 000 × 50 000 pixels", async () => {
    const before = process.memoryUsage().rss;
    expect(await faultOf(makePngBomb(), "image/png")).toBe(
      "IMAGE_INVALID: The picture has 50000 × 50000 pixels; 51 megapixels are the limit.",
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it("moves", async () => {
    expect(await faultOf(await makeAnimation(), "image/webp")).toMatch(/animation; send one still/);
  });
});
