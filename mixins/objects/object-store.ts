import type { Readable } from "node:stream";
import { fail } from "../../broker/errors.ts";

/** What a store knows of an object. The tag changes whenever the bytes are written again. */
export interface StoredObject {
  sizeBytes: number;
  etag: string;
}

/** Above the largest photo of today's phones (50 MP), far below what fills the memory: 50 MP in RGB are 150 MB. */
export const MAX_PICTURE_PIXELS = 51_000_000;

/** How pictures come in: browsers PUT them straight into the store, or the house receives them and has to keep unfinished files somewhere. */
export type Intake =
  | {
      by: "browser";
      /** Address to PUT to, with exactly this content type. */
      presignPut(key: string, contentType: string, ttlS: number): Promise<string>;
    }
  | { by: "house"; scratchDir: string };

/** Where pictures lie. Failures of the store are STORAGE_UNAVAILABLE; an object that is not there is `undefined`. */
export interface ObjectStore {
  readonly intake: Intake;
  /** Writes the object, replacing one of the same key; readers see the old bytes or the new ones, never a mixture. */
  put(key: string, bytes: Buffer, contentType: string): Promise<StoredObject>;
  /** The body is the caller's to read or destroy. */
  get(key: string, signal?: AbortSignal): Promise<(StoredObject & { body: Readable }) | undefined>;
  head(key: string): Promise<StoredObject | undefined>;
  /** Fine when it is gone already. */
  remove(key: string): Promise<void>;
  /** Resolves when the store answers. */
  ping(signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** Keys are made by the server: a folder, 32 hex digits, an extension. Nothing else ever reaches a file system or a bucket. */
const KEY = /^[a-z]{1,32}\/[0-9a-f]{32}\.[a-z]{3,4}$/;

/** @throws IMAGE_NOT_FOUND for what cannot be a key of ours */
export function assertKey(key: string): void {
  if (!KEY.test(key)) throw fail("IMAGE_NOT_FOUND");
}

/** The store's own error goes to the log with the request, never to the caller. */
export const unavailable = (cause: unknown): Error => Object.assign(fail("STORAGE_UNAVAILABLE"), { cause });

/**
 * The two ways a store runs its calls: with "not there" as undefined, or not.
 * @param isMissing whether an error says that there is no such object
 * @param isDown whether an error says that the store cannot answer; it becomes STORAGE_UNAVAILABLE, any other passes
 */
export function storeCalls(isMissing: (thrown: unknown) => boolean, isDown: (thrown: unknown) => boolean) {
  const orUnavailable = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      throw isDown(thrown) ? unavailable(thrown) : thrown;
    }
  };
  const orMissing = <T>(work: () => Promise<T>): Promise<T | undefined> =>
    orUnavailable(async () => {
      try {
        return await work();
      } catch (thrown) {
        if (isMissing(thrown)) return undefined;
        throw thrown;
      }
    });
  return { orMissing, orUnavailable };
}
