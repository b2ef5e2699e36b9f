import { codeOf, fail, familyOf } from "../../broker/errors.ts";
import type { Database } from "../../mixins/database/database.ts";
import type { ObjectStore } from "../../mixins/objects/object-store.ts";
import { MAX_OBJECT_BYTES, readWhole } from "../../mixins/objects/objects.mixin.ts";
import { checkPicture } from "./check-picture.ts";
import { markStored, type Upload } from "./images.store.ts";
import { assertLooksLike } from "./receive-upload.ts";
import { HEAD_BYTES } from "./sniff-type.ts";

export interface Rooms {
  db: Database;
  store: ObjectStore;
}

const running = new Map<string, Promise<Upload | undefined>>();

/**
 * Makes sure that what lies under an upload's key is a checked picture. What a browser has PUT straight into the store is fetched,
 * checked, stripped and overwritten here; so is what was replaced since the last check. What fails the check is deleted.
 * @returns the upload as it is now; undefined when nothing has been uploaded
 * @throws IMAGE_INVALID, IMAGE_TOO_LARGE, STORAGE_UNAVAILABLE
 */
export function admitUpload(rooms: Rooms, upload: Upload): Promise<Upload | undefined> {
  const { key } = upload;
  // One check at a time: a second one would decode what the first is about to replace.
  const admission = running.get(key) ?? admit(rooms, upload).finally(() => running.delete(key));
  running.set(key, admission);
  return admission;
}

async function admit({ db, store }: Rooms, upload: Upload): Promise<Upload | undefined> {
  const { key } = upload;
  const found = await store.head(key);
  if (!found) return undefined;
  if (upload.state === "stored" && upload.etag === found.etag) return upload;
  try {
    if (found.sizeBytes > MAX_OBJECT_BYTES) throw fail("IMAGE_TOO_LARGE");
    const checked = await checkStored(store, upload);
    const { etag, sizeBytes } = await store.put(key, checked.bytes, upload.content_type);
    const { width, height } = checked;
    if (await markStored(db, key, { etag, sizeBytes, width, height })) return { ...upload, state: "stored", etag };
    // Its time ran out meanwhile; what was just written must not outlive its row.
    await store.remove(key);
    return undefined;
  } catch (thrown) {
    if (codeOf(thrown) === "IMAGE_NOT_FOUND") return undefined;
    if (familyOf(thrown) === "caller") await store.remove(key);
    throw thrown;
  }
}

async function checkStored(store: ObjectStore, { key, content_type: type }: Upload) {
  const bytes = await readWhole(store, key);
  assertLooksLike(bytes.subarray(0, HEAD_BYTES), type);
  return checkPicture(bytes, type, MAX_OBJECT_BYTES);
}
