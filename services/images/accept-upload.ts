import type { Readable } from "node:stream";
import { fail } from "../../broker/errors.ts";
import type { Tx } from "../../mixins/database/database.ts";
import { withScratchFile } from "../../mixins/objects/scratch.ts";
import type { Rooms } from "./admit-upload.ts";
import { checkPicture } from "./check-picture.ts";
import { holdReservation, markStored, type Upload } from "./images.store.ts";
import { receiveUpload, type UploadLimits } from "./receive-upload.ts";

/**
 * Receives the bytes of a reserved upload, checks and stores them. Of several at a time one is stored; a refused one leaves the
 * reservation as it was, so that a better picture may still come.
 * @returns the tag of what is stored
 * @throws what `receiveUpload` and `checkPicture` throw, UPLOAD_EXISTS
 */
export async function acceptUpload(
  { db, store }: Rooms,
  { key, content_type: type }: Upload,
  stream: Readable,
  { scratchDir, limits }: { scratchDir: string; limits: UploadLimits },
): Promise<string> {
  const { bytes, width, height } = await withScratchFile(scratchDir, async path => {
    await receiveUpload(stream, path, type, limits);
    return checkPicture(path, type, limits.maxBytes);
  });
  return db.transaction(async (tx: Tx) => {
    if (!(await holdReservation(tx, key))) throw fail("UPLOAD_EXISTS");
    // Written while the row is held, so a loser never touches the winner's file. It is a local file: no network is waited for.
    const { etag, sizeBytes } = await store.put(key, bytes, type);
    await markStored(tx, key, { etag, sizeBytes, width, height });
    return etag;
  });
}
