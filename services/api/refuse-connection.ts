import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { catalogue, type ErrorCode, fail } from "../../broker/errors.ts";
import { describeProblem } from "./problem.ts";

/** What Node's parser says, in the catalogue's terms; anything else is simply not HTTP. */
const CODES: Record<string, ErrorCode | undefined> = {
  HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TOO_SLOW",
};
/** The client has said its last word in the middle of a request. */
const CUT_SHORT = "HPE_INVALID_EOF_STATE";

/** Time for the answer to reach a client that is still talking; closing at once would reset the connection under it. */
const LINGER_MS = 1_000;
const refused = new WeakSet<Duplex>();

/**
 * Answers bytes that never became a request, and closes the connection.
 * @param pending the latest answer on this connection; while it is being worked on it goes first, unless the bytes belong to its own
 * request, which then cannot be had
 */
export function refuseConnection(thrown: Error, socket: Duplex, pending: ServerResponse | undefined): void {
  // The parser complains about every further piece of what was refused already.
  if (refused.has(socket)) return;
  refused.add(socket);
  const { code = "" } = thrown as NodeJS.ErrnoException;
  const message = code === CUT_SHORT ? undefined : messageFor(CODES[code] ?? "BAD_REQUEST");
  if (socket.destroyed || /^E(CONNRESET|PIPE)$/.test(code)) socket.destroy();
  else if (!pending || pending.writableFinished) close(socket, message);
  else if (pending.req.complete) pending.once("close", () => close(socket, message));
  else {
    // Destroyed, so that whoever reads the body of the request learns that there is no more.
    socket.once("finish", () => socket.destroy());
    socket.end(pending.headersSent ? "" : (message ?? ""));
  }
}

function close(socket: Duplex, message: string | undefined): void {
  if (!socket.writable) return;
  socket.end(message ?? "");
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function messageFor(code: ErrorCode): string {
  const { body, headers } = describeProblem(fail(code), randomUUID());
  const payload = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${body.status} ${reasonOf(code)}`,
    ...Object.entries(headers).map(([header, value]) => `${header}: ${value}`),
    `content-length: ${Buffer.byteLength(payload)}`,
    `x-request-id: ${body.request_id}`,
    "connection: close",
  ];
  return `${lines.join("\r\n")}\r\n\r\n${payload}`;
}

const reasonOf = (code: ErrorCode): string => {
  const { status } = catalogue[code];
  return status === 431 ? "Request Header Fields Too Large" : status === 408 ? "Request Timeout" : "Bad Request";
};
