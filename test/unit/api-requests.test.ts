import { describe, expect, it } from "@jest/globals";
import type { IncomingMessage } from "node:http";
import { Errors } from "moleculer";
import Type from "typebox";
import { contract, fromCookie, fromHeader, fromQuery } from "../../broker/contract.ts";
import { codeOf, fail } from "../../broker/errors.ts";
import { findUnclean } from "../../services/api/find-unclean.ts";
import { MAX_DEPTH, parseJson } from "../../services/api/parse-json.ts";
import { planRoutes, routeFinder } from "../../services/api/plan-routes.ts";
import { describeProblem } from "../../services/api/problem.ts";
import { readCookies } from "../../services/api/read-cookies.ts";
import { compileParams, type ParamSource } from "../../services/api/read-params.ts";
import { readUrl } from "../../services/api/read-url.ts";
import { addressIn, addressOf, describeRequest } from "../../services/api/request-origin.ts";

const codeFrom = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    return codeOf(thrown);
  }
  return "nothing thrown";
};
const faultsFrom = (work: () => unknown): unknown => {
  try {
    work();
  } catch (thrown) {
    return (thrown as { data?: { errors?: unknown } }).data?.errors;
  }
  return "nothing thrown";
};

describe("readUrl", () => {
  it("splits path and query and decodes the query", () => {
    expect(readUrl("/api/v1/x?q=%EC%BB%B5+%EA%B9%A8%EC%A7%90&a=1=2&b&=z")).toEqual({
      path: "/api/v1/x",
      query: [
        ["q", "컵 깨짐"],
        ["a", "1=2"],
        ["b", ""],
        ["", "z"],
      ],
    });
  });
  it("drops one trailing slash, and keeps the path encoded", () => {
    expect(readUrl("/a/%2F/").path).toBe("/a/%2F");
    expect(readUrl("/").path).toBe("/");
  });
  it("takes the absolute form that proxies send", () => {
    expect(readUrl("http://evil.example/health?x=1")).toEqual({ path: "/health", query: [["x", "1"]] });
  });
  it.each(["/%", "/%E0%A4%A", "/x?%ZZ=1", "/x?a=%ff", "/x?a=%ED%A0%80"])("refuses %s", target => {
    expect(codeFrom(() => readUrl(target))).toBe("BAD_REQUEST");
  });
});

describe("parseJson", () => {
  const parse = (text: string) => parseJson(Buffer.from(text));
  it("gives what the text says", () => {
    expect(parse('{"a":[1,"컵 ]}[[\\"{",null]}')).toEqual({ a: [1, '컵 ]}[["{', null] });
  });
  it.each(["{", "", "{'a':1}", "[1,]", "undefined", '{"a":1}x'])("refuses %j as malformed", text => {
    expect(codeFrom(() => parse(text))).toBe("MALFORMED_JSON");
  });
  it("refuses bytes that are no UTF-8", () => {
    expect(codeFrom(() => parseJson(Buffer.from([0x22, 0xff, 0xfe, 0x22])))).toBe("MALFORMED_JSON");
  });
  it("takes the depth that is allowed and refuses one more", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(parse(nested(MAX_DEPTH))).toBeInstanceOf(Array);
    expect(codeFrom(() => parse(nested(MAX_DEPTH + 1)))).toBe("BAD_REQUEST");
    expect(codeFrom(() => parse('{"a":'.repeat(10_000) + "1" + "}".repeat(10_000)))).toBe("BAD_REQUEST");
  });
  it("does not take brackets inside text for depth", () => {
    expect(parse(JSON.stringify({ a: "[".repeat(100) + '\\"' + "{".repeat(100) }))).toHaveProperty("a");
  });
  it.each([
    ['{"__proto__":{"admin":true}}', "__proto__"],
    ['{"a":[{"constructor":1}]}', "a.0.constructor"],
    ['{"a":{"prototype":1}}', "a.prototype"],
    ['{"a":"x\\u0000y"}', "a"],
    ['{"a":"\\ud800"}', "a"],
    ['{"\\udc00":1}', ""],
  ])("refuses %s and names the place", (text, field) => {
    expect(codeFrom(() => parse(text))).toBe("VALIDATION_FAILED");
    expect(faultsFrom(() => parse(text))).toEqual([expect.objectContaining({ in: "body", field })]);
  });
  it("leaves whole surrogate pairs alone", () => {
    expect(findUnclean({ face: "😀", list: ["♻️"] })).toBeUndefined();
  });
});

describe("readCookies", () => {
  it("reads names and values, the first of a name", () => {
    const cookies = readCookies('s_access=a.b=c; s_access=other; quoted="x y"; empty=; broken; =nameless');
    expect([...cookies]).toEqual([
      ["s_access", "a.b=c"],
      ["quoted", "x y"],
      ["empty", ""],
    ]);
    expect(readCookies(undefined).size).toBe(0);
  });
});

