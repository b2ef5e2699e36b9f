import { randomBytes, randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { env } from "../../broker/env.ts";
import { codeOf, fail } from "../../broker/errors.ts";
import { type Meta, service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import { keptSecret } from "../../mixins/kept-secret.ts";
import { objects } from "../../mixins/objects/objects.mixin.ts";
import { isSignature, signRead, signUpload } from "../../mixins/objects/sign-address.ts";
import { schedule } from "../../mixins/schedule.mixin.ts";
import { acceptUpload } from "./accept-upload.ts";
import { admitUpload, type Rooms } from "./admit-upload.ts";
import { assertAnnounced, chooseType } from "./choose-type.ts";
import { images } from "./images.contract.ts";
import { findUpload, reserve, type Upload } from "./images.store.ts";
import { UPLOAD_LIMITS } from "./receive-upload.ts";
import { type Places, readUrl, resolveImageUrl, uploadUrl } from "./resolve-image-url.ts";
import { sweepUploads } from "./sweep-uploads.ts";

const PRESIGN_S = 900;
const HOUR_MS = 3_600_000;
const DAY_S = 86_400;
/** Less than the gateway waits for the answer. */
const READY_MS = 1_500;

export default service(images)({
  mixins: [database("images", { tables: ["uploads"] }), objects(), schedule()],

  methods: {
    rooms(): Rooms {
      return { db: this.db(), store: this.objectStore() };
    },

    /** The upload behind a read address, once its bytes are checked. What fails the check is not there for a reader. */
    async readable(key: string): Promise<Upload> {
      const upload = await findUpload(this.db(), key);
      if (!upload) throw fail("IMAGE_NOT_FOUND");
      try {
        const admitted = await admitUpload(this.rooms(), upload);
        if (admitted) return admitted;
      } catch (thrown) {
        const code = codeOf(thrown);
        if (code !== "IMAGE_INVALID" && code !== "IMAGE_TOO_LARGE") throw thrown;
      }
      throw fail("IMAGE_NOT_FOUND");
    },
  },

  actions: {
    async presign(ctx) {
      const { channel, filename, content_type: announced, uploader_id: named, metadata = {} } = ctx.params;
      const uploaderId = ctx.user.userId;
      if (named !== undefined && named !== uploaderId)
        throw fail("UPLOAD_NOT_FOUND", "uploader_id is not the one who is signed in.");
      const { extension, declaredType, contentType } = chooseType(filename, announced);
      const key = `${channel}/${randomUUID().replaceAll("-", "")}.${extension}`;
      const uploadUntil = new Date(Date.now() + PRESIGN_S * 1000);
      const { intake } = this.objectStore();
      const places = placesFor(ctx.meta);
      const address =
        intake.by === "browser"
          ? await intake.presignPut(key, declaredType, PRESIGN_S)
          : uploadUrl(places, key, Math.ceil(uploadUntil.getTime() / 1000));
      await reserve(this.db(), { key, channel, uploaderId, declaredType, contentType, metadata, uploadUntil });
      return {
        key,
        upload_url: address,
        cdn_url: readUrl(places, key),
        expires_in: PRESIGN_S,
        required_headers: { "Content-Type": declaredType },
      };
    },

    async upload(ctx) {
      const stream = ctx.stream as Readable | null;
      // Until somebody reads it, a client that hangs up must not be the end of the process.
      stream?.on("error", () => undefined);
      const { channel, name, expires, signature, content_type: sent, content_length: announced = 0 } = ctx.params;
      const key = `${channel}/${name}`;
      const { intake } = this.objectStore();
      try {
        const expected = signUpload(signingSecret(), key, expires);
        if (!isSignature(signature, expected) || expires * 1000 < Date.now()) throw fail("SIGNATURE_INVALID");
        const reservation = await findUpload(this.db(), key);
        if (!reservation || intake.by !== "house") throw fail("SIGNATURE_INVALID");
        if (reservation.state !== "reserved") throw fail("UPLOAD_EXISTS");
        const { declared_type: declaredType, content_type: contentType } = reservation;
        assertAnnounced(sent, { declaredType, contentType });
        if (announced > UPLOAD_LIMITS.maxBytes) throw fail("IMAGE_TOO_LARGE");
        if (!stream) throw fail("IMAGE_INVALID", "The file is empty.");
        const { scratchDir } = intake;
        const etag = await acceptUpload(this.rooms(), reservation, stream, { scratchDir, limits: UPLOAD_LIMITS });
        ctx.meta.$responseHeaders = { ETag: `"${etag}"` };
        return { key, etag };
      } finally {
        stream?.destroy();
      }
    },

    async read(ctx) {
      const { channel, name, signature, if_none_match: known } = ctx.params;
      const key = `${channel}/${name}`;
      if (!isSignature(signature, signRead(signingSecret(), key))) throw fail("IMAGE_NOT_FOUND");
      const upload = await this.readable(key);
      const ageS = (Date.now() - upload.created_at.getTime()) / 1000;
      const maxAgeS = Math.max(0, Math.floor(env.IMAGE_TTL_DAYS * DAY_S - ageS));
      const etag = `"${upload.etag ?? ""}"`;
      ctx.meta.$responseHeaders = {
        ETag: etag,
        // Private: a person's photo has no place in shared caches. It never changes, and is gone after its time.
        "Cache-Control": `private, max-age=${maxAgeS}, immutable`,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        // The app shows it from another origin.
        "Cross-Origin-Resource-Policy": "cross-origin",
      };
      if (known?.split(/\s*,\s*/).some(tag => tag === etag || tag === `W/${etag}`)) {
        ctx.meta.$statusCode = 304;
        return null;
      }
      const found = await this.objectStore().get(key);
      if (!found) throw fail("IMAGE_NOT_FOUND");
      ctx.meta.$responseType = upload.content_type;
      ctx.meta.$responseHeaders["Content-Length"] = String(found.sizeBytes);
      return found.body;
    },

    async callback(ctx) {
      const { channel, key } = ctx.params;
      const upload = await findUpload(this.db(), key);
      if (!upload || upload.uploader_id !== ctx.user.userId) throw fail("UPLOAD_NOT_FOUND");
      if (upload.channel !== channel) throw fail("CHANNEL_MISMATCH");
      const stored = await admitUpload(this.rooms(), upload);
      if (!stored) throw fail("UPLOAD_NOT_FOUND", "Nothing has been uploaded to this key yet.");
      return {
        key,
        channel,
        cdn_url: readUrl(placesFor(ctx.meta), key),
        uploader_id: stored.uploader_id,
        metadata: stored.metadata,
        etag: stored.etag ?? "",
        content_type: stored.content_type,
      };
    },

    async claim(ctx) {
      const { image_url: text, user_id: userId } = ctx.params;
      const key = resolveImageUrl(text, placesFor(ctx.meta));
      const upload = key === undefined ? undefined : await findUpload(this.db(), key);
      // One answer for all of these, or it would tell whether somebody else's picture exists.
      if (upload?.uploader_id !== userId.toLowerCase()) throw fail("IMAGE_URL_REFUSED");
      const stored = await admitUpload(this.rooms(), upload);
      if (!stored) throw fail("IMAGE_INVALID", "Nothing has been uploaded to this address yet.");
      return { key: stored.key, content_type: stored.content_type };
    },

    async ready() {
      const signal = AbortSignal.timeout(READY_MS);
      const [database, images] = await Promise.all([
        stateOf(this.db().ping(signal)),
        stateOf(this.objectStore().ping(signal)),
      ]);
      return { database, images };
    },
  },

  async started() {
    // Made at the start and not at the first request: a folder that cannot be written is found out now.
    signingSecret();
    this.every(HOUR_MS, "remove old images", () => sweepUploads(this.rooms(), env.IMAGE_TTL_DAYS));
  },
});

let madeSecret: string | undefined;
const signingSecret = (): string =>
  env.IMAGE_SIGNING_SECRET ??
  (madeSecret ??= keptSecret("image-signing.secret", () => randomBytes(32).toString("base64url")));

/** Where addresses point to: the one that the gateway is reached at in this request, then the configured one. */
function placesFor({ http }: Meta): Places {
  const host = env.HOST.includes(":") ? `[${env.HOST}]` : env.HOST;
  const own = bare(env.PUBLIC_URL ?? `http://${host}:${env.PORT}`);
  const bases: Places["bases"] = http === undefined ? [own] : [bare(http.baseUrl), own];
  const cdnBase = env.S3_BUCKET === undefined || env.CDN_URL === undefined ? undefined : bare(env.CDN_URL);
  return { bases, cdnBase, secret: signingSecret() };
}

const stateOf = (answer: Promise<void>): Promise<"ok" | "down"> =>
  answer.then(
    () => "ok",
    () => "down",
  );

const bare = (base: string): string => base.replace(/\/+$/, "");
