import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import { makePhoneJpeg, makePicture, makePngBomb } from "../builders/picture.builder.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";
import { type S3Server, startS3 } from "../servers/s3.server.ts";
import { BASE, type ImagesRoom, newPerson, openImagesRoom, refusal } from "../builders/images-room.ts";

const CDN = "https://images.eco2.example";
const fronts = [
  { front: "the gateway itself", cdnUrl: undefined },
  { front: "a CDN", cdnUrl: `${CDN}/` },
];

describe.each(databases.flatMap(database => fronts.map(front => ({ ...database, ...front }))))(
  "images in a bucket read through $front, rows in $name",
  ({ make, cdnUrl }) => {
    let database: TestDatabase;
    let room: ImagesRoom;
    let s3: S3Server;
    let jpeg: Buffer;
    const mango = newPerson();
    const stranger = newPerson();
    beforeAll(async () => {
      [database, s3, jpeg] = await Promise.all([make(), startS3(), makePhoneJpeg()]);
      room = await openImagesRoom(database, { s3, ...(cdnUrl === undefined ? {} : { cdnUrl }) });
    });
    afterEach(() => s3.heal());
    afterAll(async () => {
      await room.stop();
      await Promise.all([database.remove(), s3.close()]);
    });

    /** What a browser does. */
    const put = (address: string, body: Buffer, type = "image/jpeg") =>
      fetch(address, { method: "PUT", body: new Uint8Array(body), headers: { "content-type": type } });
    const uploaded = async (body = jpeg, type = "image/jpeg") => {
      const reserved = await room.presign(mango, { content_type: type });
      expect((await put(reserved.upload_url, body, type)).status).toBe(200);
      return reserved;
    };
    const rowOf = (key: string) =>
      room.db.one<{ state: string; width: number; etag: string }>(
        "select state, width, etag from images.uploads where key = $1",
        [key],
      );
    const overdue = (key: string) =>
      room.db.run("update images.uploads set upload_until = now() - interval '1 day' where key = $1", [key]);

    it("gives an address of the bucket that takes the announced type alone", async () => {
      const { key, upload_url: address, cdn_url: url, required_headers: headers } = await room.presign(mango);
      expect(address.startsWith(`${s3.endpoint}/${s3.bucket}/${key}?`)).toBe(true);
      expect(
        url.startsWith(cdnUrl === undefined ? `${BASE}/api/v1/images/files/${key}?signature=` : `${CDN}/${key}`),
      ).toBe(true);
      expect(headers).toEqual({ "Content-Type": "image/jpeg" });
      expect((await put(address, jpeg, "text/html")).status).toBe(403);
      expect((await put(address, jpeg)).status).toBe(200);
    });

    it("checks and strips at the first claim, and only then", async () => {
      const { key, cdn_url: url } = await uploaded();
      expect(s3.objects.get(key)?.bytes).toEqual(jpeg);
      expect(await room.claim(mango, url)).toEqual({ key, content_type: "image/jpeg" });
      const stored = s3.objects.get(key);
      const header = await sharp(stored?.bytes).metadata();
      expect([header.width, header.height, header.exif, stored?.contentType]).toEqual([
        240,
        320,
        undefined,
        "image/jpeg",
      ]);
      expect(await rowOf(key)).toEqual({ state: "stored", width: 240, etag: stored?.etag });
      s3.requests.length = 0;
      await room.claim(mango, url);
      expect(s3.requests).toEqual([`HEAD ${key}`]);
    });

    it("checks once when many claim at the same time", async () => {
      const { key, cdn_url: url } = await uploaded();
      s3.requests.length = 0;
      await Promise.all(Array.from({ length: 5 }, () => room.claim(mango, url)));
      expect(s3.requests.filter(each => each === `PUT ${key}`)).toHaveLength(1);
    });

    it("is claimed by its owner alone", async () => {
      const { key, cdn_url: url } = await uploaded();
      expect(await refusal(room.claim(stranger, url))).toEqual({ code: "IMAGE_URL_REFUSED", detail: undefined });
      expect(s3.objects.get(key)?.bytes).toEqual(jpeg);
      for (const address of [`${s3.endpoint}/${s3.bucket}/${key}`, `https://${s3.bucket}.s3.amazonaws.com/${key}`])
        expect((await refusal(room.claim(mango, address))).code).toBe("IMAGE_URL_REFUSED");
    });

    it("is checked again when its owner replaces it within the time of the address", async () => {
      const { key, cdn_url: url, upload_url: address } = await uploaded();
      await room.claim(mango, url);
      expect((await put(address, jpeg)).status).toBe(200);
      await room.claim(mango, url);
      expect((await sharp(s3.objects.get(key)?.bytes).metadata()).exif).toBeUndefined();
      expect((await put(address, Buffer.from("no picture any more, but text"))).status).toBe(200);
      expect((await refusal(room.claim(mango, url))).code).toBe("IMAGE_INVALID");
      expect(s3.objects.has(key)).toBe(false);
    });

    it.each([
      [
        "no picture",
        () => Buffer.from("just some text, long enough to look at"),
        "image/jpeg",
        "IMAGE_INVALID",
        /not a picture/,
      ],
      ["nothing", () => Buffer.alloc(0), "image/jpeg", "IMAGE_INVALID", /empty/],
      [
        "a truncated picture",
        () => jpeg.subarray(0, jpeg.length >> 1),
        "image/jpeg",
        "IMAGE_INVALID",
        /cut off or damaged/,
      ],
      ["another format than announced", () => jpeg, "image/png", "IMAGE_INVALID", /image\/jpeg, not image\/png/],
      ["50 000 × 50 000 pixels", () => makePngBomb(), "image/png", "IMAGE_INVALID", /50000 × 50000/],
      [
        "more than 10 MiB",
        () => Buffer.concat([jpeg, Buffer.alloc(10 * 1024 * 1024)]),
        "image/jpeg",
        "IMAGE_TOO_LARGE",
        /undefined/,
      ],
    ])("refuses at the claim, and deletes: %s", async (_name, body, type, code, detail) => {
      const { key, cdn_url: url } = await uploaded(body(), type);
      const fault = await refusal(room.claim(mango, url));
      expect(fault.code).toBe(code);
      expect(String(fault.detail)).toMatch(detail);
      expect(s3.objects.has(key)).toBe(false);
      expect((await rowOf(key))?.state).toBe("reserved");
      expect((await refusal(room.claim(mango, url))).detail).toMatch(/Nothing has been uploaded/);
    });

    it.each(["500", "reset", "cut"] as const)(
      "keeps the picture while the bucket fails with %s, and goes on afterwards",
      async fault => {
        const { key, cdn_url: url } = await uploaded();
        s3.fail(fault, fault === "cut" ? { methods: ["GET"] } : {});
        expect((await refusal(room.claim(mango, url))).code).toBe("STORAGE_UNAVAILABLE");
        s3.heal();
        expect(s3.objects.get(key)?.bytes).toEqual(jpeg);
        expect((await room.claim(mango, url)).key).toBe(key);
      },
    );

    it("is not ready while the bucket fails", async () => {
      expect((await room.ask("images.ready", {})).result).toEqual({ database: "ok", images: "ok" });
      s3.fail("500");
      expect((await room.ask("images.ready", {})).result).toEqual({ database: "ok", images: "down" });
    });

    it("takes no upload at the gateway", async () => {
      const { key } = await room.presign(mango);
      const { signUpload } = await import("../../mixins/objects/sign-address.ts");
      const { keptSecret } = await import("../../mixins/kept-secret.ts");
      const expires = Math.ceil(Date.now() / 1000) + 100;
      const signature = signUpload(
        keptSecret("image-signing.secret", () => "none was kept"),
        key,
        expires,
      );
      const address = `${BASE}/api/v1/images/files/${key}?expires=${expires}&signature=${signature}`;
      expect((await refusal(room.put(address, jpeg))).code).toBe("SIGNATURE_INVALID");
    });

    if (cdnUrl === undefined)
      it("is read through the gateway right after the PUT, checked and stripped", async () => {
        const { key, cdn_url: url, upload_url: address } = await uploaded();
        const { bytes, meta } = await room.get(url);
        expect((await sharp(bytes).metadata()).exif).toBeUndefined();
        expect(meta.$responseType).toBe("image/jpeg");
        expect((await rowOf(key))?.state).toBe("stored");
        expect((await put(address, jpeg)).status).toBe(200);
        expect((await sharp((await room.get(url)).bytes).metadata()).exif).toBeUndefined();
        const bad = await uploaded(Buffer.from("<script>alert(1)</script>"));
        expect((await refusal(room.get(bad.cdn_url))).code).toBe("IMAGE_NOT_FOUND");
        s3.fail("500");
        expect((await refusal(room.get(url))).code).toBe("STORAGE_UNAVAILABLE");
      });

    it("housekeeping checks what nobody claimed, forgets what nobody sent, deletes what is bad or old", async () => {
      const [kept, unused, bad, old] = [
        await uploaded(),
        await room.presign(mango),
        await uploaded(await makePicture("png")),
        await uploaded(),
      ];
      await Promise.all([kept, unused, bad].map(each => overdue(each.key)));
      await room.claim(mango, old.cdn_url);
      await room.db.run("update images.uploads set created_at = now() - interval '31 days' where key = $1", [old.key]);

      s3.fail("500");
      expect((await refusal(room.sweep())).code).toBe("STORAGE_UNAVAILABLE");
      s3.heal();
      await Promise.all([kept, unused, bad].map(each => overdue(each.key)));
      await room.sweep();

      expect((await rowOf(kept.key))?.state).toBe("stored");
      expect((await sharp(s3.objects.get(kept.key)?.bytes).metadata()).exif).toBeUndefined();
      expect(await Promise.all([unused, bad, old].map(each => rowOf(each.key)))).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect([bad, old].map(each => s3.objects.has(each.key))).toEqual([false, false]);
    });
  },
);
