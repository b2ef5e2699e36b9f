import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServiceBroker } from "moleculer";
import type { Contract } from "../../broker/contract.ts";
import { codeOf, fail, familyOf } from "../../broker/errors.ts";
import type { Log } from "../../broker/logger.ts";
import type { Meta } from "../../broker/service.ts";
import { announceHouse } from "../../mixins/house-file.ts";
import type { ProgressLog } from "../../mixins/progress/progress.ts";
import { houseRedis } from "../../mixins/redis/house-redis.ts";
import { tokenVerifier } from "../../mixins/tokens/verify-token.ts";
import { type ActionTools, answerAction } from "./answer-action.ts";
import { operations } from "./api.contract.ts";
import type { GatewaySettings } from "./api.settings.ts";
import { applyCors } from "./apply-cors.ts";
import { Connections } from "./connections.ts";
import { beginExchange, type GatewayRequest, logExchange } from "./exchange.ts";
import { type LimitName, LIMITS } from "./limits.ts";
import { type PlannedRoute, routeFinder, type RouteMatch } from "./plan-routes.ts";
import { readUrl } from "./read-url.ts";
import { refuseConnection } from "./refuse-connection.ts";
import { RateLimits } from "./rate-limits.ts";
import { addressIn, addressOf, clientAddress, describeRequest } from "./request-origin.ts";
import { type RevocationList, revocationList } from "./revocation-list.ts";
import { securityHeaders } from "./security-headers.ts";
import { sendProblem } from "./send-problem.ts";
import { writeMetaHeaders } from "./send-result.ts";
import { type ServeOperation, serveOperations } from "./serve-operations.ts";

export interface GateOptions {
  broker: ServiceBroker;
  logger: Log;
  contracts: readonly Contract[];
  routes: readonly PlannedRoute[];
  settings: GatewaySettings;
  progress: Pick<ProgressLog, "follow">;
}

/** Passes a request on to moleculer-web's routing with what rooms may know of it. */
type Rest = (requestId: string, meta: Meta) => Promise<unknown> | undefined;

