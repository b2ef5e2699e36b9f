import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import { makeAnimation, makePhoneJpeg, makePicture, makePngBomb } from "../builders/picture.builder.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";
import { BASE, type ImagesRoom, newPerson, openImagesRoom, refusal } from "../builders/images-room.ts";

const MIB = 1024 * 1024;

describe.each(databases)("images in the data folder, rows in $name", ({ make }) => {
  let database: TestDatabase;
  let room: ImagesRoom;
  let jpeg: Buffer;
  const mango = newPerson();
  const stranger = newPerson();
  beforeAll(async () => {
    database = await make();
    [room, jpeg] = await Promise.all([openImagesRoom(database), makePhoneJpeg()]);
  });
  afterAll(async () => {
    await room.stop();
    await database.remove();
  });

  const stateOf = async (key: string) =>
    (await room.db.one<{ state: string }>("select state from images.uploads where key = $1", [key]))?.state;
  const uploaded = async (user = mango) => {
    const reserved = await room.presign(user);
    await room.put(reserved.upload_url, jpeg);
    return reserved;
  };

  describe("presign", () => {
    it("gives a key made by the server and addresses of this house", async () => {
      const answer = await room.presign(mango, { filename: "../../etc/내 사진.JPEG" });
      expect(answer).toMatchObject({ expires_in: 900, required_headers: { "Content-Type": "image/jpeg" } });
      expect(answer.key).toMatch(/^scan\/[0-9a-f]{32}\.jpeg$/);
      const files = `${BASE}/api/v1/images/files/${answer.key}`;
      expect(answer.upload_url.startsWith(`${files}?expires=`)).toBe(true);
      expect(answer.cdn_url.startsWith(`${files}?signature=`)).toBe(true);
    });

    it("uses the configured address where no request came in", async () => {
      const { result } = await room.ask(
        "images.presign",
        { channel: "my", filename: "a.png", content_type: "" },
        { user: mango, meta: { http: undefined as never } },
      );
      expect(result.upload_url.startsWith("http://127.0.0.1:3000/api/v1/images/files/my/")).toBe(true);
      expect(result.required_headers).toEqual({ "Content-Type": "application/octet-stream" });
    });

    it("is for the signed-in person, under nobody else's name", async () => {
      const params = { channel: "scan", filename: "a.jpg", content_type: "image/jpeg" } as const;
      expect((await refusal(room.ask("images.presign", params))).code).toBe("UNAUTHENTICATED");
      expect((await refusal(room.presign(mango, { uploader_id: stranger.userId }))).code).toBe("UPLOAD_NOT_FOUND");
      expect((await room.presign(mango, { uploader_id: mango.userId })).key).toMatch(/^scan\//);
    });

    it.each([
      ["HEIC", { filename: "a.heic", content_type: "image/heic" }, "UNSUPPORTED_MEDIA_TYPE", /HEIC/],
      ["GIF", { filename: "a.gif", content_type: "image/gif" }, "UNSUPPORTED_MEDIA_TYPE", /GIF/],
      ["SVG", { filename: "a.svg", content_type: "image/svg+xml" }, "UNSUPPORTED_MEDIA_TYPE", /JPEG/],
      ["no name", { filename: "", content_type: "image/jpeg" }, "VALIDATION_FAILED", /filename/],
      ["a name of 256 characters", { filename: "a".repeat(256) }, "VALIDATION_FAILED", /filename/],
      ["an unknown channel", { channel: "etc" as "scan" }, "VALIDATION_FAILED", /channel/],
    ])("refuses %s", async (_name, params, code, reason) => {
      const fault = await refusal(room.presign(mango, params));
      expect(fault.code).toBe(code);
      expect(fault.detail).toMatch(reason);
    });
  });

  describe("a picture", () => {
    it("goes in and comes out stripped, for whoever holds its address", async () => {
      const { key, upload_url: address, cdn_url: url } = await room.presign(mango, { metadata: { from: "camera" } });
      const { result, meta: put } = await room.put(address, jpeg, { length: jpeg.length });
      expect(put.$responseHeaders).toEqual({ ETag: `"${result.etag}"` });
      const { bytes, meta } = await room.get(url);
      const header = await sharp(bytes).metadata();
      expect([header.width, header.height, header.exif, header.icc]).toEqual([240, 320, undefined, undefined]);
      expect(meta.$responseType).toBe("image/jpeg");
      expect(meta.$responseHeaders).toMatchObject({
        ETag: `"${result.etag}"`,
        "Cache-Control": expect.stringMatching(/^private, max-age=25\d{5}, immutable$/),
        "Content-Length": String(bytes.length),
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin",
      });
      const done = await room.ask("images.callback", { channel: "scan", key, etag: "x" }, { user: mango });
      expect(done.result).toEqual({
        key,
        channel: "scan",
        cdn_url: url,
        uploader_id: mango.userId,
        metadata: { from: "camera" },
        etag: result.etag,
        content_type: "image/jpeg",
      });
      expect(await room.claim(mango, url)).toEqual({ key, content_type: "image/jpeg" });
    });

    it("is not sent again to who has it", async () => {
      const { cdn_url: url } = await uploaded();
      const { meta: first } = await room.get(url);
      const tag = String(first.$responseHeaders?.["ETag"]);
      for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
        const { bytes, meta } = await room.get(url, known);
        expect([meta.$statusCode, bytes.length]).toEqual([304, 0]);
      }
      expect((await room.get(url, '"other"')).bytes.length).toBeGreaterThan(0);
    });

    it("may come without a known type when its name tells it", async () => {
      for (const type of ["application/octet-stream", "image/png"]) {
        const { upload_url: address, cdn_url: url } = await room.presign(mango, {
          filename: "a.png",
          content_type: "",
        });
        await room.put(address, await makePicture("png", 16, 16), { type });
        expect((await room.get(url)).meta.$responseType).toBe("image/png");
      }
    });

    it("survives a restart of the house, with its address", async () => {
      const { cdn_url: url } = await uploaded();
      const before = (await room.get(url)).bytes;
      await room.stop();
      room = await openImagesRoom(database);
      expect((await room.get(url)).bytes).toEqual(before);
      expect((await room.claim(mango, url)).content_type).toBe("image/jpeg");
    });
  });

  describe("an upload that is refused", () => {
    const truncated = () => jpeg.subarray(0, jpeg.length >> 1);
    const huge = () => Buffer.concat([jpeg, Buffer.alloc(10 * MIB)]);
    const cutOff = () => {
      const stream = new PassThrough();
      stream.write(jpeg.subarray(0, 1000), () => stream.destroy(new Error("aborted")));
      return stream;
    };
    type Case = [
      string,
      { body: () => Buffer | Readable | Promise<Buffer>; type?: string; length?: number; announced?: string },
      string,
      RegExp,
    ];
    it.each<Case>([
      [
        "no picture",
        { body: () => Buffer.from("just some text, long enough to look at") },
        "IMAGE_INVALID",
        /not a picture/,
      ],
      [
        "a page",
        { body: () => Buffer.from("<!doctype html><script>alert(1)</script>") },
        "IMAGE_INVALID",
        /text\/html/,
      ],
      ["a truncated picture", { body: truncated }, "IMAGE_INVALID", /cut off or damaged/],
      ["nothing", { body: () => Buffer.alloc(0) }, "IMAGE_INVALID", /empty/],
      [
        "another format than announced",
        { body: () => makePicture("png") },
        "IMAGE_INVALID",
        /image\/png, not image\/jpeg/,
      ],
      ["a GIF", { body: () => Buffer.from("GIF89a".padEnd(40)) }, "IMAGE_INVALID", /image\/gif/],
      [
        "50 000 × 50 000 pixels",
        { body: () => makePngBomb(), type: "image/png", announced: "image/png" },
        "IMAGE_INVALID",
        /50000 × 50000/,
      ],
      [
        "an animation",
        { body: makeAnimation, type: "image/webp", announced: "image/webp" },
        "IMAGE_INVALID",
        /animation/,
      ],
      ["another content type", { body: () => jpeg, type: "image/png" }, "UNSUPPORTED_MEDIA_TYPE", /image\/jpeg/],
      [
        "a form",
        { body: () => jpeg, type: "multipart/form-data; boundary=x" },
        "UNSUPPORTED_MEDIA_TYPE",
        /image\/jpeg/,
      ],
      ["10 MiB announced", { body: () => jpeg, length: 10 * MIB + 1 }, "IMAGE_TOO_LARGE", /^undefined$/],
      ["10 MiB on the wire", { body: huge }, "IMAGE_TOO_LARGE", /^undefined$/],
      ["10 MiB on the wire, less announced", { body: huge, length: 5 }, "IMAGE_TOO_LARGE", /^undefined$/],
      ["cut off", { body: cutOff }, "IMAGE_INVALID", /cut off/],
    ])("%s: changes nothing, leaves no file, and a good one may follow", async (_name, given, code, detail) => {
      const {
        key,
        upload_url: address,
        cdn_url: url,
      } = await room.presign(mango, { content_type: given.announced ?? "image/jpeg" });
      const before = room.files().length;
      const { type, length } = given;
      const headers = { ...(type === undefined ? {} : { type }), ...(length === undefined ? {} : { length }) };
      const fault = await refusal(room.put(address, await given.body(), headers));
      expect(fault.code).toBe(code);
      expect(String(fault.detail)).toMatch(detail);
      expect(fault.detail ?? "").not.toContain(database.options.dataDir);
      expect(await stateOf(key)).toBe("reserved");
      expect(room.files().length).toBe(before);
      if (given.announced !== undefined) return;
      await room.put(address, jpeg);
      expect((await room.get(url)).bytes.length).toBeGreaterThan(0);
    });

    it("comes to an address that was not given out, or whose time is over: not a byte is read", async () => {
      const { upload_url: address } = await room.presign(mango);
      const other = await room.presign(mango);
      const expires = /expires=(\d+)/.exec(address)?.[1] ?? "";
      const faults = [
        address.replace(/signature=.*/, "signature=AAAA"),
        address.replace(`expires=${expires}`, `expires=${Number(expires) + 1}`),
        address.replace(/[0-9a-f]{32}/, /[0-9a-f]{32}/.exec(other.upload_url)?.[0] ?? ""),
        address.replace("/scan/", "/chat/"),
        other.cdn_url.replace("?", `?expires=${expires}&`),
      ];
      for (const fault of faults) {
        let read = 0;
        const body = new Readable({
          read() {
            read++;
          },
        });
        expect((await refusal(room.put(fault, body))).code).toBe("SIGNATURE_INVALID");
        expect([read, body.destroyed]).toEqual([0, true]);
      }
    });

    it("comes too late", async () => {
      const { signUpload } = await import("../../mixins/objects/sign-address.ts");
      const { key, upload_url: address } = await room.presign(mango);
      const { keptSecret } = await import("../../mixins/kept-secret.ts");
      const past = Math.floor(Date.now() / 1000) - 1;
      const secret = keptSecret("image-signing.secret", () => "none was kept");
      const late = `${address.split("?")[0] ?? ""}?expires=${past}&signature=${signUpload(secret, key, past)}`;
      expect((await refusal(room.put(late, jpeg))).code).toBe("SIGNATURE_INVALID");
    });

    it("comes a second time", async () => {
      const { upload_url: address, cdn_url: url } = await room.presign(mango);
      await room.put(address, jpeg);
      const before = (await room.get(url)).bytes;
      expect((await refusal(room.put(address, await makePicture()))).code).toBe("UPLOAD_EXISTS");
      expect((await room.get(url)).bytes).toEqual(before);
    });

    it("runs against another one to the same key: exactly one is stored, whole", async () => {
      const { upload_url: address, cdn_url: url } = await room.presign(mango);
      const sizes = [16, 32, 48, 64];
      const pictures = await Promise.all(sizes.map(side => makePicture("jpeg", side, side)));
      const codes = await Promise.all(pictures.map(async each => (await refusal(room.put(address, each))).code));
      expect(codes.filter(code => code === "none")).toHaveLength(1);
      expect(codes.filter(code => code === "UPLOAD_EXISTS")).toHaveLength(3);
      const { width } = await sharp((await room.get(url)).bytes).metadata();
      expect(width).toBe(sizes[codes.indexOf("none")]);
    });
  });

  describe("reading", () => {
    it("finds nothing without the right signature, before the upload, or at an unknown key", async () => {
      const { cdn_url: url } = await uploaded();
      const reserved = await room.presign(mango);
      const faults = [
        url.replace(/signature=.*/, "signature="),
        url.replace(/signature=.*/, `signature=${"A".repeat(43)}`),
        reserved.cdn_url,
        reserved.upload_url,
        url.replace(/[0-9a-f]{32}/, "0".repeat(32)),
      ];
      for (const fault of faults) expect((await refusal(room.get(fault))).code).toBe("IMAGE_NOT_FOUND");
    });
  });

  describe("callback", () => {
    it("is for the uploader, the right channel and an upload that happened", async () => {
      const { key } = await uploaded();
      const reserved = await room.presign(mango);
      const call = async (user: typeof mango, params: object) =>
        (await refusal(room.ask("images.callback", { channel: "scan", key, etag: "x", ...params }, { user }))).code;
      expect(await call(stranger, {})).toBe("UPLOAD_NOT_FOUND");
      expect(await call(mango, { channel: "chat" })).toBe("CHANNEL_MISMATCH");
      expect(await call(mango, { key: reserved.key })).toBe("UPLOAD_NOT_FOUND");
      expect(await call(mango, { key: "scan/../../secret" })).toBe("UPLOAD_NOT_FOUND");
      expect(await call(mango, {})).toBe("none");
    });
  });

  describe("claim", () => {
    it("refuses the address of a stranger's picture like one that never was", async () => {
      const { cdn_url: url } = await uploaded();
      const foreign = await refusal(room.claim(stranger, url));
      const unknown = await refusal(room.claim(stranger, url.replace(/[0-9a-f]{32}/, "0".repeat(32))));
      expect(foreign).toEqual({ code: "IMAGE_URL_REFUSED", detail: undefined });
      expect(unknown).toEqual(foreign);
    });

    it("says so when nothing was uploaded yet", async () => {
      const { cdn_url: url } = await room.presign(mango);
      expect(await refusal(room.claim(mango, url))).toEqual({
        code: "IMAGE_INVALID",
        detail: "Nothing has been uploaded to this address yet.",
      });
    });

    it("never fetches anything, however the address is disguised", async () => {
      const { cdn_url: url } = await uploaded();
      const path = url.slice(BASE.length);
      let connections = 0;
      const trap = createServer().on("connection", socket => {
        connections++;
        socket.destroy();
      });
      await new Promise<void>(resolve => trap.listen(0, "127.0.0.1", resolve));
      const { port } = trap.address() as AddressInfo;
      const hosts = ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "[::1]", "user@127.0.0.1", "127.1"];
      const disguises = hosts.flatMap(host => [`http://${host}:${port}${path}`, `http://${host}:${port}/a.jpg`]);
      const own = [
        `http://localhost:3000${path}`,
        `${BASE}/api/v1/users/me`,
        `${url}#x`,
        `${url}&x=1`,
        `HTTP${url.slice(4)}`,
      ];
      for (const address of [...disguises, ...own, "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"])
        expect((await refusal(room.claim(mango, address))).code).toBe("IMAGE_URL_REFUSED");
      expect(connections).toBe(0);
      await new Promise(resolve => trap.close(resolve));
    });

    it("takes the address of the house as the request reached it, and no other", async () => {
      const http = { origin: undefined, baseUrl: "http://127.0.0.1:4567", loopback: true };
      const params = { channel: "scan", filename: "a.jpg", content_type: "image/jpeg" } as const;
      const { result } = await room.ask("images.presign", params, { user: mango, meta: { http } });
      await room.put(result.upload_url, jpeg);
      const claim = { image_url: result.cdn_url, user_id: mango.userId };
      expect((await room.ask("images.claim", claim, { meta: { http } })).result.key).toBe(result.key);
      expect((await refusal(room.ask("images.claim", claim))).code).toBe("IMAGE_URL_REFUSED");
    });

    it("checks again what lies in the folder without a word in the database", async () => {
      const { key, cdn_url: url } = await room.presign(mango);
      const path = join(database.options.dataDir, "images", key);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, jpeg);
      expect((await room.claim(mango, url)).key).toBe(key);
      expect((await sharp((await room.get(url)).bytes).metadata()).exif).toBeUndefined();
    });
  });

  describe("housekeeping", () => {
    const age = (key: string, days: number) =>
      room.db.run(
        "update images.uploads set created_at = now() - make_interval(days => $2), upload_until = upload_until - make_interval(days => $2) where key = $1",
        [key, days],
      );

    it("removes pictures that are too old, with their files, and leaves the others", async () => {
      const [old, young] = [await uploaded(), await uploaded()];
      await age(old.key, 31);
      expect(await room.sweep(30)).toBe(1);
      expect(await stateOf(old.key)).toBeUndefined();
      expect((await refusal(room.get(old.cdn_url))).code).toBe("IMAGE_NOT_FOUND");
      expect((await refusal(room.claim(mango, old.cdn_url))).code).toBe("IMAGE_URL_REFUSED");
      expect(room.files()).not.toContain(old.key.split("/")[1]);
      expect((await room.get(young.cdn_url)).bytes.length).toBeGreaterThan(0);
    });

    it("forgets reservations that nobody used", async () => {
      const [unused, fresh] = [await room.presign(mango), await room.presign(mango)];
      await age(unused.key, 1);
      expect(await room.sweep()).toBe(1);
      expect([await stateOf(unused.key), await stateOf(fresh.key)]).toEqual([undefined, "reserved"]);
    });

    it("ends what a killed process began", async () => {
      const { key } = await uploaded();
      await room.db.run("update images.uploads set state = 'removing' where key = $1", [key]);
      expect(await room.sweep()).toBe(1);
      expect([await stateOf(key), room.files().includes(key.split("/")[1] ?? "")]).toEqual([undefined, false]);
    });

    it("is safe in several processes at once", async () => {
      const made = await Promise.all(Array.from({ length: 8 }, () => room.presign(mango)));
      await Promise.all(made.map(each => age(each.key, 1)));
      await Promise.all([room.sweep(), room.sweep(), room.sweep()]);
      expect(await Promise.all(made.map(each => stateOf(each.key)))).toEqual(Array(8).fill(undefined));
    });
  });

  it("is not ready, and says STORAGE_UNAVAILABLE, while the folder cannot be written", async () => {
    expect((await room.ask("images.ready", {})).result).toEqual({ database: "ok", images: "ok" });
    const { upload_url: address, key } = await room.presign(mango);
    const folder = join(database.options.dataDir, "images");
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "in the way");
    expect((await refusal(room.put(address, jpeg))).code).toBe("STORAGE_UNAVAILABLE");
    expect((await room.ask("images.ready", {})).result).toEqual({ database: "ok", images: "down" });
    expect(await stateOf(key)).toBe("reserved");
    rmSync(folder);
    await room.put(address, jpeg);
    expect(await stateOf(key)).toBe("stored");
  });
});
