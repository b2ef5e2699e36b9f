import type { IncomingMessage } from "node:http";
import type { Meta } from "../../broker/service.ts";

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;
const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;
const FORWARDED = ["x-forwarded-for", "x-forwarded-host", "forwarded", "x-real-ip"];
const ANY_ADDRESS = ["0.0.0.0", "::"];

/**
 * Address of the gateway: `publicUrl` where it is given, else where it listens.
 * @returns without a slash at the end
 */
export function addressOf(publicUrl: string | undefined, host: string, port: number): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, "");
  const name = ANY_ADDRESS.includes(host) ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/**
 * The address that this very request came to. Of the Host header nothing is believed but a name of this machine, and that only
 * without a public address: cookies set for `localhost` are not sent to `127.0.0.1`, so people must be kept where they are.
 */
export function addressIn(req: IncomingMessage, publicUrl: string | undefined, address: string): string {
  const here = `http://${req.headers.host ?? ""}`;
  const isLocal = publicUrl === undefined && LOOPBACK_HOST.test(req.headers.host ?? "");
  return isLocal && URL.canParse(here) ? here : address;
}

/** What rooms learn of a request. @param baseUrl see {@link addressIn} */
export function describeRequest(req: IncomingMessage, baseUrl: string): NonNullable<Meta["http"]> {
  const isForwarded = FORWARDED.some(header => req.headers[header] !== undefined);
  const isNear = LOOPBACK_ADDRESS.test(req.socket.remoteAddress ?? "");
  const loopback = isNear && !isForwarded && LOOPBACK_HOST.test(req.headers.host ?? "");
  return { origin: req.headers.origin, baseUrl, loopback };
}
