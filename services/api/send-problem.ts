import type { IncomingMessage, ServerResponse } from "node:http";
import { hasBody } from "./read-body.ts";
import { describeProblem } from "./problem.ts";

/** How long, and for how many bytes, a client that is still sending its body is listened to after it was refused. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 2 * 1024 * 1024;
/** An unread body of this size is simply let through, and the connection stays: most refusals are small requests without a token. */
const SMALL_BYTES = 64 * 1024;

/**
 * Answers with a problem; an answer that has begun is cut off instead, so that it cannot be taken for a whole one.
 * @returns the status that was sent, undefined when nothing could be sent any more
 */
export function sendProblem(
  req: IncomingMessage,
  res: ServerResponse,
  thrown: unknown,
  requestId: string,
  extra: Record<string, unknown> = {},
): number | undefined {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return undefined;
  }
  const { body, headers } = describeProblem(thrown, requestId);
  const payload = JSON.stringify({ ...body, ...extra });
  for (const name of ["etag", "location", "content-encoding", "content-disposition"]) res.removeHeader(name);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.setHeader("content-length", Buffer.byteLength(payload));
  res.statusCode = body.status;
  if (req.complete || !hasBody(req) || isSmall(req)) res.end(payload);
  else endUnread(req, res, payload);
  return body.status;
}

const isSmall = (req: IncomingMessage): boolean =>
  req.headers.expect === undefined && Number(req.headers["content-length"] ?? Infinity) <= SMALL_BYTES;

/**
 * Answers a request whose body was not read, and ends the connection. Closing it at once would reset it under a client that is
 * still sending, which would then never see the answer: so some more is read and dropped, and the client gets a moment to leave.
 */
function endUnread(req: IncomingMessage, res: ServerResponse, payload: string): void {
  res.setHeader("connection", "close");
  // Nothing is under way from a client that asked first and was not invited.
  if (req.headers.expect !== undefined && req.readableFlowing === null) {
    res.end(payload);
    return;
  }
  res.write(payload);
  let left = LINGER_BYTES;
  const finish = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(finish, LINGER_MS);
  req.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) req.pause();
  });
  req.once("end", finish).once("close", finish).on("error", finish);
  req.resume();
}
