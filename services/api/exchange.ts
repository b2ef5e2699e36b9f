import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "moleculer";
import type { Log } from "../../broker/logger.ts";
import type { Caller, Meta } from "../../broker/service.ts";
import type { PlannedRoute } from "./plan-routes.ts";
import type { RequestTarget } from "./read-url.ts";

/** What the gateway knows of a request while it is answered. */
export interface Exchange {
  requestId: string;
  startedAtMs: number;
  target: RequestTarget;
  route?: PlannedRoute;
  /** What the path names, decoded. */
  params: Record<string, string>;
  caller?: Caller;
  /** It counts against the rate limits. */
  counts: boolean;
}

/** A request with what moleculer-web and the gateway put on it. */
export interface GatewayRequest extends IncomingMessage {
  exchange: Exchange;
  /** Missing until moleculer-web has routed the request. */
  $ctx?: Context<unknown, Meta>;
}

const SANE_ID = /^[\w.:-]{8,64}$/;

/** Begins an exchange; a request id from outside is taken over when it looks like one. */
export function beginExchange(req: IncomingMessage): Exchange {
  const given = req.headers["x-request-id"];
  const requestId = typeof given === "string" && SANE_ID.test(given) ? given : randomUUID();
  return { requestId, startedAtMs: performance.now(), target: { path: "/", query: [] }, params: {}, counts: false };
}

/** One line a request; never its query, cookies or tokens. Probes are only worth a line when something is wrong. */
export function logExchange(logger: Log, req: GatewayRequest, res: ServerResponse): void {
  const { requestId, startedAtMs, target, caller, route } = req.exchange;
  const ms = Math.round(performance.now() - startedAtMs);
  const status = res.headersSent ? res.statusCode : "gone";
  const isProbe = ["health", "ready"].includes(route?.operation?.serves ?? "");
  const facts = { requestId, status, ms, ...(caller ? { userId: caller.userId } : {}) };
  logger[isProbe && status === 200 ? "debug" : "info"](facts, `${req.method ?? ""} ${target.path} ${status} ${ms} ms`);
}
