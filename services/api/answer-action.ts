import type { ServerResponse } from "node:http";
import type { Context } from "moleculer";
import { fail } from "../../broker/errors.ts";
import type { ActionContract } from "../../broker/contract.ts";
import type { Log } from "../../broker/logger.ts";
import type { Meta } from "../../broker/service.ts";
import type { ProgressLog } from "../../mixins/progress/progress.ts";
import type { GatewaySettings } from "./api.settings.ts";
import { EventStream, type StreamSource } from "./event-stream.ts";
import type { GatewayRequest } from "./exchange.ts";
import { findCaller, type Verify } from "./find-caller.ts";
import { openUpload } from "./open-upload.ts";
import type { PlannedRoute } from "./plan-routes.ts";
import { readJsonBody } from "./read-body.ts";
import type { RevocationList } from "./revocation-list.ts";
import { type LimitName, LIMITS } from "./limits.ts";
import type { RateLimits } from "./rate-limits.ts";
import { sendResult } from "./send-result.ts";

export type ActionRoute = Extract<PlannedRoute, { action: string }>;

export interface ActionTools {
  settings: GatewaySettings;
  verify: Verify;
  revocations: RevocationList;
  progress: Pick<ProgressLog, "follow">;
  /** Open event streams of this process. */
  streams: Set<EventStream>;
  /** True once the gateway refuses connections. */
  /** How many each person has. */
  streamsOf: Map<string, number>;
  limits: RateLimits;
  isClosing: () => boolean;
  logger: Log;
}

type Params = Record<string, unknown>;

/** Answers a request with what a room's action says: who asks comes first, then the body, then the parameters, then the call. */
export async function answerAction(
  route: ActionRoute,
  ctx: Context<unknown, Meta>,
  req: GatewayRequest,
  res: ServerResponse,
  tools: ActionTools,
): Promise<void> {
  const { contract } = route;
  const { exchange, headers } = req;
  const caller = await findCaller(headers, contract.auth === "public", tools.verify, tools.revocations);
  if (caller) {
    exchange.caller = caller;
    ctx.meta.caller = caller;
    if (exchange.counts) await tools.limits.take(res, personLimits(contract), caller.userId);
  }
  const body = route.params.takesBody ? await readJsonBody(req, res, tools.settings.body) : undefined;
  const params = route.params.read({ path: exchange.params, query: exchange.target.query, headers, body });
  const isUpload = contract.kind === "raw" && route.method !== "GET" && route.method !== "DELETE";
  const data = isUpload
    ? await callWithUpload(route, ctx, req, res, params, tools)
    : await ctx.call(route.action, params);
  if (contract.kind === "stream") {
    const reread = () => ctx.call<StreamSource, Params>(route.action, params);
    return openStream(req, res, data as StreamSource, reread, tools);
  }
  // A picture is shown by pages of other origins; everything else is for scripts that CORS has let in.
  if (contract.kind === "raw" && !isUpload) res.setHeader("cross-origin-resource-policy", "cross-origin");
  await sendResult(req, res, data, ctx.meta, contract.status ?? 200);
}

const personLimits = ({ limit }: ActionContract): LimitName[] =>
  limit !== undefined && LIMITS[limit].of === "person" ? ["person", limit] : ["person"];

async function callWithUpload(
  route: ActionRoute,
  ctx: Context<unknown, Meta>,
  req: GatewayRequest,
  res: ServerResponse,
  params: Params,
  { settings }: ActionTools,
): Promise<unknown> {
  const upload = openUpload(req, res, settings.upload);
  try {
    return await ctx.call(route.action, params, { stream: upload.stream });
  } catch (thrown) {
    // The room saw its stream break; why it broke is known here.
    throw upload.fault() ?? thrown;
  } finally {
    upload.close();
    // What was not read makes this the last answer on the connection.
    if (!req.complete) res.shouldKeepAlive = false;
  }
}

async function openStream(
  req: GatewayRequest,
  res: ServerResponse,
  source: StreamSource,
  reread: () => Promise<StreamSource>,
  { settings, progress, streams, streamsOf, isClosing, logger }: ActionTools,
): Promise<void> {
  if (req.method === "HEAD") {
    res.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" }).end();
    return;
  }
  if (streams.size >= settings.maxStreams) throw fail("SERVICE_UNAVAILABLE", "Too many streams are open.");
  const { requestId, caller } = req.exchange;
  const open = caller === undefined ? 0 : (streamsOf.get(caller.userId) ?? 0);
  if (open >= settings.maxStreamsOfPerson) throw fail("TOO_MANY_STREAMS", undefined, { retryAfterS: 5 });
  const lastEventId = req.headers["last-event-id"];
  const stream = new EventStream(res, {
    ...settings.stream,
    progress,
    source,
    lastEventId: Array.isArray(lastEventId) ? lastEventId[0] : lastEventId,
    reread,
    onTrouble: thrown => logger.warn({ requestId, err: thrown }, "A progress stream goes on without news"),
  });
  streams.add(stream);
  if (caller) streamsOf.set(caller.userId, open + 1);
  res.once("close", () => {
    streams.delete(stream);
    if (caller) countDown(streamsOf, caller.userId);
  });
  await stream.open();
  // With what it has seen so far, the client goes on at another process.
  if (isClosing()) stream.end();
}

function countDown(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
