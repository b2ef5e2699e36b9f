import type { TSchema } from "typebox";
import { type ActionContract, type Contract, placeOf, type Route, routesOf } from "../../broker/contract.ts";
import { catalogue, type ErrorCode } from "../../broker/errors.ts";
import { API_PREFIX, domains, type Operation } from "./api.contract.ts";
import { manifest } from "../../broker/manifest.ts";

type Json = Record<string, unknown>;

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument extends Json {
  openapi: "3.1.0";
  info: Json;
  paths: Record<string, Json>;
}

/** Codes that any route may answer, whatever its action does. */
const ALWAYS: readonly ErrorCode[] = [
  "RATE_LIMITED",
  "BAD_REQUEST",
  "ORIGIN_NOT_ALLOWED",
  "VALIDATION_FAILED",
  "HEADERS_TOO_LARGE",
  "SERVICE_UNAVAILABLE",
  "DATABASE_UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "INTERNAL",
];
const WITH_BODY: readonly ErrorCode[] = ["BODY_TOO_LARGE", "REQUEST_TOO_SLOW"];
const WITH_JSON: readonly ErrorCode[] = ["MALFORMED_JSON", "UNSUPPORTED_MEDIA_TYPE"];
const SIGNED_IN: readonly ErrorCode[] = ["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_INVALID", "TOKEN_REVOKED"];
/** Answered at addresses that no route has, so they stand in the components. */
const NO_ROUTE: readonly ErrorCode[] = ["NOT_FOUND", "METHOD_NOT_ALLOWED"];

/** Every code that a route may answer: its action's own and those of the gateway. */
export function errorsOf(route: Route, action: ActionContract): readonly ErrorCode[] {
  const takesBody = !/^(GET|DELETE) /.test(route);
  const codes = [
    ...ALWAYS,
    ...(action.auth === "public" ? [] : SIGNED_IN),
    ...(takesBody ? WITH_BODY : []),
    ...(takesBody && action.kind !== "raw" ? WITH_JSON : []),
    ...(action.kind === "stream" ? (["TOO_MANY_STREAMS"] as const) : []),
    ...(action.errors ?? []),
  ];
  return [...new Set(codes)];
}

/** The domain whose documentation a route stands in: its first path segment. */
const domainOf = (route: Route): string => route.split("/")[1] ?? "";

/**
 * Computes the OpenAPI document of one domain, or of the whole API, from the contracts of the rooms.
 * @param operations routes of the gateway itself; those that answer JSON stand in the document of the whole
 */
export function describeApi(
  contracts: readonly Contract[],
  operations: readonly Operation[],
  domain?: string,
): OpenApiDocument {
  const of = domains.find(({ name }) => name === domain);
  const paths: Record<string, Json> = {};
  for (const room of contracts)
    for (const [name, action] of Object.entries(room.actions))
      for (const route of routesOf(action)) {
        if (domain !== undefined && domainOf(route) !== domain) continue;
        const [method = "", path = ""] = route.split(" ", 2);
        const described = describeAction(route, `${room.name}.${name}`, action);
        paths[templateOf(API_PREFIX + path)] = {
          ...paths[templateOf(API_PREFIX + path)],
          [method.toLowerCase()]: described,
        };
      }
  if (domain === undefined) Object.assign(paths, describeOperations(operations));
  const empty = Object.keys(paths).length === 0;
  const used = new Set(Object.keys(paths).map(path => path.split("/")[3]));
  const tags = domains.filter(({ name }) => used.has(name)).map(({ name, description }) => ({ name, description }));
  if (domain === undefined) tags.push({ name: "operation", description: "For probes and operators." });
  return {
    openapi: "3.1.0",
    info: {
      title: of ? `Eco² API: ${of.title}` : "Eco² API",
      version: manifest.version,
      license: { name: manifest.license, identifier: manifest.license },
      description: [of?.description ?? manifest.description, empty ? NOTHING_YET : GENERAL].join("\n\n"),
    },
    servers: [{ url: "/" }],
    tags,
    paths,
    components: components(),
  };
}

const NOTHING_YET =
  "**Nothing here yet.** This part of Eco² is planned and has no routes so far; its addresses answer 404 until it has.";
const GENERAL =
  "Errors are `application/problem+json` (RFC 9457) with a `code` to tell them apart and a `request_id` to ask about. " +
  "An address without a route answers 404 `NOT_FOUND`, a known address with another method 405 `METHOD_NOT_ALLOWED`. " +
  "Sign in once through `/api/v1/auth/{provider}`: the cookies do for this page too.";

const camelCase = (words: readonly string[]): string =>
  words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join("");
const templateOf = (path: string): string => path.replaceAll(/:(\w+)/g, "{$1}");

/** What tells the routes of one action apart: their domains, or within one domain their paths. */
function aliasOf(route: Route, contract: ActionContract): string[] {
  const routes = routesOf(contract);
  if (routes.length === 1) return [];
  const sameDomain = routes.filter(each => domainOf(each) === domainOf(route));
  return sameDomain.length === 1
    ? [domainOf(route)]
    : route
        .split("/")
        .slice(1)
        .filter(part => !part.startsWith(":"));
}

function describeAction(route: Route, action: string, contract: ActionContract): Json {
  const [method = ""] = route.split(" ", 1);
  const body = describeBody(route, contract);
  const summary = contract.summary.replace(/\.$/, "");
  return {
    operationId: camelCase([...action.split("."), ...aliasOf(route, contract)]),
    summary,
    tags: [domainOf(route)],
    security: contract.auth === "public" ? [] : [{ cookie: [] }, { bearer: [] }],
    parameters: describeParameters(route, contract),
    ...(body && method !== "GET" && method !== "DELETE" ? { requestBody: body } : {}),
    responses: { ...describeSuccess(method, contract), ...describeErrors(errorsOf(route, contract)) },
  };
}

