import { join } from "node:path";
import type { Service } from "moleculer";
import { env } from "../../broker/env.ts";
import { fail } from "../../broker/errors.ts";
import { mixin } from "../../broker/service.ts";
import { diskStore } from "./disk-store.ts";
import { type ObjectStore, unavailable } from "./object-store.ts";

/** No picture in the store is larger; whoever reads one whole never reads more. */
export const MAX_OBJECT_BYTES = 10 * 1024 * 1024;

let shared: Promise<ObjectStore> | undefined;
let holders = 0;

/** Gives a room the picture store of the process: the bucket S3_BUCKET, else the folder DATA_DIR/images. */
export function objects() {
  // By service, not in one variable: the same file may be loaded by several brokers of one process.
  const open = new WeakMap<Service, ObjectStore>();
  const storeOf = (room: Service): ObjectStore => {
    const store = open.get(room);
    if (!store) throw new Error(`The picture store of ${room.name} is open only while the room runs.`);
    return store;
  };
  return mixin({
    methods: {
      objectStore(): ObjectStore {
        return storeOf(this);
      },

      /**
       * The bytes of one picture.
       * @throws IMAGE_NOT_FOUND, IMAGE_TOO_LARGE, STORAGE_UNAVAILABLE
       */
      readObject(key: string, signal?: AbortSignal): Promise<Buffer> {
        return readWhole(storeOf(this), key, signal);
      },
    },
    async started(this: Service) {
      holders++;
      shared ??= openStore();
      open.set(this, await shared);
    },
    async stopped(this: Service) {
      if (!open.delete(this) || --holders > 0) return;
      const closing = shared;
      shared = undefined;
      (await closing)?.close();
    },
  });
}

async function openStore(): Promise<ObjectStore> {
  if (env.S3_BUCKET === undefined) return diskStore(join(env.DATA_DIR, "images"));
  // The SDK is big: a house without a bucket never loads it.
  const { s3Store } = await import("./s3-store.ts");
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = env;
  return s3Store({
    bucket: env.S3_BUCKET,
    region: env.S3_REGION,
    endpoint: env.S3_ENDPOINT,
    credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
  });
}

/** Reads one object into memory, at most MAX_OBJECT_BYTES of it. */
export async function readWhole(store: ObjectStore, key: string, signal?: AbortSignal): Promise<Buffer> {
  const found = await store.get(key, signal);
  if (!found) throw fail("IMAGE_NOT_FOUND");
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of found.body as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_OBJECT_BYTES) break;
      chunks.push(chunk);
    }
  } catch (thrown) {
    throw unavailable(thrown);
  }
  if (sizeBytes > MAX_OBJECT_BYTES) throw fail("IMAGE_TOO_LARGE");
  return Buffer.concat(chunks, sizeBytes);
}
