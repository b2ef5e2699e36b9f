import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { codeOf } from "../../broker/errors.ts";
import type { ObjectStore } from "../../mixins/objects/object-store.ts";
import { readWhole } from "../../mixins/objects/objects.mixin.ts";
import { s3Store } from "../../mixins/objects/s3-store.ts";
import { type S3Server, startS3 } from "../servers/s3.server.ts";

const KEY = `scan/${"a".repeat(32)}.jpg`;
const bytes = Buffer.from("bytes of a picture");
let s3: S3Server;
let store: ObjectStore;

beforeAll(async () => {
  s3 = await startS3();
  const { accessKeyId, secretAccessKey, bucket, region, endpoint } = s3;
  store = s3Store({ bucket, region, endpoint, credentials: { accessKeyId, secretAccessKey }, deadlineMs: 1_500 });
});
afterEach(() => {
  s3.heal();
  s3.objects.clear();
});
afterAll(async () => {
  store.close();
  await s3.close();
});

const codeFrom = async (work: Promise<unknown>): Promise<string> =>
  codeOf(
    await work.then(
      () => undefined,
      (e: unknown) => e,
    ),
  );
const presigned = async (type: string, ttlS = 900): Promise<string> => {
  if (store.intake.by !== "browser") throw new Error("a bucket takes uploads itself");
  return store.intake.presignPut(KEY, type, ttlS);
};

describe("the bucket as a picture store", () => {
  it("gives back what was put, with its type", async () => {
    const put = await store.put(KEY, bytes, "image/jpeg");
    expect(put.sizeBytes).toBe(bytes.length);
    expect(await store.head(KEY)).toEqual(put);
    expect(await readWhole(store, KEY)).toEqual(bytes);
    expect(s3.objects.get(KEY)).toMatchObject({
      contentType: "image/jpeg",
      cacheControl: expect.stringContaining("immutable"),
    });
  });

  it("knows what is not there, and removes twice without complaint", async () => {
    expect(await store.head(KEY)).toBeUndefined();
    expect(await store.get(KEY)).toBeUndefined();
    await store.remove(KEY);
    await store.put(KEY, bytes, "image/jpeg");
    await store.remove(KEY);
    await store.remove(KEY);
    expect(s3.objects.size).toBe(0);
  });

  it("takes a browser's PUT with the signed content type, and no other", async () => {
    const url = await presigned("image/jpeg");
    expect(new URL(url).searchParams.get("X-Amz-SignedHeaders")).toBe("content-type;host");
    expect(url).not.toContain("checksum");
    const put = (type: string) => fetch(url, { method: "PUT", body: bytes, headers: { "content-type": type } });
    expect((await put("text/html")).status).toBe(403);
    expect(s3.objects.size).toBe(0);
    expect((await put("image/jpeg")).status).toBe(200);
    expect(s3.objects.get(KEY)?.bytes).toEqual(bytes);
  });

  it("takes no PUT after the time, to another key, or without the signature", async () => {
    const url = new URL(await presigned("image/jpeg"));
    const put = async (address: string) =>
      (await fetch(address, { method: "PUT", body: bytes, headers: { "content-type": "image/jpeg" } })).status;
    const otherKey = url.href.replace(KEY, KEY.replace("a", "b"));
    const longer = url.href.replace("X-Amz-Expires=900", "X-Amz-Expires=90000");
    expect([await put(otherKey), await put(longer), await put(url.origin + url.pathname)]).toEqual([403, 403, 403]);
    expect(s3.objects.size).toBe(0);
  });

  it.each(["500", "hang", "reset"] as const)(
    "is STORAGE_UNAVAILABLE while the bucket answers with: %s",
    async fault => {
      s3.fail(fault);
      const asked = [
        store.put(KEY, bytes, "image/jpeg"),
        store.get(KEY),
        store.head(KEY),
        store.remove(KEY),
        store.ping(),
      ];
      expect(new Set(await Promise.all(asked.map(codeFrom)))).toEqual(new Set(["STORAGE_UNAVAILABLE"]));
    },
  );

  it("gets over one failure by itself", async () => {
    s3.fail("500", { times: 1 });
    await store.put(KEY, bytes, "image/jpeg");
    expect(s3.objects.get(KEY)?.bytes).toEqual(bytes);
  });

  it("does not take half a body for the whole", async () => {
    await store.put(KEY, bytes, "image/jpeg");
    s3.fail("cut", { methods: ["GET"] });
    expect(await codeFrom(readWhole(store, KEY))).toBe("STORAGE_UNAVAILABLE");
  });

  it("is down, not empty, when the bucket is missing", async () => {
    const { accessKeyId, secretAccessKey, region, endpoint } = s3;
    const other = s3Store({ bucket: "nowhere", region, endpoint, credentials: { accessKeyId, secretAccessKey } });
    expect(await codeFrom(other.put(KEY, bytes, "image/jpeg"))).toBe("STORAGE_UNAVAILABLE");
    expect(await codeFrom(other.get(KEY))).toBe("STORAGE_UNAVAILABLE");
    other.close();
  });

  it.each(["../etc/passwd", "scan/../x", "/scan/a.jpg", "scan/%2e%2e/a.jpg", ""])("takes %j for no key", async key => {
    expect(await codeFrom(store.get(key))).toBe("IMAGE_NOT_FOUND");
  });
});
