import type { Server, ServerResponse } from "node:http";
import type { Context, Service, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { Contract } from "../../broker/contract.ts";
import { drainBeforeStop } from "../../broker/drain.ts";
import { progress as houseProgress } from "../../mixins/progress/house-progress.ts";
import type { ProgressLog } from "../../mixins/progress/progress.ts";
import { contracts as houseContracts } from "../contracts.ts";
import { operations } from "./api.contract.ts";
import { type GatewaySettings, houseSettings } from "./api.settings.ts";
import type { GatewayRequest } from "./exchange.ts";
import { Gate } from "./gate.ts";
import { type PlannedRoute, planRoutes } from "./plan-routes.ts";

interface Alias {
  method: string;
  fullPath: string;
}
/** What moleculer-web and the methods below put on the service. */
interface Gateway extends Service {
  gate: Gate;
  server: Server;
  aliases: Alias[];
  aliasAt?: ReadonlyMap<string, Alias>;
  httpHandler(req: GatewayRequest, res: ServerResponse): void;
}

const addressOf = (route: PlannedRoute): string => `${route.method} ${route.path}`;

/**
 * Of moleculer-web: its server, route table and request context. Left out: its start and stop (which waits for ever on open streams),
 * the actions by which other nodes could add routes, and what it does when services come and go.
 */
const web = ApiGateway as unknown as Required<Pick<ServiceSchema, "settings" | "actions" | "methods" | "created">>;
const moleculerWeb: Partial<ServiceSchema> = {
  settings: web.settings,
  actions: { rest: web.actions["rest"] ?? false },
  methods: web.methods,
  created: web.created,
};

/** Builds the gateway of a house with these rooms. */
export function gateway(
  contracts: readonly Contract[],
  overrides: Partial<GatewaySettings> = {},
  progress: Pick<ProgressLog, "follow"> = houseProgress,
): ServiceSchema {
  const settings: GatewaySettings = { ...houseSettings, ...overrides };
  const routes = planRoutes(contracts, operations);
  return {
    name: "api",
    mixins: [moleculerWeb],
    settings: webSettings(routes, settings),
    methods: methods(new Map(routes.map(route => [addressOf(route), route])), service => {
      const { broker, logger } = service;
      return new Gate({ broker, logger, contracts, routes, settings, progress });
    }),
    events: {
      "auth.revoked"(this: Gateway, ctx: Context<{ session_id: string; expires_at: string }>) {
        this.gate.revoke(ctx.params);
      },
    },
    created(this: Gateway) {
      // Rooms stop all at once with the gateway, so requests in hand have to be finished before.
      drainBeforeStop(this.broker, "requests", () => this.gate.stop(this.server));
    },
    started(this: Gateway) {
      return this.gate.start(this.server);
    },
    stopped(this: Gateway) {
      return this.gate.stop(this.server);
    },
  } as unknown as ServiceSchema;
}

/** One route table, computed from the contracts: rooms that come and go change nothing in it. */
function webSettings(routes: readonly PlannedRoute[], { host, port }: GatewaySettings) {
  const aliases = Object.fromEntries(routes.map(route => [addressOf(route), route.action ?? (() => undefined)]));
  const quiet = { logRequest: null, logRequestParams: null, logResponse: null, logRouteRegistration: null };
  return {
    $secureSettings: ["routes"],
    ip: host,
    port,
    optimizeOrder: false,
    ...quiet,
    routes: [
      {
        path: "/",
        aliases,
        mappingPolicy: "restrict",
        bodyParsers: false,
        mergeParams: false,
        autoAliases: false,
        logging: false,
      },
    ],
  };
}

/** What moleculer-web leaves to its users, or does in another order than is good for strangers' requests. */
function methods(
  routeAt: ReadonlyMap<string, PlannedRoute>,
  openGate: (service: Gateway) => Gate,
): Record<string, unknown> & ThisType<Gateway> {
  return {
    createServer() {
      this.gate = openGate(this);
      this.server = this.gate.createServer((req, res) => this.httpHandler(req, res));
    },

    httpHandler(req: GatewayRequest, res: ServerResponse) {
      void this.gate.handle(req, res, (requestID, meta) =>
        // Requests cannot be cloned, and nobody but the gateway sees this context's parameters.
        this.actions["rest"]?.({ req, res }, { requestID, meta, paramsCloning: false }),
      );
    },

    /** The gate has read the address already. */
    parseQueryString(req: GatewayRequest) {
      return { url: req.exchange.target.path, query: {} };
    },

    resolveAlias(path: string, method: string) {
      const { route, params } = this.gate.route(path, method);
      this.aliasAt ??= new Map(this.aliases.map(alias => [`${alias.method} ${alias.fullPath}`, alias]));
      return { alias: this.aliasAt.get(addressOf(route)), params };
    },

    async aliasHandler(
      req: GatewayRequest & { $params: { params: Record<string, string> } },
      res: ServerResponse,
      alias: Alias,
    ) {
      const route = routeAt.get(`${alias.method} ${alias.fullPath}`);
      if (route) await this.gate.answer({ route, params: req.$params.params }, req, res);
      return true;
    },

    errorHandler(req: GatewayRequest, res: ServerResponse, thrown: unknown) {
      this.gate.fail(req, res, thrown);
    },
  };
}

export default gateway(houseContracts);
