import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import { openVision, type Vision } from "../../mixins/vision/vision.ts";
import { wasteLabels } from "../../mixins/vision/waste-labels.ts";
import { makePhoneJpeg, makePicture, makePngBomb } from "../builders/picture.builder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const plain = (background: string, size = 400) =>
  sharp({ create: { width: size, height: size, channels: 3, background } });
/** Dark at the top, light at the bottom. */
const gradient = (width = 300, height = 400) =>
  sharp(
    Buffer.from(
      Array.from({ length: width * height * 3 }, (_, i) => Math.floor((255 * Math.floor(i / width / 3)) / height)),
    ),
    { raw: { width, height, channels: 3 } },
  );

describe("the on-device vision", () => {
  let vision: Vision;
  beforeAll(() => {
    vision = openVision();
  });
  afterAll(() => vision.close());

  it("gives every class a probability, best first, together one", async () => {
    const { candidates, unsafe, headVersion } = await vision.classify(await gradient().jpeg().toBuffer());
    expect(candidates.map(({ label }) => label).sort()).toEqual(Object.keys(wasteLabels).sort());
    const shares = candidates.map(({ probability }) => probability);
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect([...shares].sort((a, b) => b - a)).toEqual(shares);
    for (const { label, major, middle } of candidates)
      expect({ major, middle }).toEqual({ major: wasteLabels[label].major, middle: wasteLabels[label].middle });
    expect(unsafe).toBeGreaterThanOrEqual(0);
    expect(unsafe).toBeLessThan(0.5);
    expect(headVersion).toMatch(/^\d{4}-\d\d-\d\d-[0-9a-f]{8}$/);
  });

  it("sees the same in the same picture, whatever comes between", async () => {
    const [one, other] = await Promise.all([gradient().png().toBuffer(), plain("#2255aa").png().toBuffer()]);
    const [first, between, again] = await Promise.all([one, other, one].map(image => vision.classify(image)));
    expect(again).toEqual(first);
    expect(between!.candidates).not.toEqual(first!.candidates);
  });

  it("sees the same in a photo that lies on its side with the tag that says so", async () => {
    const upright = await vision.classify(await gradient().png().toBuffer());
    const lying = await sharp(await gradient().png().toBuffer())
      .rotate(270)
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    expect((await sharp(lying).metadata()).width).toBe(400);
    const turned = await vision.classify(lying);
    for (const [i, { label, probability }] of turned.candidates.entries()) {
      expect(label).toBe(upright.candidates[i]!.label);
      expect(probability).toBeCloseTo(upright.candidates[i]!.probability, 6);
    }
  });

  it.each(["jpeg", "png", "webp", "avif"] as const)("looks at a %s", async format => {
    expect((await vision.classify(await makePicture(format))).candidates).toHaveLength(Object.keys(wasteLabels).length);
  });

  it("looks at one pixel, at what a phone writes and at a large PNG", async () => {
    const images = await Promise.all([
      plain("#fff", 1).png().toBuffer(),
      makePhoneJpeg(4032, 3024),
      plain("#a80", 6000).png().toBuffer(),
    ]);
    const seen = await Promise.all(images.map(image => vision.classify(image)));
    expect(seen.map(({ candidates }) => candidates.length)).toEqual([9, 9, 9]);
  });

  it("says what is wrong with a bad picture, and goes on", async () => {
    const whole = await makePicture("jpeg", 800, 600);
    const bad = [whole.subarray(0, whole.length >> 1), Buffer.alloc(0), Buffer.from("no picture"), makePngBomb()];
    const details = await Promise.all(
      bad.map(image =>
        vision.classify(image).catch((thrown: unknown) => thrown as { type: string; data: { detail: string } }),
      ),
    );
    expect(details).toEqual([
      expect.objectContaining({ type: "IMAGE_INVALID", data: { detail: "The picture is damaged or cut off." } }),
      expect.objectContaining({ type: "IMAGE_INVALID", data: { detail: "The file is not a picture." } }),
      expect.objectContaining({ type: "IMAGE_INVALID", data: { detail: "The file is not a picture." } }),
      expect.objectContaining({
        type: "IMAGE_INVALID",
        data: { detail: "The picture has more than 100 million pixels." },
      }),
    ]);
    expect((await vision.classify(whole)).candidates).toHaveLength(9);
  });

  it("answers the rest while some leave", async () => {
    const image = await makePicture();
    const leaving = new AbortController();
    const left = [1, 2, 3].map(() => vision.classify(image, { signal: leaving.signal }).catch(() => "left"));
    const stayed = [1, 2, 3].map(() => vision.classify(image));
    leaving.abort();
    expect(await Promise.all(left)).toEqual(["left", "left", "left"]);
    expect(new Set((await Promise.all(stayed)).map(({ candidates }) => candidates[0]!.label)).size).toBe(1);
  });

  it("closes in the midst of a large picture, again and again", async () => {
    const image = await makePhoneJpeg(4032, 3024);
    for (let round = 0; round < 3; round++) {
      const busy = openVision();
      const answer = busy.classify(image).catch((thrown: unknown) => (thrown as { type: string }).type);
      await busy.close();
      expect(await answer).toBe("MODEL_UNAVAILABLE");
    }
  });

  it("lets a process end that never closed it, once nothing is in hand", async () => {
    const program = `
      import { openVision } from "./mixins/vision/vision.ts";
      import sharp from "sharp";
      const image = await sharp({ create: { width: 9, height: 9, channels: 3, background: "#888" } }).png().toBuffer();
      openVision();
      const { candidates } = await openVision().classify(image);
      console.log(candidates.length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
      cwd: root,
    });
    expect(stdout).toBe("9\n");
  });
});
