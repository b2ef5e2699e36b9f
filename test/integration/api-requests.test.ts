import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { APP, startGateway, type TestGateway, tokenFor } from "../builders/gateway.ts";
import { probe, type Probe, probeRoom } from "../builders/probe-room.ts";
import { type Answer, send, talk } from "../builders/raw-http.ts";

const USER = "0b5f8a52-6d5e-4b6e-9a55-0c9f5a8f1c11";
const JSON_TYPE = { "content-type": "application/json" };

let gate: TestGateway;
let room: Probe;
let signedIn: Record<string, string>;

beforeAll(async () => {
  room = probeRoom();
  gate = await startGateway({
    contracts: [probe],
    services: [room.service],
    settings: {
      body: { bytes: 64 * 1024, timeoutMs: 300 },
      headersTimeoutMs: 400,
      requestTimeoutMs: 1_000,
      timeoutCheckMs: 50,
    },
  });
  signedIn = { authorization: `Bearer ${await tokenFor(USER)}` };
});
afterAll(() => gate.stop());

const get = (path: string, headers: Record<string, string> = {}) => send(gate.url + path, { headers });
const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  send(
    gate.url + path,
    {
      method: "POST",
      headers: { ...JSON_TYPE, ...signedIn, "content-length": String(Buffer.byteLength(body)), ...headers },
    },
    [body],
  );
const make = (body: string | Buffer, headers: Record<string, string> = {}) => post("/api/v1/probe/1", body, headers);

/** Every refusal is a whole problem, with the request id of its header. */
function expectProblem(answer: Answer, status: number, code: string): Record<string, unknown> {
  expect({ status: answer.status, code: answer.json()["code"] }).toEqual({ status, code });
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect(answer.json()).toMatchObject({ type: `urn:eco2:error:${code}`, status, title: expect.any(String) });
  expect(answer.json()["request_id"]).toBe(answer.headers["x-request-id"]);
  return answer.json();
}

