import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
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

/**
 * Whom a request counts for. Of X-Forwarded-For only what the trusted proxies in front wrote is believed, which is its end: whatever
 * a client sends stands before it. An IPv6 network of a household (/64) is one address; IPv4 written as IPv6 is IPv4.
 * @param trustedHops proxies in front of this process
 */
export function clientAddress(req: IncomingMessage, trustedHops: number): string {
  const peer = req.socket.remoteAddress ?? "";
  const forwarded = [req.headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
  const told = trustedHops === 0 ? undefined : forwarded.at(-trustedHops)?.trim();
  const address = told !== undefined && isIP(told) !== 0 ? told : peer;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return isIP(address) === 6 ? networkOf(address) : address;
}

/** The first 64 bits of an IPv6 address. */
function networkOf(address: string): string {
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: gap }, () => "0"), ...right];
  return `${groups
    .slice(0, 4)
    .map(group => parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
