import { addAbortSignal, type Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { codeOf } from "../../broker/errors.ts";
import { assertKey, type ObjectStore, storeCalls } from "./object-store.ts";

export interface S3Options {
  bucket: string;
  region: string;
  /** An S3-compatible store; left out: AWS. */
  endpoint?: string | undefined;
  /** Left out: the machine's own role. */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
  /** Deadline of one operation with all its retries (default 8 s: below the deadline of the call that waits for it). */
  deadlineMs?: number;
}

const CONNECT_MS = 2_000;
const ANSWER_MS = 4_000;
const ATTEMPTS = 3;
/** Short enough for a deleted picture to leave the caches of a CDN within a week. */
const CACHE_CONTROL = "public, max-age=604800, immutable";

/** Objects in an S3 bucket. Browsers PUT straight into it. */
export function s3Store({ bucket, region, endpoint, credentials, deadlineMs = 8_000 }: S3Options): ObjectStore {
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    // Otherwise a checksum of the empty body is signed into presigned addresses, and compatible stores stumble over trailers.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
    maxAttempts: ATTEMPTS,
  });
  const at = (key: string) => {
    assertKey(key);
    return { Bucket: bucket, Key: key };
  };
  const inTime = (signal?: AbortSignal) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    return { abortSignal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]) };
  };

  const presignPut = (key: string, contentType: string, ttlS: number) =>
    orUnavailable(() =>
      getSignedUrl(client, new PutObjectCommand({ ...at(key), ContentType: contentType }), {
        expiresIn: ttlS,
        // The presigner leaves the content type unsigned unless told: anybody could then store HTML under our key.
        signableHeaders: new Set(["content-type"]),
      }),
    );

  return {
    intake: { by: "browser", presignPut },

    put: (key, bytes, contentType) =>
      orUnavailable(async () => {
        const command = new PutObjectCommand({
          ...at(key),
          Body: bytes,
          ContentType: contentType,
          ContentLength: bytes.length,
          CacheControl: CACHE_CONTROL,
        });
        const { ETag } = await client.send(command, inTime());
        return { sizeBytes: bytes.length, etag: unquoted(ETag) };
      }),

    get: (key, signal) =>
      orMissing(async () => {
        const limit = inTime(signal);
        const { Body, ContentLength, ETag } = await client.send(new GetObjectCommand(at(key)), limit);
        const body = addAbortSignal(limit.abortSignal, Body as unknown as Readable);
        return { sizeBytes: ContentLength ?? 0, etag: unquoted(ETag), body };
      }),

    head: key =>
      orMissing(async () => {
        const { ContentLength, ETag } = await client.send(new HeadObjectCommand(at(key)), inTime());
        return { sizeBytes: ContentLength ?? 0, etag: unquoted(ETag) };
      }),

    remove: async key => {
      await orMissing(() => client.send(new DeleteObjectCommand(at(key)), inTime()));
    },

    ping: async signal => {
      await orUnavailable(() => client.send(new HeadBucketCommand({ Bucket: bucket }), inTime(signal)));
    },

    close: () => client.destroy(),
  };
}

const unquoted = (etag: string | undefined): string => (etag ?? "").replaceAll('"', "");

const { orMissing, orUnavailable } = storeCalls(
  thrown => ["NotFound", "NoSuchKey"].includes((thrown as Error).name),
  // An error of the catalogue (a key that is none) passes; everything else is the store's or the network's.
  thrown => codeOf(thrown) === "INTERNAL",
);