/** The way of a request through the gateway: request id, security headers, CORS, routing, who asks, body, parameters, call, answer. */
export class Gate {
  readonly #options: GateOptions;
  readonly #find: (path: string) => RouteMatch[];
  readonly #connections = new Connections();
  readonly #revocations: RevocationList;
  readonly #tools: ActionTools;
  readonly #serve: ServeOperation;
  readonly #writeSecurityHeaders: ReturnType<typeof securityHeaders>;
  #address = "";
  #withdraw: (() => void) | undefined;
  #refreshing: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    const { broker, logger, contracts, routes, settings, progress } = options;
    this.#options = options;
    this.#find = routeFinder(routes);
    this.#writeSecurityHeaders = securityHeaders(settings.publicUrl?.startsWith("https://") ?? false);
    this.#revocations = revocationList(() => broker.call("auth.revocations", {}), logger);
    const verify = tokenVerifier({ jwks: () => broker.call("auth.jwks", {}) });
    const isClosing = () => this.#connections.isClosing;
    const streams: ActionTools["streams"] = new Set();
    const streamsOf: ActionTools["streamsOf"] = new Map();
    const limits = new RateLimits({ percent: settings.rateLimitPercent, redis: houseRedis });
    const revocations = this.#revocations;
    this.#tools = { settings, verify, revocations, progress, streams, streamsOf, limits, isClosing, logger };
    const isDraining = () => this.#connections.isDraining;
    const openStreams = () => streams.size;
    this.#serve = serveOperations({ broker, contracts, operations, settings, isDraining, openStreams });
  }

  createServer(onRequest: (req: GatewayRequest, res: ServerResponse) => void): Server {
    const { headerBytes, headersTimeoutMs, requestTimeoutMs, timeoutCheckMs } = this.#options.settings;
    const server = createServer({
      maxHeaderSize: headerBytes,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: timeoutCheckMs,
      // Longer than load balancers keep theirs, so that it is never we who close one that they are about to use.
      keepAliveTimeout: 65_000,
      // A missing Host is answered by us, in the same form as every other fault.
      requireHostHeader: false,
    });
    // Nothing is ever silent for that long: streams send keepalives.
    server.setTimeout(120_000, socket => socket.destroy());
    const handle = onRequest as (req: unknown, res: ServerResponse) => void;
    // With a listener of its own, a client that asks before it sends its body is answered before it does.
    server.on("request", handle).on("checkContinue", handle).on("checkExpectation", handle);
    server.on("clientError", (thrown, socket) => {
      this.#options.logger.debug({ err: thrown }, "A connection was refused");
      refuseConnection(thrown, socket, this.#connections.latestOn(socket));
    });
    this.#connections.watch(server);
    return server;
  }

  async start(server: Server): Promise<void> {
    const { host, port, reusePort, publicUrl, revocationsMs } = this.#options.settings;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port, host, reusePort }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    const { port: realPort } = server.address() as AddressInfo;
    this.#address = addressOf(publicUrl, host, realPort);
    this.#announce(addressOf(undefined, host, realPort));
    this.#refreshing = setInterval(() => void this.#revocations.refresh(), revocationsMs);
    this.#options.logger.info(`The gateway listens at ${this.#address}`);
  }

  /** Ends streams (their clients come back elsewhere), finishes what is in hand, and closes every connection. */
  async stop(server: Server): Promise<void> {
    clearInterval(this.#refreshing);
    this.#withdraw?.();
    this.#withdraw = undefined;
    const { lameDuckMs, shutdownMs: graceMs } = this.#options.settings;
    const endStreams = () => {
      for (const stream of this.#tools.streams) stream.end();
    };
    await this.#connections.drain(server, { lameDuckMs, graceMs, onClosing: endStreams });
  }

  /** Commands on the same folder find the house by it; a house whose folder cannot be written does without. */
  #announce(address: string): void {
    const { settings, logger } = this.#options;
    if (settings.dataDir === undefined) return;
    try {
      this.#withdraw = announceHouse(settings.dataDir, address);
    } catch (thrown) {
      logger.warn({ err: thrown }, "Commands will not find this house");
    }
  }

  /** A session was ended: its access tokens count no longer. */
  revoke(ended: { session_id: string; expires_at: string }): void {
    this.#revocations.add(ended);
  }

  async handle(req: GatewayRequest, res: ServerResponse, rest: Rest): Promise<void> {
    req.exchange = beginExchange(req);
    const { requestId } = req.exchange;
    const { publicUrl, allowedOrigins } = this.#options.settings;
    const address = addressIn(req, publicUrl, this.#address);
    this.#connections.track(res);
    res.once("close", () => logExchange(this.#options.logger, req, res));
    try {
      res.setHeader("x-request-id", requestId);
      this.#writeSecurityHeaders(req, res);
      if (applyCors(req, res, origin => allowedOrigins.includes(origin) || isOriginOf(address, origin))) return;
      if (req.headers.host === undefined && req.httpVersion === "1.1") throw fail("BAD_REQUEST", "Host is missing.");
      req.exchange.target = readUrl(req.url ?? "/");
      if (req.method === "OPTIONS") this.#answerOptions(req, res);
      else await rest(requestId, { http: describeRequest(req, address) });
    } catch (thrown) {
      this.fail(req, res, thrown);
    }
  }

  /** The route of a request; HEAD is answered by GET. @throws NOT_FOUND, METHOD_NOT_ALLOWED */
  route(path: string, method: string): RouteMatch {
    const matches = this.#find(path);
    const wanted = method === "HEAD" ? "GET" : method;
    const match = matches.find(({ route }) => route.method === wanted);
    if (match) return match;
    throw fail(matches.length > 0 ? "METHOD_NOT_ALLOWED" : "NOT_FOUND");
  }

  async answer({ route, params }: RouteMatch, req: GatewayRequest, res: ServerResponse): Promise<void> {
    Object.assign(req.exchange, { route, params });
    await this.#countAddress(route, req, res);
    if (route.operation) await this.#serve(route.operation, req, res);
    else if (req.$ctx) await answerAction(route, req.$ctx, req, res, this.#tools);
  }

  /** Before anything is looked at: a stranger's token costs a check too. Probes are asked by those who keep the house. */
  async #countAddress(route: PlannedRoute, req: GatewayRequest, res: ServerResponse): Promise<void> {
    const { sparesLoopback, trustedHops } = this.#options.settings;
    if (["health", "ready"].includes(route.operation?.serves ?? "")) return;
    if (sparesLoopback && req.$ctx?.meta.http?.loopback === true) return;
    req.exchange.counts = true;
    const group = route.contract?.limit;
    const own: LimitName[] = group !== undefined && LIMITS[group].of === "address" ? [group] : [];
    await this.#tools.limits.take(res, ["address", ...own], clientAddress(req, trustedHops));
  }

  fail(req: GatewayRequest, res: ServerResponse, thrown: unknown): void {
    const { requestId, target, route } = req.exchange;
    const family = familyOf(thrown);
    const isGone = res.destroyed || !req.socket.writable;
    if (family !== "caller" && !isGone)
      this.#options.logger.error(
        { requestId, action: route?.action, err: thrown },
        `${codeOf(thrown)} at ${target.path}`,
      );
    if (!res.headersSent) this.#writeRefusalHeaders(req, res, thrown);
    sendProblem(req, res, thrown, requestId);
  }

  #writeRefusalHeaders(req: GatewayRequest, res: ServerResponse, thrown: unknown): void {
    if (codeOf(thrown) === "METHOD_NOT_ALLOWED") res.setHeader("allow", this.#methodsAt(req.exchange.target.path));
    try {
      // A room may say something with its refusal, e.g. that a cookie is over.
      if (req.$ctx) writeMetaHeaders(res, req.$ctx.meta, true);
    } catch (invalid) {
      // It may be the very headers that could not be written.
      this.#options.logger.error({ requestId: req.exchange.requestId, err: invalid }, "A header could not be written");
    }
  }

  #answerOptions(req: GatewayRequest, res: ServerResponse): void {
    const { path } = req.exchange.target;
    if (path !== "*" && this.#find(path).length === 0) throw fail("NOT_FOUND");
    res.writeHead(204, { allow: this.#methodsAt(path) }).end();
  }

  #methodsAt(path: string): string {
    const methods = new Set<string>(this.#find(path).map(({ route }) => route.method));
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods, "OPTIONS"].join(", ");
  }
}

/** Our own documentation calls us from our own origin. */
const isOriginOf = (address: string, origin: string): boolean => new URL(address).origin === origin;
