import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { jest } from "@jest/globals";
import type { CallingOptions } from "moleculer";
import type { Actions } from "../../broker/contract.ts";
import type { Meta } from "../../broker/service.ts";
import type { Database } from "../../mixins/database/database.ts";
import type { Rooms } from "../../services/images/admit-upload.ts";
import type { TestDatabase } from "../servers/databases.ts";
import type { S3Server } from "../servers/s3.server.ts";

type Action = Extract<keyof Actions, `images.${string}`>;
interface Asked<K extends Action> {
  result: Actions[K]["result"];
  meta: Meta;
}
export interface Person {
  userId: string;
}
export interface ImagesRoom {
  db: Database;
  /** Calls an action the way the gateway does. */
  ask<K extends Action>(
    action: K,
    params: Actions[K]["params"],
    as?: { user?: Person; stream?: Readable; meta?: Meta },
  ): Promise<Asked<K>>;
  /** Asks for an address to PUT to. */
  presign(
    user: Person,
    params?: Partial<Actions["images.presign"]["params"]>,
  ): Promise<Actions["images.presign"]["result"]>;
  /** What a browser does with an upload address, at the gateway's side. */
  put(
    address: string,
    body: Buffer | Readable,
    headers?: { type?: string; length?: number },
  ): Promise<Asked<"images.upload">>;
  /** What a browser does with a read address. */
  get(address: string, ifNoneMatch?: string): Promise<{ bytes: Buffer; meta: Meta }>;
  claim(user: Person, imageUrl: string): Promise<Actions["images.claim"]["result"]>;
  /** Runs the housekeeping once. @returns how many uploads it removed */
  sweep(ttlDays?: number): Promise<number>;
  /** Every file below the picture folder, unfinished ones too. */
  files(): string[];
  stop(): Promise<void>;
}

export const BASE = "http://127.0.0.1:3000";
const HTTP = { origin: undefined, baseUrl: BASE, loopback: true };
export const newPerson = (): Person => ({ userId: randomUUID() });

interface Setting {
  s3?: S3Server;
  cdnUrl?: string;
}

/** The images room alone, on a database of its own. Modules are loaded afresh, since a process reads its settings once. */
export async function openImagesRoom(database: TestDatabase, setting: Setting = {}): Promise<ImagesRoom> {
  jest.resetModules();
  setEnvironment(database, setting);
  const { openDatabase } = await import("../../mixins/database/database.ts");
  const { migrate } = await import("../../mixins/database/migrate.ts");
  const { ServiceBroker } = await import("moleculer");
  const { SchemaValidator } = await import("../../broker/validator.ts");
  const { default: images } = await import("../../services/images/images.service.ts");
  const { sweepUploads } = await import("../../services/images/sweep-uploads.ts");
  const db = await openDatabase(database.options);
  await migrate(db, { logger: { info: () => undefined } });
  const broker = new ServiceBroker({ logger: false, validator: new SchemaValidator({}), contextParamsCloning: true });
  const service = broker.createService(images);
  await broker.start();
  const folder = join(database.options.dataDir, "images");

  const ask: ImagesRoom["ask"] = async (action, params, { user, stream, meta } = {}) => {
    const caller = user && { caller: { ...user, sessionId: "s", provider: "kakao" } };
    const options = { meta: { http: HTTP, ...caller, ...meta }, stream } as CallingOptions;
    const call = broker.call(action, params as Record<string, unknown>, options) as Promise<never> & {
      ctx: { meta: Meta };
    };
    return { result: await call, meta: call.ctx.meta };
  };

  return {
    db,
    ask,
    presign: async (user, params = {}) =>
      (
        await ask(
          "images.presign",
          { channel: "scan", filename: "photo.jpg", content_type: "image/jpeg", ...params },
          { user },
        )
      ).result,
    put(address, body, { type, length } = {}) {
      const { channel, name, query } = partsOf(address);
      const params = {
        channel,
        name,
        expires: Number(query.get("expires")),
        signature: query.get("signature") ?? "",
        content_type: type ?? "image/jpeg",
        ...(length === undefined ? {} : { content_length: length }),
      };
      return ask("images.upload", params, { stream: Buffer.isBuffer(body) ? Readable.from([body]) : body });
    },
    async get(address, ifNoneMatch) {
      const { channel, name, query } = partsOf(address);
      const known = ifNoneMatch === undefined ? {} : { if_none_match: ifNoneMatch };
      const { result, meta } = await ask("images.read", {
        channel,
        name,
        signature: query.get("signature") ?? "",
        ...known,
      });
      return { bytes: result === null ? Buffer.alloc(0) : await buffer(result as Readable), meta };
    },
    claim: async (user, imageUrl) => (await ask("images.claim", { image_url: imageUrl, user_id: user.userId })).result,
    sweep: (ttlDays = 30) => sweepUploads((service as unknown as { rooms(): Rooms }).rooms(), ttlDays),
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(each => each.isFile())
        .map(each => each.name),
    async stop() {
      await broker.stop();
      await db.close();
    },
  };
}

function setEnvironment({ options }: TestDatabase, { s3, cdnUrl }: Setting): void {
  const settings: Record<string, string | undefined> = {
    LOG_LEVEL: "silent",
    DATA_DIR: options.dataDir,
    DATABASE_URL: options.databaseUrl,
    S3_BUCKET: s3?.bucket,
    S3_ENDPOINT: s3?.endpoint,
    S3_ACCESS_KEY_ID: s3?.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3?.secretAccessKey,
    CDN_URL: cdnUrl,
  };
  // An empty value counts as unset.
  for (const [name, value] of Object.entries(settings)) process.env[name] = value ?? "";
}

function partsOf(address: string) {
  const url = new URL(address);
  const [name = "", channel = ""] = url.pathname.split("/").reverse();
  return { channel: channel as "scan", name, query: url.searchParams };
}

/** The code and the detail of what a call was refused with. */
export async function refusal(work: Promise<unknown>): Promise<{ code: string; detail: string | undefined }> {
  try {
    await work;
  } catch (thrown) {
    const { type, data } = thrown as { type?: string; data?: { detail?: string } };
    if (type === undefined) throw thrown;
    return { code: type, detail: data?.detail };
  }
  return { code: "none", detail: undefined };
}
