import type { IncomingMessage, ServerResponse } from "node:http";
import { fail } from "../../broker/errors.ts";
import { parseJson } from "./parse-json.ts";

export interface BodyLimits {
  /** Largest body in bytes. */
  bytes: number;
  /** Time for the whole body to arrive. */
  timeoutMs: number;
}

/** Whether the request announces a body at all. */
export const hasBody = (req: IncomingMessage): boolean =>
  req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0;

/**
 * Reads a JSON body; no body is `{}`.
 * @throws UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE (before more than the limit is read), REQUEST_TOO_SLOW, and what {@link parseJson} throws
 */
export async function readJsonBody(req: IncomingMessage, res: ServerResponse, limits: BodyLimits): Promise<unknown> {
  if (!hasBody(req)) return {};
  assertJson(req);
  if (Number(req.headers["content-length"] ?? 0) > limits.bytes) throw tooLarge(limits);
  invite(req, res);
  const bytes = await collect(req, limits);
  return bytes.length === 0 ? {} : parseJson(bytes);
}

/** Tells a client that asked first (`Expect: 100-continue`, as curl does with large bodies) to go ahead. */
export function invite(req: IncomingMessage, res: ServerResponse): void {
  if (/^100-continue$/i.test(req.headers.expect ?? "")) res.writeContinue();
}

function assertJson(req: IncomingMessage): void {
  const [type = "", ...parameters] = (req.headers["content-type"] ?? "").split(";").map(part => part.trim());
  const charset = parameters.find(parameter => /^charset=/i.test(parameter));
  if (!/^application\/json$/i.test(type)) throw fail("UNSUPPORTED_MEDIA_TYPE", "Send application/json.");
  if (charset !== undefined && !/^charset="?utf-8"?$/i.test(charset))
    throw fail("UNSUPPORTED_MEDIA_TYPE", "JSON is sent in UTF-8.");
  if (!/^(identity)?$/i.test(req.headers["content-encoding"] ?? ""))
    throw fail("UNSUPPORTED_MEDIA_TYPE", "Compressed bodies are not taken.");
}

const tooLarge = ({ bytes }: BodyLimits) => fail("BODY_TOO_LARGE", `The limit is ${Math.floor(bytes / 1024)} KiB.`);

function collect(req: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.bytes) finish(() => reject(tooLarge(limits)));
      else chunks.push(chunk);
    };
    const onEnd = () => finish(() => resolve(Buffer.concat(chunks)));
    const onGone = () => finish(() => reject(fail("BAD_REQUEST", "The body ended too early.")));
    const timer = setTimeout(() => finish(() => reject(fail("REQUEST_TOO_SLOW"))), limits.timeoutMs);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      req.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      req.pause();
      settle();
    };
    req.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
    // Gone before anybody listened: it will not say so again.
    if (req.destroyed) onGone();
  });
}
