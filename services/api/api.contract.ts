import Type, { type TSchema } from "typebox";
import type { Route } from "../../broker/contract.ts";

/** The prefix of every route that a room's contract declares. */
export const API_PREFIX = "/api/v1";

interface Domain {
  name: string;
  title: string;
  description: string;
}

/** Parts of the API with documentation of their own: the first path segment of their routes. */
export const domains: readonly Domain[] = [
  { name: "auth", title: "Sign-in", description: "Signing in with Google, Kakao or Naver, and the session's cookies." },
  { name: "user", title: "Profile (first API)", description: "The signed-in person, as the first app knows them." },
  { name: "users", title: "Profile", description: "The signed-in person and what belongs to them." },
  {
    name: "locations",
    title: "Locations",
    description: "Where to bring things: shops, centers and collection points.",
  },
  { name: "scan", title: "Scan", description: "A photo goes in; the waste class, steps and their sources come out." },
  { name: "chat", title: "Chat", description: "Questions about throwing things away, answered in conversation." },
  { name: "images", title: "Images", description: "Uploading and reading pictures." },
  { name: "character", title: "Character", description: "The characters that a good scan earns." },
  { name: "info", title: "Info", description: "Items, rules, regions and frequent questions of the knowledge; news." },
];

const Dependencies = Type.Record(Type.String(), Type.Enum(["ok", "degraded", "down"], { type: "string" }), {
  description: "each room and what it stands on; degraded: the house goes on without it",
});

/** A route of the gateway itself: for probes and for readers of the docs, not for the app. */
export interface Operation {
  route: Route;
  serves: "home" | "health" | "ready" | "openapi" | "docs" | "asset";
  /** Of which domain; the whole API when left out. */
  domain?: string;
  summary: string;
  /** Operations that answer JSON stand in the OpenAPI document of the whole. */
  result?: TSchema;
}

const prefix = API_PREFIX.slice(1);

/** Every route of the house that no room declares. Their addresses are whole: nothing is put before them. */
export const operations: readonly Operation[] = [
  { route: "GET /", serves: "home", summary: "Leads to the documentation" },
  {
    route: "GET /health",
    serves: "health",
    summary: "Whether this process is alive",
    result: Type.Object({
      status: Type.Literal("ok"),
      service: Type.String(),
      version: Type.String(),
      uptime_s: Type.Integer({ minimum: 0 }),
      open_streams: Type.Integer({ minimum: 0 }),
    }),
  },
  {
    route: "GET /ready",
    serves: "ready",
    summary: "Whether everything that is needed answers; a 503 names what does not",
    result: Type.Object({ status: Type.Literal("ready"), dependencies: Dependencies }),
  },
  { route: `GET /${prefix}/docs`, serves: "docs", summary: "Documentation of the whole API" },
  { route: `GET /${prefix}/docs/assets/:file`, serves: "asset", summary: "What the documentation pages are made of" },
  { route: `GET /${prefix}/openapi.json`, serves: "openapi", summary: "OpenAPI document of the whole API" },
  ...domains.flatMap(({ name, title }): Operation[] => [
    { route: `GET /${prefix}/${name}/docs`, serves: "docs", domain: name, summary: `Documentation: ${title}` },
    { route: `GET /${prefix}/${name}/openapi.json`, serves: "openapi", domain: name, summary: `OpenAPI: ${title}` },
  ]),
];
