import type { IncomingMessage, ServerResponse } from "node:http";
import { fail } from "../../broker/errors.ts";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS =
  "Content-Type, Authorization, X-Frontend-Origin, X-Idempotency-Key, X-Request-Id, Last-Event-ID, Cache-Control";
const RESPONSE_HEADERS = "X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Location, ETag";
/** How long a browser may remember the answer to a preflight. */
const PREFLIGHT_S = 600;

/**
 * Writes the CORS headers for an origin that is allowed.
 * Requests that change something are refused when the browser says they come from another site and no allowed origin stands for them;
 * requests without any such header (scripts, other servers) are not from a browser's page, so there is nothing to forge.
 * @returns true when the request was a preflight and has been answered
 * @throws ORIGIN_NOT_ALLOWED
 */
export function applyCors(req: IncomingMessage, res: ServerResponse, isAllowed: (origin: string) => boolean): boolean {
  res.setHeader("vary", "Origin");
  const { origin } = req.headers;
  if (origin === undefined) {
    const safe = ["GET", "HEAD", "OPTIONS"].includes(req.method ?? "");
    if (!safe && req.headers["sec-fetch-site"] === "cross-site") throw fail("ORIGIN_NOT_ALLOWED");
    return false;
  }
  if (!isAllowed(origin)) throw fail("ORIGIN_NOT_ALLOWED");
  res.setHeader("access-control-allow-origin", origin);
  res.setHeader("access-control-allow-credentials", "true");
  res.setHeader("access-control-expose-headers", RESPONSE_HEADERS);
  if (req.method !== "OPTIONS" || req.headers["access-control-request-method"] === undefined) return false;
  res.setHeader("access-control-allow-methods", METHODS);
  res.setHeader("access-control-allow-headers", REQUEST_HEADERS);
  res.setHeader("access-control-max-age", String(PREFLIGHT_S));
  res.writeHead(204).end();
  return true;
}
