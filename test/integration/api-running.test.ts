import { afterEach, describe, expect, it } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import Type from "typebox";
import { contract } from "../../broker/contract.ts";
import { service } from "../../broker/service.ts";
import { findHouse } from "../../mixins/house-file.ts";
import { API_PREFIX, domains } from "../../services/api/api.contract.ts";
import { startGateway, type TestGateway, tokenFor } from "../builders/gateway.ts";
import { probe, probeRoom } from "../builders/probe-room.ts";
import { send } from "../builders/raw-http.ts";

const USER = "0b5f8a52-6d5e-4b6e-9a55-0c9f5a8f1c11";
let gate: TestGateway | undefined;
afterEach(async () => {
  await gate?.stop();
  gate = undefined;
});
const open = async (options: Partial<Parameters<typeof startGateway>[0]> = {}): Promise<TestGateway> =>
  (gate = await startGateway({ contracts: [probe], services: [probeRoom().service], ...options }));

/** A room with one route, whose answers a test lets go when it likes. */
function slowRoom() {
  const door = contract("slow", {
    actions: {
      work: {
        summary: "Takes its time",
        rest: "GET /slow/work",
        auth: "public",
        params: Type.Object({}),
        result: Type.Unknown(),
      },
    },
  });
  let begun: () => void = () => undefined;
  let release: () => void = () => undefined;
  const hasBegun = new Promise<void>(resolve => (begun = resolve));
  const released = new Promise<void>(resolve => (release = resolve));
  let hasStopped = false;
  const room = service(door)({
    actions: {
      async work() {
        begun();
        await released;
        return { hasStopped };
      },
    },
    async stopped() {
      hasStopped = true;
    },
  });
  return { door, room, hasBegun, release: () => release() };
}

describe("/health", () => {
  it("says that the process lives", async () => {
    const { url } = await open();
    const answer = await send(`${url}/health`, {});
    expect(answer.json()).toEqual({
      status: "ok",
      service: "eco2",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      uptime_s: expect.any(Number),
      open_streams: 0,
    });
  });
});

describe("/ready", () => {
  const door = contract("stands", {
    actions: { act: { summary: "x", params: Type.Object({}), result: Type.Unknown() } },
  });
  const standing = (ready: () => unknown): ServiceSchema => ({
    name: "stands",
    actions: { act: () => null, ready: () => ready() },
  });

  it("names every room and what it stands on", async () => {
    const { url } = await open({ contracts: [door], services: [standing(() => ({ database: "ok" }))] });
    const answer = await send(`${url}/ready`, {});
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.json()).toEqual({ status: "ready", dependencies: { stands: "ok", database: "ok" } });
  });

  it.each([
    ["says that its database is down", () => ({ database: "down", images: "ok" }), "database"],
    ["does not answer in time", () => new Promise(() => undefined), "stands"],
    ["fails", () => Promise.reject(new Error("secret detail")), "stands"],
  ])("names what does not answer when a room %s", async (_what, ready, name) => {
    const { url } = await open({
      contracts: [door],
      services: [standing(ready)],
      settings: { readyTimeoutMs: 50 },
    });
    const answer = await send(`${url}/ready`, {});
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "2" } });
    expect(answer.json()).toMatchObject({
      code: "SERVICE_UNAVAILABLE",
      detail: `No answer from: ${name}.`,
      dependencies: { [name]: "down" },
    });
    expect(answer.text).not.toContain("secret");
  });

  it("names a room that is not there, and is well again when it comes", async () => {
    const { url, broker } = await open({ contracts: [door, probe], settings: { readyCacheMs: 0 } });
    expect((await send(`${url}/ready`, {})).json()).toMatchObject({
      detail: "No answer from: stands.",
      dependencies: { probe: "ok", stands: "down" },
    });
    broker.createService(standing(() => ({})));
    await broker.waitForServices("stands");
    expect((await send(`${url}/ready`, {})).status).toBe(200);
  });

  it("asks once for many who look", async () => {
    let asked = 0;
    const { url } = await open({
      contracts: [door],
      services: [
        standing(() => {
          asked++;
          return {};
        }),
      ],
      settings: { readyCacheMs: 60_000 },
    });
    await Promise.all(Array.from({ length: 20 }, () => send(`${url}/ready`, {})));
    expect(asked).toBe(1);
  });
});

