import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Meta } from "../../broker/service.ts";

/** Writes what an action asked for in `ctx.meta`. An error answer keeps its own content. */
export function writeMetaHeaders(res: ServerResponse, meta: Meta, isError: boolean): void {
  for (const [name, value] of Object.entries(meta.$responseHeaders ?? {}))
    if (!isError || !/^(content-|etag$|cache-control$)/i.test(name)) res.setHeader(name, value);
  if (isError) return;
  if (meta.$location !== undefined) res.setHeader("location", meta.$location);
  if (meta.$responseType !== undefined) res.setHeader("content-type", meta.$responseType);
}

/**
 * Writes the answer of an action: bytes and text as they are when the action named their type, everything else as JSON.
 * @param status what the contract promises; `$statusCode` in `meta` wins
 */
export async function sendResult(
  req: IncomingMessage,
  res: ServerResponse,
  data: unknown,
  meta: Meta,
  status: number,
): Promise<void> {
  writeMetaHeaders(res, meta, false);
  res.statusCode = meta.$statusCode ?? status;
  if (isUnchanged(req, res)) res.statusCode = 304;
  if (data instanceof Readable) return sendStream(req, res, data);
  if ([204, 304].includes(res.statusCode) || (res.statusCode >= 300 && data == null)) {
    res.removeHeader("content-type");
    res.end();
    return;
  }
  const bytes = bytesOf(data);
  if (bytes !== undefined) {
    setDefault(res, "content-type", "application/octet-stream");
    res.setHeader("content-length", bytes.length);
    res.end(bytes);
    return;
  }
  const isText = typeof data === "string" && meta.$responseType !== undefined;
  const text = isText ? data : JSON.stringify(data ?? null);
  setDefault(res, "content-type", "application/json; charset=utf-8");
  // Answers differ by who asks, so nobody in between may keep one that did not say it may be kept.
  setDefault(res, "cache-control", "no-store");
  res.setHeader("content-length", Buffer.byteLength(text));
  res.end(text);
}

async function sendStream(req: IncomingMessage, res: ServerResponse, data: Readable): Promise<void> {
  setDefault(res, "content-type", "application/octet-stream");
  if (req.method === "HEAD" || res.statusCode === 304) {
    data.destroy();
    res.end();
    return;
  }
  await untilFlowing(data);
  // Either side's failure ends both: a cut answer must look cut, and nobody goes on reading for a client that left.
  await pipeline(data, res);
}

/** A source that fails before its first byte can still be answered with an error. */
async function untilFlowing(data: Readable): Promise<void> {
  if (data.readableLength > 0 || data.readableEnded) return;
  const settled = new AbortController();
  const options = { signal: settled.signal };
  const events = ["readable", "end", "close"].map(name => once(data, name, options));
  try {
    await Promise.race(events);
  } finally {
    settled.abort();
    await Promise.allSettled(events);
  }
}

function setDefault(res: ServerResponse, name: string, value: string): void {
  if (!res.hasHeader(name)) res.setHeader(name, value);
}

/** A Buffer that went through a transporter without binary support comes back as `{ type: "Buffer", data }`. */
function bytesOf(data: unknown): Buffer | undefined {
  if (data instanceof Uint8Array) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const { type, data: numbers } = (data ?? {}) as { type?: unknown; data?: unknown };
  return type === "Buffer" && Array.isArray(numbers) ? Buffer.from(numbers as number[]) : undefined;
}

function isUnchanged(req: IncomingMessage, res: ServerResponse): boolean {
  const etag = res.getHeader("etag");
  const known = req.headers["if-none-match"];
  if (typeof etag !== "string" || known === undefined || res.statusCode !== 200) return false;
  if (req.method !== "GET" && req.method !== "HEAD") return false;
  return known.trim() === "*" || known.split(",").some(tag => bare(tag) === bare(etag));
}

const bare = (tag: string): string => tag.trim().replace(/^W\//, "");
