import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { fail } from "../../broker/errors.ts";
import { unavailable } from "../../mixins/objects/object-store.ts";
import { HEAD_BYTES, sniffType } from "./sniff-type.ts";

export interface UploadLimits {
  maxBytes: number;
  /** Longest silence. */
  idleMs: number;
  totalMs: number;
}
export const UPLOAD_LIMITS: UploadLimits = { maxBytes: 10 * 1024 * 1024, idleMs: 15_000, totalMs: 180_000 };

/**
 * Writes an upload to a file, counting on the wire whatever was announced, and gives up at the first byte too many or too late, or
 * as soon as the first bytes show something else than `type`.
 * @throws IMAGE_TOO_LARGE, IMAGE_INVALID, REQUEST_TOO_SLOW, STORAGE_UNAVAILABLE
 */
export async function receiveUpload(stream: Readable, path: string, type: string, limits: UploadLimits): Promise<void> {
  // A sender that hangs up while the file is opened must not be the end of the process; reading tells of it.
  stream.on("error", () => undefined);
  const file = await written(open(path, "wx", 0o600));
  try {
    await copy(stream, file, type, limits);
  } finally {
    // Nobody wants the rest; the gateway keeps the connection for the answer.
    stream.destroy();
    await file.close();
  }
}

async function copy(stream: Readable, file: FileHandle, type: string, limits: UploadLimits): Promise<void> {
  const deadline = Date.now() + limits.totalMs;
  const chunks = stream[Symbol.asyncIterator]() as Chunks;
  let sizeBytes = 0;
  let head = Buffer.alloc(0);
  let looked = false;
  for (;;) {
    const chunk = await nextChunk(chunks, Math.min(limits.idleMs, deadline - Date.now()));
    sizeBytes += chunk?.length ?? 0;
    if (sizeBytes > limits.maxBytes) throw fail("IMAGE_TOO_LARGE");
    if (chunk && !looked) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]);
    if (!looked && (!chunk || head.length >= HEAD_BYTES)) {
      assertLooksLike(head, type);
      looked = true;
    }
    if (!chunk) return;
    await written(file.writeFile(chunk));
  }
}

/** @throws IMAGE_INVALID */
export function assertLooksLike(head: Buffer, type: string): void {
  if (head.length === 0) throw fail("IMAGE_INVALID", "The file is empty.");
  const found = sniffType(head);
  if (found === type) return;
  throw fail(
    "IMAGE_INVALID",
    found === undefined ? "The file is not a picture." : `The file is ${found}, not ${type}.`,
  );
}

type Chunks = AsyncIterator<Buffer, undefined>;

/** @returns undefined at the end */
async function nextChunk(chunks: Chunks, withinMs: number): Promise<Buffer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(fail("REQUEST_TOO_SLOW", "The picture arrived too slowly.")),
      Math.max(withinMs, 0),
    );
  });
  const next = chunks.next().catch((): never => {
    throw fail("IMAGE_INVALID", "The upload was cut off before its end.");
  });
  try {
    const { done, value } = await Promise.race([next, late]);
    return done === true ? undefined : value;
  } finally {
    clearTimeout(timer);
    // After a timeout nobody waits for it any more.
    next.catch(() => undefined);
  }
}

async function written<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw unavailable(thrown);
  }
}
