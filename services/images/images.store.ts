import type { Tx } from "../../mixins/database/database.ts";
import type { PictureType } from "./choose-type.ts";
import type { ImageChannelName } from "./images.contract.ts";

export interface Reservation {
  key: string;
  channel: ImageChannelName;
  uploaderId: string;
  declaredType: string;
  contentType: PictureType;
  metadata: Record<string, string>;
  uploadUntil: Date;
}
export interface Upload {
  key: string;
  channel: ImageChannelName;
  uploader_id: string;
  declared_type: string;
  content_type: PictureType;
  metadata: Record<string, string>;
  state: "reserved" | "stored";
  etag: string | null;
  created_at: Date;
  upload_until: Date;
}
/** What the check found, and what the store said to it. */
export interface Stored {
  etag: string;
  sizeBytes: number;
  width: number;
  height: number;
}

const COLUMNS =
  "key, channel, uploader_id, declared_type, content_type, metadata, state, etag, created_at, upload_until";

export async function reserve(db: Tx, row: Reservation): Promise<void> {
  await db.run(
    `insert into images.uploads (key, channel, uploader_id, declared_type, content_type, metadata, upload_until)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7)`,
    [
      row.key,
      row.channel,
      row.uploaderId,
      row.declaredType,
      row.contentType,
      JSON.stringify(row.metadata),
      row.uploadUntil,
    ],
  );
}

/** What is being removed is gone already for everybody who asks. */
export const findUpload = (db: Tx, key: string): Promise<Upload | undefined> =>
  db.one<Upload>(`select ${COLUMNS} from images.uploads where key = $1 and state <> 'removing'`, [key]);

/** The reservation, held until the end of the transaction: of several uploads to one key the first to get here wins. */
export const holdReservation = (tx: Tx, key: string): Promise<Upload | undefined> =>
  tx.one<Upload>(`select ${COLUMNS} from images.uploads where key = $1 and state = 'reserved' for update`, [key]);

/** @returns false when the upload was removed meanwhile */
export async function markStored(db: Tx, key: string, { etag, sizeBytes, width, height }: Stored): Promise<boolean> {
  const touched = await db.run(
    `update images.uploads set state = 'stored', etag = $2, size_bytes = $3, width = $4, height = $5, stored_at = now()
     where key = $1 and state <> 'removing'`,
    [key, etag, sizeBytes, width, height],
  );
  return touched === 1;
}

/**
 * Takes reservations whose time is over by `graceS`, for this process alone: they are put off by as much, so that another process
 * finds them again only if this one dies.
 */
export const takeOverdue = (db: Tx, graceS: number, limit: number): Promise<Upload[]> =>
  db.rows<Upload>(
    `update images.uploads set upload_until = now() where key in (
       select key from images.uploads where state = 'reserved' and upload_until < now() - make_interval(secs => $1)
       order by upload_until limit $2 for update skip locked)
     returning ${COLUMNS}`,
    [graceS, limit],
  );

/** From here on the upload is gone for everybody; its object may be removed. */
export const markRemoving = (db: Tx, key: string): Promise<number> =>
  db.run("update images.uploads set state = 'removing' where key = $1", [key]);

/** Pictures older than `ttlDays` and those whose removal was cut short. Removing an object twice does no harm. */
export async function takeRemovals(db: Tx, ttlDays: number, limit: number): Promise<string[]> {
  const rows = await db.rows<{ key: string }>(
    `update images.uploads set state = 'removing' where key in (
       select key from images.uploads where state = 'removing' or created_at < now() - make_interval(days => $1)
       order by created_at limit $2 for update skip locked)
     returning key`,
    [ttlDays, limit],
  );
  return rows.map(row => row.key);
}

export const forgetUpload = (db: Tx, key: string): Promise<number> =>
  db.run("delete from images.uploads where key = $1 and state = 'removing'", [key]);
