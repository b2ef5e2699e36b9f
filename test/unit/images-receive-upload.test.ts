import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { codeOf } from "../../broker/errors.ts";
import { receiveUpload, type UploadLimits } from "../../services/images/receive-upload.ts";
import { sniffType } from "../../services/images/sniff-type.ts";
import { makePicture } from "../builders/picture.builder.ts";

const limits: UploadLimits = { maxBytes: 200_000, idleMs: 5_000, totalMs: 5_000 };
const folder = mkdtempSync(join(tmpdir(), "eco2-receive-"));
let next = 0;
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await makePicture();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function receive(
  stream: Readable,
  given: Partial<UploadLimits> = {},
): Promise<{ code: string; detail?: string; bytes: Buffer }> {
  const path = join(folder, String(next++));
  try {
    await receiveUpload(stream, path, "image/jpeg", { ...limits, ...given });
    return { code: "none", bytes: readFileSync(path) };
  } catch (thrown) {
    const { detail } = (thrown as { data: { detail?: string } }).data;
    return { code: codeOf(thrown), ...(detail === undefined ? {} : { detail }), bytes: readFileSync(path) };
  }
}

describe("receiving an upload", () => {
  it("writes what comes, in whatever pieces", async () => {
    expect((await receive(Readable.from([jpeg]))).bytes).toEqual(jpeg);
    const bytewise = Readable.from([...jpeg.subarray(0, 64)].map(byte => Buffer.of(byte)));
    expect(await receive(bytewise)).toMatchObject({ code: "none", bytes: jpeg.subarray(0, 64) });
  });

  it("counts on the wire and stops at the first byte too many", async () => {
    let given = 0;
    const endless = Readable.from(
      (function* () {
        yield jpeg.subarray(0, 64);
        for (;;) yield (given++, Buffer.alloc(1_000));
      })(),
    );
    const { code, bytes } = await receive(endless);
    expect(code).toBe("IMAGE_TOO_LARGE");
    expect(bytes.length).toBeLessThanOrEqual(limits.maxBytes);
    expect(given).toBeLessThan(300);
    expect(endless.destroyed).toBe(true);
  });

  it("refuses by the first bytes, before the rest is read", async () => {
    let read = 0;
    const page = Readable.from(
      (function* () {
        for (;;) yield (read++, Buffer.from("<!DOCTYPE html><script>alert(1)</script>"));
      })(),
    );
    expect(await receive(page)).toMatchObject({ code: "IMAGE_INVALID", detail: expect.stringContaining("text/html") });
    expect(read).toBeLessThan(50);
  });

  it.each([
    ["nothing", Buffer.alloc(0), "The file is empty."],
    ["one byte", Buffer.of(0xff), "The file is not a picture."],
    ["a PNG", Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "The file is image/png, not image/jpeg."],
    ["a GIF", Buffer.from("GIF89a"), "The file is image/gif, not image/jpeg."],
    ["a HEIC", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), "The file is image/heic, not image/jpeg."],
    ["text", Buffer.from("hello"), "The file is not a picture."],
  ])("refuses %s by name", async (_name, bytes, detail) => {
    expect(await receive(Readable.from([bytes]))).toMatchObject({ code: "IMAGE_INVALID", detail });
  });

  it("gives up on silence", async () => {
    const silent = new PassThrough();
    silent.write(jpeg.subarray(0, 64));
    expect(await receive(silent, { idleMs: 20 })).toMatchObject({ code: "REQUEST_TOO_SLOW" });
    expect(silent.destroyed).toBe(true);
  });

  it("gives up on a trickle that never ends", async () => {
    const trickle = new PassThrough();
    trickle.write(jpeg.subarray(0, 64));
    const drip = setInterval(() => trickle.write(Buffer.of(0)), 5);
    expect(await receive(trickle, { idleMs: 5_000, totalMs: 100 })).toMatchObject({ code: "REQUEST_TOO_SLOW" });
    clearInterval(drip);
  });

  it("does not take a cut-off upload for the whole", async () => {
    const cut = new PassThrough();
    cut.write(jpeg.subarray(0, 64), () => cut.destroy(new Error("aborted")));
    expect(await receive(cut)).toMatchObject({ code: "IMAGE_INVALID", detail: expect.stringContaining("cut off") });
  });
});

describe("sniffing", () => {
  it.each(["jpeg", "png", "webp", "avif"] as const)("knows a real %s", async format => {
    expect(sniffType((await makePicture(format)).subarray(0, 32))).toBe(`image/${format}`);
  });

  it.each([
    ["%PDF-1.7", "application/pdf"],
    ["  <svg xmlns=", "text/html or image/svg+xml"],
    ["II*\0....", "image/tiff"],
    ["BM....", "image/bmp"],
    ["\0\0\0\x20ftypisom....isom", "video/mp4"],
    ["RIFF....WAVE", undefined],
    ["", undefined],
  ])("names %j", (text, type) => {
    expect(sniffType(Buffer.from(text, "latin1"))).toBe(type);
  });
});