const propertiesOf = (contract: ActionContract) =>
  Object.entries(contract.params.properties as Record<string, TSchema>);
const requiredOf = (contract: ActionContract) =>
  new Set((contract.params as { required?: readonly string[] }).required ?? []);

function describeParameters(route: Route, contract: ActionContract): Json[] {
  const required = requiredOf(contract);
  const parameters = propertiesOf(contract).flatMap(([key, schema]): Json[] => {
    const { in: place, name } = placeOf(route, key, schema);
    // OpenAPI forbids these as parameters: they are what requestBody and security describe.
    if (place === "body" || /^(content-type|content-length|accept|authorization)$/i.test(name)) return [];
    const { description, ...rest } = publish(schema) as Json;
    const isRequired = place === "path" || (required.has(key) && !("default" in rest));
    return [{ name, in: place, required: isRequired, ...(description ? { description } : {}), schema: rest }];
  });
  if (contract.kind === "stream") parameters.push(LAST_EVENT_ID);
  return parameters;
}

const LAST_EVENT_ID: Json = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "id of the last event that was seen; only what came after it is sent",
  schema: { type: "string" },
};

function describeBody(route: Route, contract: ActionContract): Json | undefined {
  if (contract.kind === "raw") return { required: true, content: { "application/octet-stream": {} } };
  const required = requiredOf(contract);
  const fields = propertiesOf(contract).filter(([key, schema]) => placeOf(route, key, schema).in === "body");
  if (fields.length === 0) return undefined;
  const needed = fields.filter(([key, schema]) => required.has(key) && !("default" in schema)).map(([key]) => key);
  const schema = {
    type: "object",
    properties: Object.fromEntries(fields.map(([key, field]) => [key, publish(field)])),
    ...(needed.length > 0 ? { required: needed } : {}),
    additionalProperties: false,
  };
  return { required: needed.length > 0, content: { "application/json": { schema } } };
}

function describeSuccess(method: string, contract: ActionContract): Json {
  const also = Object.entries(contract.also ?? {}).map(([status, description]) => [status, { description }] as const);
  return { ...describeUsual(method, contract), ...Object.fromEntries(also) };
}

function describeUsual(method: string, contract: ActionContract): Json {
  const status = contract.status ?? 200;
  if (status === 204) return { 204: { description: "Done" } };
  if (status === 302)
    return { 302: { description: "Goes on at Location", headers: { Location: { schema: { type: "string" } } } } };
  const content =
    contract.kind === "stream"
      ? { "text/event-stream": { schema: { type: "string", description: "events with id, event and JSON data" } } }
      : contract.kind === "raw" && method === "GET"
        ? { "*/*": {} }
        : { "application/json": { schema: publish(contract.result) } };
  return { [status]: { description: status === 201 ? "Made" : status === 202 ? "Accepted" : "OK", content } };
}

/** One response a status; the codes that share it are told apart by `code`. */
function describeErrors(codes: readonly ErrorCode[]): Json {
  const byStatus = Map.groupBy(codes, code => catalogue[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      {
        description: of.map(code => `\`${code}\`: ${catalogue[code].title}`).join("\n\n"),
        ...("retryAfterS" in catalogue[of[0] ?? "INTERNAL"] ? { headers: RETRY_AFTER } : {}),
        content: problem({ allOf: [{ $ref: PROBLEM }, { properties: { code: { enum: of } } }] }),
      },
    ]),
  );
}

const PROBLEM = "#/components/schemas/Problem";
const RETRY_AFTER: Json = { "Retry-After": { schema: { type: "integer" }, description: "seconds" } };
const problem = (schema: Json): Json => ({ "application/problem+json": { schema } });

function describeOperations(operations: readonly Operation[]): Record<string, Json> {
  const described = operations.flatMap(({ route, serves, summary, result }) => {
    if (!result) return [];
    const [, path = ""] = route.split(" ", 2);
    const ok = { description: "OK", content: { "application/json": { schema: publish(result) } } };
    const responses = { 200: ok, ...describeErrors(serves === "ready" ? ["SERVICE_UNAVAILABLE"] : ["INTERNAL"]) };
    return [[path, { get: { operationId: serves, summary, tags: ["operation"], security: [], responses } }] as const];
  });
  return Object.fromEntries(described);
}

function components(): Json {
  const fault = { in: { type: "string" }, field: { type: "string" }, message: { type: "string" } };
  return {
    securitySchemes: {
      cookie: { type: "apiKey", in: "cookie", name: "s_access" },
      bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
    },
    responses: Object.fromEntries(
      NO_ROUTE.map(code => [code, { description: catalogue[code].title, content: problem({ $ref: PROBLEM }) }]),
    ),
    schemas: {
      Problem: {
        type: "object",
        required: ["type", "title", "status", "code", "request_id"],
        properties: {
          type: { type: "string", format: "uri" },
          title: { type: "string" },
          status: { type: "integer" },
          detail: { type: "string" },
          code: { type: "string" },
          request_id: { type: "string" },
          errors: { type: "array", items: { type: "object", properties: fault, required: Object.keys(fault) } },
        },
      },
    },
  };
}

/** A schema as the world sees it: without our own marks, and with free-form records in the form that tools know. */
function publish(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(publish);
  if (typeof schema !== "object" || schema === null) return schema;
  const out: Json = {};
  for (const [key, part] of Object.entries(schema)) {
    if (key === "x-place") continue;
    const anyName = key === "patternProperties" ? (part as Json)["^.*$"] : undefined;
    if (anyName === undefined) out[key] = publish(part);
    else out["additionalProperties"] = publish(anyName);
  }
  return out;
}
