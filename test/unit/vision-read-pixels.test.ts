import { describe, expect, it } from "@jest/globals";
import sharp, { type Sharp } from "sharp";
import { readPixels, SIDE, UnreadableImage } from "../../mixins/vision/read-pixels.ts";
import { makePhoneJpeg, makePicture, makePngBomb } from "../builders/picture.builder.ts";

const RED = { r: 220, g: 30, b: 30 };
const BLUE = { r: 30, g: 30, b: 220 };

/** Red above blue. */
const flag = (width = 300, height = 400) =>
  sharp({ create: { width, height, channels: 3, background: BLUE } }).composite([
    { input: { create: { width, height: height >> 1, channels: 3, background: RED } }, gravity: "north" },
  ]);
const plain = (size: number) => sharp({ create: { width: size, height: size, channels: 3, background: BLUE } });
const at = (pixels: Uint8Array, x: number, y: number) => [
  ...pixels.subarray((y * SIDE + x) * 3, (y * SIDE + x) * 3 + 3),
];
const near = (colour: number[], { r, g, b }: typeof RED, off = 20) =>
  expect(Math.max(...[r, g, b].map((part, i) => Math.abs(part - colour[i]!)))).toBeLessThan(off);
const refusal = async (image: Uint8Array) => {
  const thrown = await readPixels(image).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(UnreadableImage);
  return (thrown as Error).message;
};

describe("reading pixels", () => {
  it.each(["jpeg", "png", "webp", "avif"] as const)(
    "reads %s into RGB of the net's size, nothing cropped",
    async format => {
      const pixels = await readPixels(await flag()[format]().toBuffer());
      expect(pixels.length).toBe(SIDE * SIDE * 3);
      near(at(pixels, 0, 0), RED);
      near(at(pixels, SIDE - 1, 8), RED);
      near(at(pixels, 0, SIDE - 1), BLUE);
      near(at(pixels, SIDE - 1, SIDE - 8), BLUE);
    },
  );

  it("turns a photo upright by its orientation tag", async () => {
    // Tag 6: to be turned clockwise, so what is stored at the top is shown at the right.
    const pixels = await readPixels(await flag().jpeg().withMetadata({ orientation: 6 }).toBuffer());
    near(at(pixels, SIDE - 8, SIDE >> 1), RED);
    near(at(pixels, 8, SIDE >> 1), BLUE);
  });

  it("reads what a phone writes: profile, place, 12 million pixels", async () => {
    expect((await readPixels(await makePhoneJpeg(4000, 3000))).length).toBe(SIDE * SIDE * 3);
  });

  it("reads grey, 16 bit, CMYK and transparent pictures", async () => {
    const one = (channels: 3 | 4 = 3) =>
      sharp({ create: { width: 50, height: 50, channels, background: channels === 4 ? { ...RED, alpha: 0 } : RED } });
    const read = async (image: Sharp) => at(await readPixels(await image.toBuffer()), 20, 20);
    const grey = await read(one().toColourspace("b-w").jpeg());
    expect(new Set(grey).size).toBe(1);
    expect(await read(one().toColourspace("grey16").png())).toEqual(grey);
    near(await read(one().toColourspace("rgb16").png()), RED);
    // Print colours can only come near.
    near(await read(one().toColourspace("cmyk").jpeg()), RED, 40);
    expect(await read(one(4).png())).toEqual([255, 255, 255]);
    expect(await read(one(4).toColourspace("b-w").png())).toEqual([255, 255, 255]);
  });

  it("reads one pixel, a thin strip and a large PNG", async () => {
    near(at(await readPixels(await plain(1).png().toBuffer()), 100, 100), BLUE);
    near(at(await readPixels(await flag(3, 2000).png().toBuffer()), 100, 10), RED);
    near(at(await readPixels(await flag(5000, 4000).png().toBuffer()), 100, 10), RED);
  });

  it("says what is wrong with what it can't read", async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    );
    expect(await refusal(Buffer.alloc(0))).toBe("The file is not a picture.");
    expect(await refusal(Buffer.from("hello, this is no picture at all"))).toBe("The file is not a picture.");
    expect(await refusal(svg)).toBe("Only jpeg, png, webp and avif pictures can be read.");
    expect(await refusal(await flag().gif().toBuffer())).toBe("Only jpeg, png, webp and avif pictures can be read.");
    expect(await refusal(makePngBomb())).toBe("The picture has more than 100 million pixels.");
  });

  it.each(["jpeg", "png", "webp", "avif"] as const)("knows a %s that is cut off", async format => {
    const whole = await makePicture(format, 240, 180);
    expect(await refusal(whole.subarray(0, whole.length >> 1))).toBe("The picture is damaged or cut off.");
  });
});