describe("a request that is fine", () => {
  it("brings its parameters, who asks and where it came from to the action", async () => {
    const answer = await send(
      `${gate.url}/api/v1/probe/%EC%BB%B5?dry=true&name=ignored`,
      {
        method: "POST",
        headers: { ...JSON_TYPE, ...signedIn, "x-idempotency-key": "k1", cookie: "s_old=c1", "x-user-id": "somebody" },
      },
      ['{"name":"머그"}'],
    );
    expect(answer.status).toBe(201);
    expect(answer.json()).toEqual({
      id: "컵",
      name: "머그",
      dry: true,
      key: "k1",
      old: "c1",
      user: { userId: USER, sessionId: expect.any(String), provider: "google" },
    });
  });
  it("needs no token on a public route, and gets defaults", async () => {
    const answer = await get("/api/v1/probe/open?count=3&flag=false&utm_source=x");
    expect(answer.json()).toMatchObject({
      count: 3,
      flag: false,
      word: "none",
      http: { baseUrl: gate.url, loopback: true },
    });
    expect(answer.json()).not.toHaveProperty("user");
  });
  it("keeps a sane request id down to the room, and makes one for an odd one", async () => {
    const kept = await get("/api/v1/probe/open", { "x-request-id": "req-12345678" });
    expect([kept.headers["x-request-id"], kept.json()["requestId"]]).toEqual(["req-12345678", "req-12345678"]);
    for (const odd of ["short", "with space in it", "x".repeat(65), "<script>alert(1)</script>"]) {
      const made = await get("/api/v1/probe/open", { "x-request-id": odd });
      expect(made.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
  it("answers HEAD like GET, without the body", async () => {
    const answer = await send(`${gate.url}/api/v1/probe/open`, { method: "HEAD" });
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(20);
  });
  it("answers 204 with nothing at all", async () => {
    const answer = await send(`${gate.url}/api/v1/probe/nothing`, { method: "POST" });
    expect(answer).toMatchObject({ status: 204, text: "" });
    expect(answer.headers).not.toHaveProperty("content-type");
  });
  it("takes an empty object where no body is wanted", async () => {
    expect((await post("/api/v1/probe/nothing", "{}")).status).toBe(204);
    expectProblem(await post("/api/v1/probe/nothing", '{"a":1}'), 422, "VALIDATION_FAILED");
  });
  it("sends people on with their cookies", async () => {
    const answer = await get("/api/v1/probe/leave");
    expect(answer).toMatchObject({ status: 302, text: "" });
    expect(answer.headers).toMatchObject({
      location: "http://localhost:5173/#/home",
      "set-cookie": ["a=1; Path=/", "b=2; Path=/"],
    });
  });
  it("invites a body that asks first", async () => {
    const answer = await talk(
      gate.port,
      `POST /api/v1/probe/1 HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nauthorization: ${signedIn["authorization"] ?? ""}\r\n` +
        'content-type: application/json; charset="UTF-8"\r\ncontent-length: 14\r\nconnection: close\r\n\r\n{"name":"cup"}',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  });
  it("answers two requests in one go in their order", async () => {
    const one = "GET /api/v1/probe/first HTTP/1.1\r\nhost: x\r\n\r\n";
    const two = "GET /api/v1/probe/second HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    const answer = await talk(gate.port, one + two);
    expect(answer.indexOf('"first"')).toBeGreaterThan(0);
    expect(answer.indexOf('"second"')).toBeGreaterThan(answer.indexOf('"first"'));
  });
});

describe("an address", () => {
  it("without a route is 404", async () => {
    for (const path of [
      "/nope",
      "/api/v1",
      "/api/v1/probe",
      "/api/v1//probe/open",
      "/api/v1/probe/../open",
      "/API/V1/probe/open",
    ])
      expectProblem(await get(path), 404, "NOT_FOUND");
  });
  it("of an action that no contract puts there is 404", async () => {
    for (const path of [
      "/api/v1/auth/jwks",
      "/probe/open",
      "/probe.open",
      "/api/list-aliases",
      "/~node/list",
      "/api/v1/$node/list",
    ])
      expectProblem(await get(path), 404, "NOT_FOUND");
  });
  it("with another method is 405 and says which it takes", async () => {
    const answer = await send(`${gate.url}/api/v1/probe/open`, { method: "DELETE" });
    expectProblem(answer, 405, "METHOD_NOT_ALLOWED");
    expect(answer.headers["allow"]).toBe("GET, POST, HEAD, OPTIONS");
    expectProblem(await send(`${gate.url}/health`, { method: "POST" }), 405, "METHOD_NOT_ALLOWED");
  });
  it("tells its methods to OPTIONS", async () => {
    const answer = await send(`${gate.url}/api/v1/probe/open`, { method: "OPTIONS" });
    expect(answer).toMatchObject({ status: 204, headers: { allow: "GET, POST, HEAD, OPTIONS" } });
    expectProblem(await send(`${gate.url}/nope`, { method: "OPTIONS" }), 404, "NOT_FOUND");
  });
  it("in malformed percent-encoding is 400", async () => {
    for (const path of ["/api/v1/probe/%", "/api/v1/probe/%E0%A4%A", "/api/v1/probe/open?word=%ff"])
      expectProblem(await get(path), 400, "BAD_REQUEST");
  });
  it("with a query name that comes twice is 422, with one nobody knows it is fine", async () => {
    expectProblem(await get("/api/v1/probe/open?count=1&count=2"), 422, "VALIDATION_FAILED");
    expect((await get("/api/v1/probe/open?__proto__=1&constructor=2&x=1&x=2&a[b]=c")).status).toBe(200);
  });
  it("with NUL in it is 422", async () => {
    expect(expectProblem(await get("/api/v1/probe/a%00b"), 422, "VALIDATION_FAILED")).toMatchObject({
      errors: [{ in: "path", field: "id" }],
    });
    expectProblem(await get("/api/v1/probe/open?word=%00"), 422, "VALIDATION_FAILED");
  });
  it("without Host is 400", async () => {
    expect(await talk(gate.port, "GET /health HTTP/1.1\r\nconnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 400 [^]*"code":"BAD_REQUEST"/,
    );
  });
});

describe("a body", () => {
  it.each(["{", "[1,", "{'name':1}", "name=cup", "\u0000"])("that is no JSON is 400: %j", async body => {
    expectProblem(await make(body), 400, "MALFORMED_JSON");
  });
  it("that is no UTF-8 is 400", async () => {
    expectProblem(await make(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), 400, "MALFORMED_JSON");
  });
  it("of depth 10 000 is 400", async () => {
    expectProblem(await make('{"a":'.repeat(10_000) + "1" + "}".repeat(10_000)), 400, "BAD_REQUEST");
    expectProblem(await make("[".repeat(10_000)), 400, "BAD_REQUEST");
  });
  it.each([
    ["unknown fields", '{"name":"cup","admin":true}', "admin"],
    ["unknown inner fields", '{"name":"cup","inner":{"size":1,"x":2}}', "inner.x"],
    ["__proto__", '{"name":"cup","__proto__":{"admin":true}}', "__proto__"],
    ["constructor", '{"name":"cup","inner":{"constructor":{"prototype":1}}}', "inner.constructor"],
    ["NUL", '{"name":"a\\u0000b"}', "name"],
    ["a lone surrogate", '{"name":"\\ud83d"}', "name"],
    ["a wrong type", '{"name":1}', "name"],
  ])("with %s is 422 and names the field", async (_what, body, field) => {
    const before = room.calls.length;
    expect(expectProblem(await make(body), 422, "VALIDATION_FAILED")).toMatchObject({
      errors: [{ in: "body", field, message: expect.any(String) }],
    });
    expect(room.calls.length).toBe(before);
  });
  it("that is missing is 422 and names what is needed", async () => {
    const answer = await send(`${gate.url}/api/v1/probe/1`, { method: "POST", headers: signedIn });
    expect(expectProblem(answer, 422, "VALIDATION_FAILED")["errors"]).toEqual([
      { in: "body", field: "name", message: expect.any(String) },
    ]);
  });
  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "",
  ])("of type %j is 415", async type => {
    expectProblem(await make('{"name":"cup"}', { "content-type": type }), 415, "UNSUPPORTED_MEDIA_TYPE");
  });
  it("that is compressed is 415", async () => {
    expectProblem(await make('{"name":"cup"}', { "content-encoding": "gzip" }), 415, "UNSUPPORTED_MEDIA_TYPE");
  });
  it("over the limit is 413, and the rest is not read", async () => {
    expectProblem(await make(`{"name":"${"x".repeat(65 * 1024)}"}`), 413, "BODY_TOO_LARGE");
    let sent = 0;
    const hundredMegabytes = (function* () {
      for (; sent < 100; sent++) yield Buffer.alloc(1024 * 1024, 0x20);
    })();
    const headers = { ...JSON_TYPE, ...signedIn, "transfer-encoding": "chunked" };
    const answer = await send(`${gate.url}/api/v1/probe/1`, { method: "POST", headers }, hundredMegabytes);
    expectProblem(answer, 413, "BODY_TOO_LARGE");
    expect(sent).toBeLessThan(50);
  });
  it("that announces 100 MB is 413 at once", async () => {
    const request = `POST /api/v1/probe/1 HTTP/1.1\r\nhost: x\r\nauthorization: ${signedIn["authorization"] ?? ""}\r\ncontent-type: application/json\r\n`;
    const announced = await talk(gate.port, `${request}content-length: 104857600\r\n\r\n{"name":`);
    expect(announced).toMatch(/^HTTP\/1\.1 413 [^]*"code":"BODY_TOO_LARGE"/);
    const asked = await talk(gate.port, `${request}expect: 100-continue\r\ncontent-length: 104857600\r\n\r\n`);
    expect(asked).toMatch(/^HTTP\/1\.1 413 /);
  });
  it("of a stranger is not read", async () => {
    const request =
      "POST /api/v1/probe/1 HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 104857600\r\n\r\n";
    expect(await talk(gate.port, request)).toMatch(/^HTTP\/1\.1 401 [^]*"code":"UNAUTHENTICATED"/);
  });
  it("that does not come in time is 408", async () => {
    const request = `POST /api/v1/probe/1 HTTP/1.1\r\nhost: x\r\nauthorization: ${signedIn["authorization"] ?? ""}\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"na`;
    expect(await talk(gate.port, request)).toMatch(/^HTTP\/1\.1 408 [^]*"code":"REQUEST_TOO_SLOW"/);
  });
  it("that ends too early leaves nothing behind", async () => {
    const before = room.calls.length;
    const request = `POST /api/v1/probe/1 HTTP/1.1\r\nhost: x\r\nauthorization: ${signedIn["authorization"] ?? ""}\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"na`;
    await talk(gate.port, request, { hangUp: true });
    expect(room.calls.length).toBe(before);
    expect((await get("/health")).status).toBe(200);
  });
});

describe("bytes that are no request", () => {
  it("get 400", async () => {
    expect(await talk(gate.port, "this is not http\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json[^]*"code":"BAD_REQUEST"/,
    );
  });
  it("after a request are answered after it", async () => {
    const answer = await talk(gate.port, "GET /api/v1/probe/first HTTP/1.1\r\nhost: x\r\n\r\n\x01\x02garbage\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK[^]*"first"[^]*HTTP\/1\.1 400 Bad Request/);
  });
  it("with two different lengths get 400", async () => {
    const smuggled =
      "POST /api/v1/probe/nothing HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    expect(await talk(gate.port, smuggled)).toMatch(/^HTTP\/1\.1 400 /);
  });
  it("in the middle of a body get 400", async () => {
    const begun = `POST /api/v1/probe/1 HTTP/1.1\r\nhost: x\r\nauthorization: ${signedIn["authorization"] ?? ""}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"na\r\n`;
    expect(await talk(gate.port, `${begun}no chunk\r\n`)).toMatch(/^HTTP\/1\.1 400 [^]*"code":"BAD_REQUEST"/);
  });
  it("that are endless headers get 431, however long they go on", async () => {
    const headers = `GET /health HTTP/1.1\r\nhost: x\r\nx-a: ${"a".repeat(200_000)}\r\n\r\n`;
    expect(await talk(gate.port, headers)).toMatch(/^HTTP\/1\.1 431 [^]*"code":"HEADERS_TOO_LARGE"/);
  });
  it("that stop in the middle of the headers get 408", async () => {
    expect(await talk(gate.port, "GET /health HTTP/1.1\r\nhost:")).toMatch(/^HTTP\/1\.1 408 [^]*REQUEST_TOO_SLOW/);
  });
});

describe("who asks", () => {
  const whoIs = (headers: Record<string, string>) =>
    send(`${gate.url}/api/v1/probe/1`, { method: "POST", headers: { ...JSON_TYPE, ...headers } }, ['{"name":"cup"}']);

  it("is told by the cookie of the app", async () => {
    const answer = await whoIs({ cookie: `theme=dark; s_access=${await tokenFor(USER)}` });
    expect(answer.json()).toMatchObject({ user: { userId: USER } });
  });
  it("must be told", async () => {
    const answer = await whoIs({});
    expectProblem(answer, 401, "UNAUTHENTICATED");
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="eco2"');
    expectProblem(await whoIs({ cookie: "s_access=" }), 401, "UNAUTHENTICATED");
  });
  it("is not who has an expired, forged or refresh token", async () => {
    expectProblem(await whoIs({ cookie: `s_access=${await tokenFor(USER, { ttlS: -30 })}` }), 401, "TOKEN_EXPIRED");
    const [head = "", , signature = ""] = (await tokenFor(USER)).split(".");
    const forged = [head, Buffer.from(JSON.stringify({ sub: "admin" })).toString("base64url"), signature].join(".");
    expectProblem(await whoIs({ authorization: `Bearer ${forged}` }), 401, "TOKEN_INVALID");
    expectProblem(await whoIs({ cookie: "s_access=rubbish" }), 401, "TOKEN_INVALID");
    const refresh = await tokenFor(USER, { type: "refresh" });
    expectProblem(await whoIs({ authorization: `Bearer ${refresh}` }), 401, "TOKEN_INVALID");
  });
  it("stops counting when the session is ended", async () => {
    const sessionId = randomUUID();
    const headers = { authorization: `Bearer ${await tokenFor(USER, { sessionId })}` };
    expect((await whoIs(headers)).status).toBe(201);
    await gate.broker.broadcast("auth.revoked", {
      session_id: sessionId,
      expires_at: new Date(Date.now() + 600_000).toISOString(),
    });
    expectProblem(await whoIs(headers), 401, "TOKEN_REVOKED");
    const open = await get("/api/v1/probe/open", headers);
    expect(open.status).toBe(200);
    expect(open.json()).not.toHaveProperty("user");
  });
  it("does not matter on a public route when the token is no good", async () => {
    expect((await get("/api/v1/probe/open", { cookie: "s_access=rubbish" })).status).toBe(200);
    expect((await get("/api/v1/probe/open", signedIn)).json()).toMatchObject({ user: { userId: USER } });
  });
});

describe("an origin", () => {
  it("on the list is let in, with cookies", async () => {
    const answer = await get("/api/v1/probe/open", { origin: APP });
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": APP,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": expect.stringMatching(/X-Request-Id.*Retry-After/),
      vary: "Origin",
    });
  });
  it("on the list sees refusals too", async () => {
    const answer = await send(`${gate.url}/api/v1/probe/1`, { method: "POST", headers: { origin: APP } });
    expectProblem(answer, 401, "UNAUTHENTICATED");
    expect(answer.headers["access-control-allow-origin"]).toBe(APP);
  });
  it("is asked for by a preflight, before anything else", async () => {
    const answer = await send(`${gate.url}/api/v1/probe/1`, {
      method: "OPTIONS",
      headers: {
        origin: APP,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers["access-control-allow-methods"]).toContain("PUT");
    for (const header of ["Content-Type", "Authorization", "X-Frontend-Origin", "X-Idempotency-Key", "Last-Event-ID"])
      expect(answer.headers["access-control-allow-headers"]).toContain(header);
  });
  it.each(["https://evil.example", "null", `${APP}.evil.example`, "http://localhost:51730", "https://localhost:5173/"])(
    "like %s is 400, for requests and preflights, and never 403",
    async origin => {
      for (const method of ["GET", "OPTIONS"]) {
        const headers = { origin, "access-control-request-method": "POST" };
        const answer = await send(`${gate.url}/api/v1/probe/open`, { method, headers });
        expectProblem(answer, 400, "ORIGIN_NOT_ALLOWED");
        expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
        expect(answer.headers["vary"]).toBe("Origin");
      }
    },
  );
  it("may be our own", async () => {
    expect((await get("/api/v1/probe/open", { origin: gate.url })).status).toBe(200);
    const byName = `http://localhost:${gate.port}`;
    expect((await get("/api/v1/probe/open", { origin: byName, host: `localhost:${gate.port}` })).status).toBe(200);
    const rebound = { origin: "http://evil.example", host: "evil.example" };
    expectProblem(await get("/api/v1/probe/open", rebound), 400, "ORIGIN_NOT_ALLOWED");
  });
  it("that a browser keeps to itself counts as wrong for changes from another site", async () => {
    const answer = await send(`${gate.url}/api/v1/probe/nothing`, {
      method: "POST",
      headers: { "sec-fetch-site": "cross-site" },
    });
    expectProblem(answer, 400, "ORIGIN_NOT_ALLOWED");
    const back = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await get("/api/v1/probe/leave", back)).status).toBe(302);
  });
});

describe("an action that fails", () => {
  it("by the caller's fault says so", async () => {
    expect(expectProblem(await get("/api/v1/probe/break?how=caller"), 422, "IMAGE_INVALID")).toMatchObject({
      detail: "Nothing to see in it.",
    });
  });
  it("by the world's fault says when to come back", async () => {
    const answer = await get("/api/v1/probe/break?how=world");
    expectProblem(answer, 503, "DATABASE_UNAVAILABLE");
    expect(answer.headers["retry-after"]).toBe("2");
  });
  it.each(["plainly", "ours", "text"])("by our fault (%s) says nothing but the request id", async how => {
    const answer = await get(`/api/v1/probe/break?how=${how}`);
    expectProblem(answer, 500, "INTERNAL");
    expect(Object.keys(answer.json()).sort()).toEqual(["code", "request_id", "status", "title", "type"]);
    expect(answer.text).not.toMatch(/hunter2|secret|users|stack|probe/);
  });
  it("to write its own headers is our fault, and nothing worse", async () => {
    expectProblem(await get("/api/v1/probe/break?how=odd-header"), 500, "INTERNAL");
    expect((await get("/health")).status).toBe(200);
  });
  it("because another room is not there is 503", async () => {
    expectProblem(await get("/api/v1/probe/break?how=unknown-action"), 503, "SERVICE_UNAVAILABLE");
  });
  it("may set cookies with its refusal", async () => {
    const answer = await get("/api/v1/probe/break?how=with-cookie");
    expectProblem(answer, 401, "TOKEN_REVOKED");
    expect(answer.headers["set-cookie"]).toEqual(["s_old=; Max-Age=0"]);
  });
  it("by not answering is 504", async () => {
    expectProblem(await get("/api/v1/probe/break?how=late"), 504, "DEADLINE_EXCEEDED");
  });
});

describe("the log", () => {
  const linesOf = (requestId: string) =>
    gate.logs.filter(({ args }) => (args[0] as { requestId?: string } | undefined)?.requestId === requestId);

  it("has one line a request, without query, cookies or tokens", async () => {
    const before = gate.logs.length;
    const { headers } = await get("/api/v1/probe/open?word=s3cret-query", {
      ...signedIn,
      cookie: "s_old=s3cret-cookie",
    });
    const lines = linesOf(String(headers["x-request-id"]));
    expect(lines).toEqual([
      {
        level: "info",
        args: [
          { requestId: headers["x-request-id"], status: 200, ms: expect.any(Number), userId: USER },
          expect.stringMatching(/^GET \/api\/v1\/probe\/open 200 \d+ ms$/),
        ],
      },
    ]);
    const said = gate.logs.slice(before).filter(({ level }) => level !== "debug" && level !== "trace");
    expect(JSON.stringify(said)).not.toMatch(/s3cret|eyJ/);
  });
  it("has the cause of a 5xx, with the same request id", async () => {
    const { headers } = await get("/api/v1/probe/break?how=plainly");
    expect(linesOf(String(headers["x-request-id"]))).toContainEqual({
      level: "error",
      args: [
        expect.objectContaining({
          action: "probe.break",
          err: expect.objectContaining({ message: expect.any(String) }),
        }),
        "INTERNAL at /api/v1/probe/break",
      ],
    });
  });
  it("says nothing of probes that are well", async () => {
    const { headers } = await get("/health");
    expect(linesOf(String(headers["x-request-id"])).map(({ level }) => level)).toEqual(["debug"]);
  });
});

it("protects every answer with the headers of helmet", async () => {
  for (const path of ["/health", "/nope", "/api/v1/probe/open"]) {
    const { headers } = await get(path);
    expect(headers).toMatchObject({
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
    expect(headers).not.toHaveProperty("x-powered-by");
  }
});
