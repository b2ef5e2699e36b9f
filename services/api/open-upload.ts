import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import { type ErrorCode, fail } from "../../broker/errors.ts";
import { hasBody, invite } from "./read-body.ts";

export interface UploadLimits {
  /** Largest upload in bytes: a room on another node cannot slow the sender down, so the gateway bounds what it passes on. */
  bytes: number;
  /** Longest pause between two pieces. */
  idleMs: number;
}

export interface Upload {
  /** The request's bytes. It is not the request itself: whoever destroys this leaves the connection open for an answer. */
  stream: Readable;
  /** Why the bytes did not all come, when it was not the room's decision. */
  fault(): Error | undefined;
  /** Stops reading, whether or not all was read. */
  close(): void;
}

/** Opens the body of a request as a stream for an action. @throws BODY_TOO_LARGE when it announces to be */
export function openUpload(req: IncomingMessage, res: ServerResponse, limits: UploadLimits): Upload {
  const announced = Number(req.headers["content-length"] ?? 0);
  if (announced > limits.bytes) throw fail("BODY_TOO_LARGE");
  const stream = new PassThrough();
  // Whoever reads it learns of errors from its own listener; an action that refuses at once has none.
  stream.on("error", () => undefined);
  let fault: Error | undefined;
  let size = 0;
  const give = (code: ErrorCode, detail?: string) => {
    fault ??= fail(code, detail);
    stream.destroy(fault);
  };
  const idle = setTimeout(() => give("REQUEST_TOO_SLOW"), limits.idleMs);
  const onData = (chunk: Buffer) => {
    idle.refresh();
    size += chunk.length;
    if (size > limits.bytes) give("BODY_TOO_LARGE");
    else if (!stream.write(chunk)) req.pause();
  };
  const onEnd = () => stream.end();
  // A request that came whole closes too, often before its bytes are read.
  const onGone = () => {
    if (!req.complete) give("BAD_REQUEST", "The body ended too early.");
  };
  const onDrain = () => {
    idle.refresh();
    req.resume();
  };
  stream.on("drain", onDrain);
  stream.once("close", () => {
    clearTimeout(idle);
    req.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
    req.pause();
  });
  req.on("data", onData).once("end", onEnd).on("error", onGone).on("close", onGone);
  // Gone before anybody listened: it will not say so again.
  if (req.destroyed) onGone();
  if (hasBody(req)) invite(req, res);
  return { stream, fault: () => fault, close: () => stream.destroy() };
}