describe("compileParams", () => {
  const action = {
    summary: "x",
    params: Type.Object({
      id: Type.String({ format: "uuid" }),
      name: Type.String(),
      inner: Type.Optional(Type.Object({ list: Type.Array(Type.Object({ n: Type.Integer() })) })),
      either: Type.Optional(Type.Union([Type.Object({ a: Type.Integer() }), Type.Null()])),
      free: Type.Optional(Type.Record(Type.String(), Type.String())),
      dry: Type.Optional(fromQuery(Type.Boolean())),
      key: fromHeader("x-key", Type.Integer({ default: 7 })),
      old: Type.Optional(fromCookie("s_old", Type.String())),
    }),
    result: Type.Unknown(),
  };
  const reader = compileParams("POST /things/:id", action);
  const id = "6f2c1f3e-8f0e-4c3c-9f6a-0d0f4f1f2a3b";
  const source = (over: Partial<ParamSource> = {}): ParamSource => ({
    path: { id },
    query: [],
    headers: {},
    body: { name: "cup" },
    ...over,
  });

  it("takes each parameter from its own place, and nothing from another", () => {
    const params = reader.read(
      source({
        query: [
          ["dry", "true"],
          ["name", "from the query"],
          ["unknown", "ignored"],
        ],
        headers: { "x-key": "42", cookie: "s_old=token" },
      }),
    );
    expect(params).toEqual({ id, name: "cup", dry: true, key: 42, old: "token" });
  });
  it("fills defaults in, also of required parameters", () => {
    expect(reader.read(source())).toEqual({ id, name: "cup", key: 7 });
  });
  it("names every fault with its place and its outer name", () => {
    const faults = faultsFrom(() =>
      reader.read(
        source({
          path: { id: "1" },
          query: [
            ["dry", "1"],
            ["dry", "0"],
          ],
          headers: { "x-key": "seven" },
          body: { name: 5, extra: true },
        }),
      ),
    );
    expect(faults).toEqual(
      expect.arrayContaining([
        { in: "path", field: "id", message: expect.stringContaining("uuid") },
        { in: "query", field: "dry", message: "is given more than once" },
        { in: "header", field: "x-key", message: "must be integer" },
        { in: "body", field: "name", message: "must be string" },
        { in: "body", field: "extra", message: "is not a known field" },
      ]),
    );
  });
  it("closes inner objects too, and leaves records open", () => {
    const body = { name: "cup", inner: { list: [{ n: 1, m: 2 }] }, free: { anything: "goes" } };
    expect(faultsFrom(() => reader.read(source({ body })))).toEqual([
      { in: "body", field: "inner.list.0.m", message: "is not a known field" },
    ]);
    expect(codeFrom(() => reader.read(source({ body: { name: "cup", either: { a: 1, b: 2 } } })))).toBe(
      "VALIDATION_FAILED",
    );
    expect(reader.read(source({ body: { name: "cup", either: null } }))).toHaveProperty("either", null);
  });
  it("does not read numbers from text in a body", () => {
    const body = { name: "cup", inner: { list: [{ n: "1" }] } };
    expect(codeFrom(() => reader.read(source({ body })))).toBe("VALIDATION_FAILED");
  });
  it.each([[[]], ["text"], [null], [7]])("refuses a body that is %j", body => {
    expect(codeFrom(() => reader.read(source({ body })))).toBe("VALIDATION_FAILED");
  });
  it("refuses NUL in paths, queries and cookies", () => {
    const text = compileParams("GET /x/:id", {
      summary: "x",
      params: Type.Object({ id: Type.String(), q: Type.Optional(Type.String()) }),
      result: Type.Unknown(),
    });
    const bare = { query: [], headers: {}, body: undefined };
    expect(codeFrom(() => text.read({ ...bare, path: { id: "a\0b" } }))).toBe("VALIDATION_FAILED");
    expect(codeFrom(() => text.read({ ...bare, path: { id: "a" }, query: [["q", "\0"]] }))).toBe("VALIDATION_FAILED");
  });
});

