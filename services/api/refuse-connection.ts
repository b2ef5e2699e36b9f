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

/** Time for the answer to reach a client that is still talking; closing at once would reset the connection under it. */
const LINGER_MS = 1_000;
const refused = new WeakSet<Duplex>();

/**
 * Answers bytes that never became a request, and closes the connection.
 * @param pending the answer to an earlier request on this connection that is still being written; it goes first
 */
export function refuseConnection(thrown: Error, socket: Duplex, pending: ServerResponse | undefined): void {
  // The parser complains about every further piece of what was refused already.
  if (refused.has(socket)) return;
  refused.add(socket);
  const { code } = thrown as NodeJS.ErrnoException;
  const name = CODES[code ?? ""] ?? "BAD_REQUEST";
  const isBusy = pending !== undefined && !pending.writableFinished;
  // A request that took too long is the very one whose answer is pending: that answer will not come.
  if (code === "ECONNRESET" || !socket.writable || (isBusy && name === "REQUEST_TOO_SLOW")) socket.destroy();
  else if (isBusy) pending.once("close", () => answer(name, socket));
  else answer(name, socket);
}

function answer(name: ErrorCode, socket: Duplex): void {
  if (!socket.writable) return;
  const { body, headers } = describeProblem(fail(name), randomUUID());
  const payload = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${body.status} ${reasonOf(name)}`,
    ...Object.entries(headers).map(([header, value]) => `${header}: ${value}`),
    `content-length: ${Buffer.byteLength(payload)}`,
    `x-request-id: ${body.request_id}`,
    "connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${payload}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const reasonOf = (code: ErrorCode): string => {
  const { status } = catalogue[code];
  return status === 431 ? "Request Header Fields Too Large" : status === 408 ? "Request Timeout" : "Bad Request";
};
