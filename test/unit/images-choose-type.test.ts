import { describe, expect, it } from "@jest/globals";
import { codeOf } from "../../broker/errors.ts";
import { assertAnnounced, chooseType } from "../../services/images/choose-type.ts";

const faultOf = (work: () => unknown): { code: string; detail: string } => {
  try {
    work();
  } catch (thrown) {
    return { code: codeOf(thrown), detail: (thrown as { data: { detail: string } }).data.detail };
  }
  return { code: "none", detail: "" };
};

describe("the type of an upload", () => {
  it.each([
    ["photo.jpg", "image/jpeg", "image/jpeg", "image/jpeg", "jpg"],
    ["photo.JPEG", "image/jpeg", "image/jpeg", "image/jpeg", "jpeg"],
    ["photo.jpg", "IMAGE/JPEG; charset=x", "image/jpeg", "image/jpeg", "jpg"],
    ["photo.jpg", "image/jpg", "image/jpg", "image/jpeg", "jpg"],
    ["photo.png", "image/webp", "image/webp", "image/webp", "webp"],
    ["IMG_1.HEIC", "image/jpeg", "image/jpeg", "image/jpeg", "jpg"],
    ["no-extension", "image/avif", "image/avif", "image/avif", "avif"],
    ["photo.PNG", "application/octet-stream", "application/octet-stream", "image/png", "png"],
    ["photo.jpeg", "", "application/octet-stream", "image/jpeg", "jpeg"],
    ["../../etc/passwd\\evil.webp", "", "application/octet-stream", "image/webp", "webp"],
  ])("%s announced as %j is taken", (filename, announced, declaredType, contentType, extension) => {
    expect(chooseType(filename, announced)).toEqual({ declaredType, contentType, extension });
  });

  it.each([
    ["a.gif", "image/gif", /GIF/],
    ["a.gif", "", /GIF/],
    ["a.heic", "image/heic", /HEIC/],
    ["a.heif", "image/heif", /HEIC/],
    ["a.HEIC", "application/octet-stream", /HEIC/],
    ["a.svg", "image/svg+xml", /JPEG, PNG, WebP and AVIF/],
    ["a.jpg", "text/html", /JPEG, PNG, WebP and AVIF/],
    ["a.jpg", "multipart/form-data", /JPEG, PNG, WebP and AVIF/],
    ["noext", "", /JPEG, PNG, WebP and AVIF/],
    ["a.jpg.exe", "", /JPEG, PNG, WebP and AVIF/],
    ["a.jpg", "__proto__", /JPEG, PNG, WebP and AVIF/],
    ["a.__proto__", "", /JPEG, PNG, WebP and AVIF/],
    ["a.constructor", "constructor", /JPEG, PNG, WebP and AVIF/],
  ])("%s announced as %j is refused with the reason", (filename, announced, reason) => {
    const { code, detail } = faultOf(() => chooseType(filename, announced));
    expect(code).toBe("UNSUPPORTED_MEDIA_TYPE");
    expect(detail).toMatch(reason);
  });
});

describe("the Content-Type of a PUT", () => {
  const known = { declaredType: "image/png", contentType: "image/png" } as const;
  const unknown = { declaredType: "application/octet-stream", contentType: "image/png" } as const;

  it("may be what was announced, or the true type when nothing was", () => {
    for (const [sent, announced] of [
      ["image/png", known],
      ["Image/PNG; q=1", known],
      ["application/octet-stream", unknown],
      ["", unknown],
      ["image/png", unknown],
    ] as const)
      expect(faultOf(() => assertAnnounced(sent, announced)).code).toBe("none");
  });

  it("may not be another", () => {
    for (const [sent, announced] of [
      ["image/jpeg", known],
      ["application/octet-stream", known],
      ["", known],
      ["text/html", known],
      ["image/jpeg", unknown],
      ["text/html", unknown],
    ] as const)
      expect(faultOf(() => assertAnnounced(sent, announced)).code).toBe("UNSUPPORTED_MEDIA_TYPE");
  });
});
