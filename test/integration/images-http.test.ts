import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import type { TestGateway } from "../builders/gateway.ts";
import { makePhoneJpeg } from "../builders/picture.builder.ts";
import { send } from "../builders/raw-http.ts";
import { newPerson } from "../builders/images-room.ts";

const MIB = 1024 * 1024;
const dataDir = mkdtempSync(join(tmpdir(), "eco2-images-http-"));
const mango = newPerson();
const APP = "http://localhost:5173";
let gate: TestGateway;
let jpeg: Buffer;
let cookie: string;
beforeAll(async () => {
  // Settings are read when the first module asks for them, so all of them are loaded from here on.
  process.env["DATA_DIR"] = dataDir;
  const { startGateway, tokenFor } = await import("../builders/gateway.ts");
  const { images } = await import("../../services/images/images.contract.ts");
  const { default: service } = await import("../../services/images/images.service.ts");
  gate = await startGateway({ contracts: [images], services: [service] });
  jpeg = await makePhoneJpeg();
  cookie = `s_access=${await tokenFor(mango.userId)}`;
});
afterAll(async () => {
  await gate.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const post = (path: string, body: object, headers: Record<string, string> = { cookie }) =>
  send(`${gate.url}/api/v1${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers } }, [
    JSON.stringify(body),
  ]);
const presign = async () =>
  (await post("/images/scan", { filename: "photo.jpg", content_type: "image/jpeg" })).json() as {
    key: string;
    upload_url: string;
    cdn_url: string;
  };
const put = (address: string, body: Iterable<Buffer>, headers: Record<string, string> = {}) =>
  send(address, { method: "PUT", headers: { "content-type": "image/jpeg", ...headers } }, body);
const unfinished = () => readdirSync(join(dataDir, "images", "incoming"));

describe("images over HTTP, as the app uses them", () => {
  it("upload: presign, preflight and PUT from another origin, then read without cookies", async () => {
    const { upload_url: address, cdn_url: url, key } = await presign();
    expect(address.startsWith(`${gate.url}/api/v1/images/files/${key}?`)).toBe(true);
    const asked = await send(address, {
      method: "OPTIONS",
      headers: {
        origin: APP,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type",
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers["access-control-allow-methods"]).toContain("PUT");
    expect(String(asked.headers["access-control-allow-headers"]).toLowerCase()).toContain("content-type");

    const stored = await put(address, [jpeg], { origin: APP });
    expect(stored.status).toBe(200);
    expect(stored.headers["access-control-allow-origin"]).toBe(APP);
    expect(stored.headers.etag).toBe(`"${String(stored.json()["etag"])}"`);

    const read = await fetch(url, { headers: { origin: APP } });
    expect(Object.fromEntries(read.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "cache-control": expect.stringMatching(/^private, max-age=\d+, immutable$/),
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "cross-origin",
      etag: stored.headers.etag,
    });
    const bytes = Buffer.from(await read.arrayBuffer());
    expect(read.headers.get("content-length")).toBe(String(bytes.length));
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
    const again = await send(url, { headers: { "if-none-match": String(stored.headers.etag) } });
    expect([again.status, again.text]).toEqual([304, ""]);
    expect((await send(url, { method: "HEAD" })).headers["content-length"]).toBe(String(bytes.length));

    const claimed = await gate.broker.call(
      "images.claim",
      { image_url: url, user_id: mango.userId },
      { meta: { http: { origin: undefined, baseUrl: gate.url, loopback: true } } },
    );
    expect(claimed).toEqual({ key, content_type: "image/jpeg" });
  });

  it("presign refuses strangers, other people's names and fields nobody knows", async () => {
    const body = { filename: "a.jpg", content_type: "image/jpeg" };
    const codes = await Promise.all([
      post("/images/scan", body, {}),
      post("/images/scan", { ...body, uploader_id: newPerson().userId }),
      post("/images/scan", { ...body, folder: "x" }),
      post("/images/scan", { ...body, content_type: "image/heic" }),
      post("/images/etc", body),
    ]);
    expect(codes.map(answer => [answer.status, answer.json()["code"]])).toEqual([
      [401, "UNAUTHENTICATED"],
      [404, "UPLOAD_NOT_FOUND"],
      [422, "VALIDATION_FAILED"],
      [415, "UNSUPPORTED_MEDIA_TYPE"],
      [422, "VALIDATION_FAILED"],
    ]);
    expect(codes[3].json()["detail"]).toMatch(/HEIC/);
  });

  it("a PUT is refused with what is wrong, and nothing stays behind", async () => {
    const { upload_url: address } = await presign();
    const pieces = [jpeg, ...Array.from({ length: 11 }, () => Buffer.alloc(MIB))];
    const answers = [
      await put(address.replace(/signature=.*/, "signature=forged"), [jpeg]),
      await put(address, [jpeg], { "content-type": "image/png" }),
      await put(address, pieces, { "content-length": String(jpeg.length + 11 * MIB) }),
      await put(address, pieces),
      await put(address, []),
      await put(address, [Buffer.from("hello, this is text and no picture")]),
      await put(address, [jpeg.subarray(0, 2000)]),
    ];
    expect(answers.map(answer => [answer.status, answer.json()["code"]])).toEqual([
      [404, "SIGNATURE_INVALID"],
      [415, "UNSUPPORTED_MEDIA_TYPE"],
      [413, "IMAGE_TOO_LARGE"],
      [413, "IMAGE_TOO_LARGE"],
      [422, "IMAGE_INVALID"],
      [422, "IMAGE_INVALID"],
      [422, "IMAGE_INVALID"],
    ]);
    expect(unfinished()).toEqual([]);
    expect((await put(address, [jpeg])).status).toBe(200);
    expect((await put(address, [jpeg])).json()["code"]).toBe("UPLOAD_EXISTS");
  });

  it("a PUT that breaks off leaves no file, and can be begun anew", async () => {
    const { upload_url: address } = await presign();
    const headers = { "content-type": "image/jpeg", "content-length": String(jpeg.length) };
    const broken = request(address, { method: "PUT", headers, agent: false }).on("error", () => undefined);
    broken.write(jpeg.subarray(0, 5000));
    while (unfinished().length === 0) await turn();
    broken.destroy();
    while (unfinished().length > 0) await turn();
    expect((await put(address, [jpeg])).status).toBe(200);
  });

  it("there is nothing to list, and nothing at addresses that were not given out", async () => {
    const { cdn_url: url } = await presign();
    const paths = ["/scan", "/scan/", "/scan/x.jpg", "/etc/passwd", "/scan/..%2f..%2fimage-signing.secret"];
    const addresses = paths.map(path => `${gate.url}/api/v1/images/files${path}`);
    for (const address of [...addresses, url, url.split("?")[0] ?? ""])
      expect([address, (await send(address, {})).status]).toEqual([address, 404]);
  });
});

it("operators reach the rows through the broker, and REST does not", async () => {
  const { key } = await presign();
  const [row] = await gate.broker.call<{ key: string; state: string }[], object>("images.uploads.find", {
    query: { key },
  });
  expect(row).toMatchObject({ key, state: "reserved", uploader_id: mango.userId });
  expect((await send(`${gate.url}/api/v1/images/uploads`, { headers: { cookie } })).json()["code"]).toBe(
    "METHOD_NOT_ALLOWED",
  );
});