describe("a gateway without the room of sign-in", () => {
  it("lets nobody in, and signs nobody out either", async () => {
    const { url } = await open({ withoutAuth: true });
    const headers = { authorization: `Bearer ${await tokenFor(USER)}`, "content-type": "application/json" };
    const answer = await send(`${url}/api/v1/probe/1`, { method: "POST", headers }, ['{"name":"cup"}']);
    expect([answer.status, answer.json()["code"]]).toEqual([503, "SERVICE_UNAVAILABLE"]);
    expect((await send(`${url}/api/v1/probe/open`, { headers })).status).toBe(200);
  });

  it("knows the sessions that ended before it started", async () => {
    const sessionId = "7d5cb7d8-4a55-4b46-8f0f-0a8f0a4e7a01";
    const { url, revoked } = await open();
    revoked.push({ session_id: sessionId, expires_at: new Date(Date.now() + 600_000).toISOString() });
    const headers = { authorization: `Bearer ${await tokenFor(USER, { sessionId })}` };
    const answer = await send(`${url}/api/v1/probe/x/events`, { headers });
    expect(answer.json()["code"]).toBe("TOKEN_REVOKED");
  });

  it("finds an ended session that no event told it of", async () => {
    const sessionId = "7d5cb7d8-4a55-4b46-8f0f-0a8f0a4e7a02";
    const { url, revoked } = await open({ settings: { revocationsMs: 20 } });
    const headers = { authorization: `Bearer ${await tokenFor(USER, { sessionId })}` };
    const ask = async () => (await send(`${url}/api/v1/probe/foreign/events`, { headers })).json()["code"];
    expect(await ask()).toBe("RESULT_NOT_FOUND");
    revoked.push({ session_id: sessionId, expires_at: new Date(Date.now() + 600_000).toISOString() });
    while ((await ask()) !== "TOKEN_REVOKED");
  });
});

describe("a gateway that stops", () => {
  it("finishes what is in hand before any room stops, and lets no connection linger", async () => {
    const { door, room, hasBegun, release } = slowRoom();
    const { url, port, broker } = await open({ contracts: [door], services: [room] });
    const silent = connect(port, "127.0.0.1");
    const silentEnd = new Promise(resolve => silent.once("close", resolve));
    const inHand = send(`${url}/api/v1/slow/work`, {});
    await hasBegun;
    const stopped = broker.stop();
    await silentEnd;
    await expect(send(`${url}/health`, {})).rejects.toMatchObject({ code: "ECONNREFUSED" });
    release();
    const answer = await inHand;
    expect(answer).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(answer.json()).toEqual({ hasStopped: false });
    await stopped;
  });

  it("says so first, and is there meanwhile for those who have not noticed", async () => {
    const { url, broker } = await open({ settings: { lameDuckMs: 1_000 } });
    const stopped = broker.stop();
    const ready = async () => send(`${url}/ready`, {});
    let answer = await ready();
    while (answer.status === 200) answer = await ready();
    expect(answer).toMatchObject({ status: 503, headers: { connection: "close" } });
    expect(answer.json()).toMatchObject({ detail: "This process is shutting down." });
    expect((await send(`${url}/api/v1/probe/open`, {})).status).toBe(200);
    await stopped;
    await expect(ready()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("gives up on what takes longer than its time", async () => {
    const { door, room, hasBegun, release } = slowRoom();
    const { url, broker } = await open({ contracts: [door], services: [room], settings: { shutdownMs: 50 } });
    const inHand = send(`${url}/api/v1/slow/work`, {});
    await hasBegun;
    const cut = expect(inHand).rejects.toMatchObject({ code: "ECONNRESET" });
    await broker.stop();
    await cut;
    release();
  });

  it("leaves word of its address while it runs, and takes it away", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "eco2-gate-"));
    const { url, broker } = await open({ settings: { dataDir } });
    expect(findHouse(dataDir)).toEqual({ pid: process.pid, url });
    await broker.stop();
    expect(findHouse(dataDir)).toBeUndefined();
    rmSync(dataDir, { recursive: true });
  });
});

describe("the documentation", () => {
  it("is where somebody is led who opens the address", async () => {
    const { url } = await open();
    expect(await send(url, {})).toMatchObject({ status: 302, headers: { location: `${API_PREFIX}/docs` } });
  });

  it("is a page for every domain, made of our own files only, and no inline script", async () => {
    const { url } = await open();
    for (const path of [API_PREFIX, ...domains.map(({ name }) => `${API_PREFIX}/${name}`)]) {
      const page = await send(`${url}${path}/docs`, {});
      expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
      expect(page.headers["content-security-policy"]).toMatch(/default-src 'none'; script-src 'self';/);
      expect(page.text).not.toMatch(/<script>|(src|href)="(https?:)?\/\//);
      expect(page.text).toContain(`data-openapi="${path}/openapi.json"`);
      const document = await send(`${url}${path}/openapi.json`, {});
      expect(document.json()).toMatchObject({ openapi: "3.1.0" });
      for (const [, file = ""] of page.text.matchAll(/(?:src|href)="([^"]*\/assets\/[^"]*)"/g))
        expect(await send(`${url}${file}`, { method: "HEAD" })).toMatchObject({
          status: 200,
          headers: { "cache-control": expect.stringContaining("immutable") },
        });
    }
  });

  it("is not sent again to who has it", async () => {
    const { url } = await open();
    const { headers } = await send(`${url}${API_PREFIX}/docs`, {});
    const again = await send(`${url}${API_PREFIX}/docs`, { headers: { "if-none-match": headers["etag"] ?? "" } });
    expect(again).toMatchObject({ status: 304, text: "" });
  });

  it.each(["package.json", "..%2fpackage.json", "__proto__", "swagger-ui.css.map", "constructor", "%00"])(
    "gives away no other file: %s",
    async file => {
      const { url } = await open();
      expect((await send(`${url}${API_PREFIX}/docs/assets/${file}`, {})).status).toBe(404);
    },
  );
});
