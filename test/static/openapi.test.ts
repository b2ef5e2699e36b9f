import { describe, expect, it } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type Contract, routesOf } from "../../broker/contract.ts";
import { catalogue } from "../../broker/errors.ts";
import { API_PREFIX, domains, operations } from "../../services/api/api.contract.ts";
import { describeApi, errorsOf, type OpenApiDocument } from "../../services/api/open-api.ts";
import { contracts as doors } from "../../services/contracts.ts";
import { probe } from "../builders/probe-room.ts";

const contracts: readonly Contract[] = doors;
const whole = describeApi(contracts, operations);
const documents = domains.map(({ name }) => [name, describeApi(contracts, operations, name)] as const);
const routes = contracts.flatMap(room =>
  Object.entries(room.actions).flatMap(([name, action]) =>
    routesOf(action).map(route => ({ action, route, name: `${room.name}.${name}` })),
  ),
);
interface Operation {
  operationId: string;
  security: unknown[];
  parameters?: { in: string; name: string; required: boolean; schema: unknown }[];
  requestBody?: { content: Record<string, { schema?: Record<string, unknown> }> };
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}
const operationsIn = (document: OpenApiDocument): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, op]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      op as Operation,
    ]),
  );
const addressOf = (route: string) => route.replace(" ", ` ${API_PREFIX}`).replaceAll(/:(\w+)/g, "{$1}");

describe("every document", () => {
  it.each([["whole", whole] as const, ...documents, ["probe", describeApi([probe], operations)] as const])(
    "is valid OpenAPI 3.1: %s",
    async (_name, document) => {
      const copy = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
      const { valid, errors } = await new Validator().validate(copy);
      expect(errors).toBeUndefined();
      expect(valid).toBe(true);
    },
  );
  it("keeps our own marks to itself", () => {
    expect(JSON.stringify(whole)).not.toMatch(/x-place|~kind|patternProperties/);
  });
});

describe("every route of a contract", () => {
  it("stands in the document of the whole, under an id of its own", () => {
    const described = new Set(operationsIn(whole).map(([address]) => address));
    for (const { route } of routes) expect(described).toContain(addressOf(route));
    expect(described.size).toBe(routes.length + 2); // and /health and /ready
    const ids = operationsIn(whole).map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("stands in the document of exactly one domain, its own", () => {
    for (const { route } of routes) {
      const owners = documents.filter(([, document]) =>
        operationsIn(document).some(([address]) => address === addressOf(route)),
      );
      expect(owners.map(([name]) => name)).toEqual([route.split("/")[1]]);
    }
    expect(documents.flatMap(([, document]) => operationsIn(document))).toHaveLength(routes.length);
  });

  it.each(routes.map(({ route, action }) => [route, action] as const))(
    "names its success, every code it may answer, and what each one means: %s",
    (route, action) => {
      const described = operationsIn(whole).find(([address]) => address === addressOf(route))?.[1];
      expect(described?.responses).toHaveProperty(String(action.status ?? 200));
      for (const code of errorsOf(route, action))
        expect(described?.responses[catalogue[code].status]?.description).toContain(`\`${code}\``);
      expect(described?.security).toHaveLength(action.auth === "public" ? 0 : 2);
    },
  );

  it("has every parameter in its place and a summary", () => {
    for (const [address, operation] of operationsIn(describeApi([probe], operations))) {
      const inPath = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = operation.parameters ?? [];
      expect(parameters.filter(({ in: place }) => place === "path").map(({ name }) => name)).toEqual(inPath);
    }
    const make = operationsIn(describeApi([probe], operations)).find(
      ([address]) => address === "POST /api/v1/probe/{id}",
    );
    expect(make?.[1].parameters?.map(({ in: place, name, required }) => [place, name, required])).toEqual([
      ["path", "id", true],
      ["query", "dry", false],
      ["header", "x-idempotency-key", false],
      ["cookie", "s_old", false],
    ]);
    expect(make?.[1].requestBody?.content["application/json"]?.schema).toMatchObject({
      required: ["name"],
      additionalProperties: false,
    });
  });
});

describe("what an operation gives", () => {
  const probed = new Map(operationsIn(describeApi([probe], operations)));
  it("is events for a stream, with where to go on", () => {
    const stream = probed.get("GET /api/v1/probe/{job_id}/events");
    expect(Object.keys(stream?.responses["200"]?.content ?? {})).toEqual(["text/event-stream"]);
    expect(stream?.parameters).toContainEqual(expect.objectContaining({ in: "header", name: "Last-Event-ID" }));
  });
  it("is bytes for raw routes", () => {
    expect(probed.get("GET /api/v1/probe/bytes/{name}")?.responses["200"]?.content).toEqual({ "*/*": {} });
    expect(probed.get("PUT /api/v1/probe/bytes/{name}")?.requestBody?.content).toHaveProperty(
      "application/octet-stream",
    );
  });
  it("is nothing, or another address, where the contract says so", () => {
    expect(probed.get("POST /api/v1/probe/nothing")?.responses["204"]).not.toHaveProperty("content");
    expect(probed.get("GET /api/v1/probe/leave")?.responses["302"]).toHaveProperty("headers.Location");
  });
});

it("says of a domain without routes that there is nothing yet", () => {
  const empty = describeApi([], operations, "info");
  expect(empty).toMatchObject({ paths: {}, info: { description: expect.stringContaining("Nothing here yet") } });
});

it("names the codes of addresses without a route", () => {
  expect(whole).toMatchObject({ components: { responses: { NOT_FOUND: {}, METHOD_NOT_ALLOWED: {} } } });
});

it("stands on routes that belong to a documented domain", () => {
  const names = domains.map(({ name }) => name);
  for (const { route } of routes) expect(names).toContain(route.split("/")[1]);
});
