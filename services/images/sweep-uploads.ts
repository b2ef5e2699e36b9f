import { familyOf } from "../../broker/errors.ts";
import { clearScratch } from "../../mixins/objects/scratch.ts";
import { admitUpload, type Rooms } from "./admit-upload.ts";
import { forgetUpload, markRemoving, takeOverdue, takeRemovals, type Upload } from "./images.store.ts";

const BATCH = 50;
/** Longer than an upload that began in the last second of its time may take. */
const GRACE_S = 600;
const SCRATCH_MS = 3_600_000;

/**
 * Ends what nobody will end: reservations that were never used, pictures older than `ttlDays`, files of killed processes. A picture
 * that lies in the store unchecked (a browser put it there and never came back) is checked now. Safe in many processes at once.
 * @returns how many uploads were removed
 */
export async function sweepUploads(rooms: Rooms, ttlDays: number): Promise<number> {
  const { db, store } = rooms;
  await inBatches(
    () => takeOverdue(db, GRACE_S, BATCH),
    upload => settle(rooms, upload),
  );
  const removed = await inBatches(
    () => takeRemovals(db, ttlDays, BATCH),
    async key => {
      await store.remove(key);
      await forgetUpload(db, key);
    },
  );
  if (store.intake.by === "house") await clearScratch(store.intake.scratchDir, SCRATCH_MS);
  return removed;
}

async function settle(rooms: Rooms, upload: Upload): Promise<void> {
  try {
    if (await admitUpload(rooms, upload)) return;
  } catch (thrown) {
    // The store is down: another time.
    if (familyOf(thrown) !== "caller") throw thrown;
  }
  await markRemoving(rooms.db, upload.key);
}

async function inBatches<T>(take: () => Promise<T[]>, work: (each: T) => Promise<void>): Promise<number> {
  let done = 0;
  for (;;) {
    const batch = await take();
    for (const each of batch) await work(each);
    done += batch.length;
    if (batch.length < BATCH) return done;
  }
}
