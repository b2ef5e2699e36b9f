import Type, { type Static } from "typebox";
import { type ActionsOf, contract, fromHeader, fromQuery } from "../../broker/contract.ts";

export const ImageChannel = Type.Enum(["chat", "scan", "my"], {
  type: "string",
  description: "what the picture is for",
});
export type ImageChannelName = Static<typeof ImageChannel>;
/** Random name of an image inside its channel: 32 hex digits and the extension. */
const FileName = Type.String({ pattern: "^[0-9a-f]{32}\\.(jpg|jpeg|png|webp|avif)$" });
const Key = Type.String({ minLength: 3, maxLength: 512 });
/** The first look at a picture in a bucket fetches, decodes and writes it. */
const CHECK_MS = 30_000;
const State = Type.Enum(["ok", "down"], { type: "string" });
const Metadata = Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 512 }), { maxProperties: 16 });

export const images = contract("images", {
  actions: {
    presign: {
      summary: "Reserves a key and gives the address to PUT the picture to",
      rest: "POST /images/:channel",
      limit: "work",
      params: Type.Object({
        channel: ImageChannel,
        filename: Type.String({ minLength: 1, maxLength: 255 }),
        content_type: Type.String({
          maxLength: 255,
          default: "application/octet-stream",
          description: "what the PUT will send; empty or application/octet-stream: told by the file name",
        }),
        uploader_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64, pattern: "\\S" })),
        metadata: Type.Optional(Metadata),
      }),
      result: Type.Object({
        key: Key,
        upload_url: Type.String({ format: "uri" }),
        cdn_url: Type.String({ format: "uri" }),
        expires_in: Type.Integer({ description: "seconds that upload_url stays valid" }),
        required_headers: Type.Record(Type.String(), Type.String()),
      }),
      errors: ["UNSUPPORTED_MEDIA_TYPE", "UPLOAD_NOT_FOUND", "STORAGE_UNAVAILABLE"],
    },
    upload: {
      summary: "Receives the picture's bytes; the signature in the address is the permission",
      rest: "PUT /images/files/:channel/:name",
      kind: "raw",
      auth: "public",
      // Receiving may take 180 s, and then the picture is decoded.
      timeoutMs: 210_000,
      params: Type.Object({
        channel: ImageChannel,
        name: FileName,
        expires: fromQuery(Type.Integer({ minimum: 0, description: "Unix seconds" })),
        signature: fromQuery(Type.String({ minLength: 1, maxLength: 128 })),
        content_type: fromHeader("content-type", Type.String({ maxLength: 255, default: "application/octet-stream" })),
        content_length: Type.Optional(fromHeader("content-length", Type.Integer({ minimum: 0 }))),
      }),
      result: Type.Object({ key: Key, etag: Type.String() }),
      errors: [
        "SIGNATURE_INVALID",
        "UPLOAD_EXISTS",
        "IMAGE_TOO_LARGE",
        "IMAGE_INVALID",
        "UNSUPPORTED_MEDIA_TYPE",
        "REQUEST_TOO_SLOW",
        "STORAGE_UNAVAILABLE",
      ],
    },
    read: {
      summary: "Gives the picture to whoever holds its signed address",
      rest: "GET /images/files/:channel/:name",
      kind: "raw",
      auth: "public",
      idempotent: true,
      timeoutMs: CHECK_MS,
      params: Type.Object({
        // No narrower: whatever is not there is a 404, and not a lesson on what our names look like.
        channel: Type.String(),
        name: Type.String(),
        signature: Type.String({ default: "" }),
        if_none_match: Type.Optional(fromHeader("if-none-match", Type.String())),
      }),
      result: Type.Unknown({ description: "the bytes of the picture; nothing with 304" }),
      errors: ["IMAGE_NOT_FOUND", "STORAGE_UNAVAILABLE"],
    },
    callback: {
      summary: "Tells that an upload is complete; optional, a picture can be used right after its PUT",
      rest: "POST /images/:channel/callback",
      timeoutMs: CHECK_MS,
      params: Type.Object({
        channel: ImageChannel,
        key: Key,
        etag: Type.String({ minLength: 1, maxLength: 128 }),
        content_length: Type.Optional(Type.Integer({ minimum: 0 })),
        checksum: Type.Optional(Type.String({ maxLength: 128 })),
      }),
      result: Type.Object({
        key: Key,
        channel: ImageChannel,
        cdn_url: Type.String({ format: "uri" }),
        uploader_id: Type.String(),
        metadata: Metadata,
        etag: Type.String(),
        content_type: Type.String(),
      }),
      errors: ["UPLOAD_NOT_FOUND", "CHANNEL_MISMATCH", "IMAGE_INVALID", "IMAGE_TOO_LARGE", "STORAGE_UNAVAILABLE"],
    },
    claim: {
      summary:
        "Resolves one of our own image addresses, for its owner only, to the key of a checked picture in the store",
      idempotent: true,
      timeoutMs: CHECK_MS,
      params: Type.Object({ image_url: Type.String({ maxLength: 2048 }), user_id: Type.String({ format: "uuid" }) }),
      result: Type.Object({ key: Key, content_type: Type.String() }),
      errors: ["IMAGE_URL_REFUSED", "IMAGE_INVALID", "IMAGE_TOO_LARGE", "STORAGE_UNAVAILABLE"],
    },
    ready: {
      summary: "Whether the database and the picture store answer",
      idempotent: true,
      params: Type.Object({}),
      result: Type.Object({ database: State, images: State }),
    },
  },
});

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof images> {}
}