describe("planRoutes", () => {
  const params = Type.Object({});
  const act = (rest: "GET /chat/messages") => ({ summary: "x", rest, params, result: Type.Unknown() });
  const room = (name: string, ...routes: string[]) =>
    contract(name, { actions: Object.fromEntries(routes.map((route, n) => [`a${n}`, act(route as never)])) });
  const find = (contracts: Parameters<typeof planRoutes>[0], path: string) =>
    routeFinder(planRoutes(contracts, []))(path).map(({ route, params }) => [route.path, params]);

  it("puts literal segments before names, whatever the order of the contracts", () => {
    const chat = room("chat", "GET /chat/:id", "GET /chat/messages", "GET /chat/:id/events", "GET /chat/messages/:n");
    expect(find([chat], "/api/v1/chat/messages")).toEqual([
      ["/api/v1/chat/messages", {}],
      ["/api/v1/chat/:id", { id: "messages" }],
    ]);
    expect(find([chat], "/api/v1/chat/messages/events").map(([path]) => path)).toEqual([
      "/api/v1/chat/messages/:n",
      "/api/v1/chat/:id/events",
    ]);
  });
  it("decodes what the path names, and lets no name be empty", () => {
    const x = room("x", "GET /x/:name");
    expect(find([x], "/api/v1/x/%EC%BB%B5%2F1")).toEqual([["/api/v1/x/:name", { name: "컵/1" }]]);
    expect(find([x], "/api/v1/x/")).toEqual([]);
    expect(find([x], "/API/v1/x/1")).toEqual([]);
  });
  it("refuses two routes for one address", () => {
    expect(() => planRoutes([room("a", "GET /x/:id"), room("b", "GET /x/:name")], [])).toThrow("same address");
    expect(() => planRoutes([room("a", "GET /x/:id", "POST /x/:id")], [])).not.toThrow();
  });
});

describe("where a request came from", () => {
  const request = (headers: Record<string, string>, remoteAddress = "127.0.0.1") =>
    ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

  it("is the public address wherever one is set", () => {
    expect(addressOf("https://api.eco2.kr/", "0.0.0.0", 3000)).toBe("https://api.eco2.kr");
    expect(addressIn(request({ host: "localhost:3000" }), "https://api.eco2.kr", "https://api.eco2.kr")).toBe(
      "https://api.eco2.kr",
    );
  });
  it("follows the loopback name that people use, and believes no other", () => {
    const own = addressOf(undefined, "0.0.0.0", 3000);
    expect(own).toBe("http://localhost:3000");
    expect(addressIn(request({ host: "127.0.0.1:3000" }), undefined, own)).toBe("http://127.0.0.1:3000");
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1:99999", "localhost:3000@evil.example", ""])
      expect(addressIn(request({ host }), undefined, own)).toBe(own);
    expect(addressOf(undefined, "::1", 3000)).toBe("http://[::1]:3000");
  });
  it("is this machine only for a near connection to a loopback name that nobody passed on", () => {
    const isLoopback = (headers: Record<string, string>, from?: string) =>
      describeRequest(request(headers, from), "http://x").loopback;
    expect(isLoopback({ host: "localhost:3000" })).toBe(true);
    expect(isLoopback({ host: "[::1]:3000" }, "::1")).toBe(true);
    expect(isLoopback({ host: "127.0.0.1" }, "::ffff:127.0.0.1")).toBe(true);
    expect(isLoopback({ host: "evil.example" })).toBe(false);
    expect(isLoopback({ host: "localhost" }, "10.0.0.7")).toBe(false);
    expect(isLoopback({ host: "localhost", "x-forwarded-for": "8.8.8.8" })).toBe(false);
  });
});

describe("describeProblem", () => {
  it("says what a fault of the caller is", () => {
    const thrown = fail("VALIDATION_FAILED", "name is missing", {
      errors: [{ in: "body", field: "name", message: "is missing", nodeID: "n1" } as never],
    });
    expect(describeProblem(thrown, "r1")).toEqual({
      body: {
        type: "urn:eco2:error:VALIDATION_FAILED",
        title: "The request does not fit its schema.",
        status: 422,
        detail: "name is missing",
        code: "VALIDATION_FAILED",
        request_id: "r1",
        errors: [{ in: "body", field: "name", message: "is missing" }],
      },
      headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
    });
  });
  it("says nothing of our own faults", () => {
    for (const thrown of [new Error("password=hunter2"), fail("INTERNAL", "table gone"), "text", undefined, null]) {
      const { body } = describeProblem(thrown, "r1");
      expect(body).toEqual({
        type: "urn:eco2:error:INTERNAL",
        title: "Something went wrong on our side.",
        status: 500,
        code: "INTERNAL",
        request_id: "r1",
      });
    }
  });
  it("takes no data over from errors that were not made for callers", () => {
    const foreign = new Errors.ServiceNotAvailableError({ action: "scan.submit", nodeID: "pod-7" });
    const { body, headers } = describeProblem(foreign, "r1");
    expect(body.code).toBe("SERVICE_UNAVAILABLE");
    expect(JSON.stringify(body)).not.toMatch(/pod-7|scan\.submit/);
    expect(headers["retry-after"]).toBe("2");
  });
  it("tells when to come back, and how to sign in", () => {
    expect(describeProblem(fail("DATABASE_UNAVAILABLE", undefined, { retryAfterS: 9 }), "r").headers).toHaveProperty(
      "retry-after",
      "9",
    );
    expect(describeProblem(fail("UNAUTHENTICATED"), "r").headers["www-authenticate"]).toBe('Bearer realm="eco2"');
    expect(describeProblem(fail("TOKEN_EXPIRED"), "r").headers["www-authenticate"]).toContain("invalid_token");
  });
});
