import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { startGateway, type TestGateway } from "../builders/gateway.ts";
import { probe, type Probe, probeRoom } from "../builders/probe-room.ts";
import { send, talk } from "../builders/raw-http.ts";

let gate: TestGateway;
let room: Probe;
beforeEach(async () => {
  room = probeRoom();
  gate = await startGateway({
    contracts: [probe],
    services: [room.service],
    settings: { upload: { bytes: 1024 * 1024, idleMs: 250 } },
  });
});
afterEach(() => gate.stop());

const put = (name: string, body: Iterable<Buffer | string>, headers: Record<string, string> = {}, sign = "good") =>
  send(`${gate.url}/api/v1/probe/bytes/${name}?sign=${sign}`, { method: "PUT", headers }, body);
const get = (name: string, options = {}) => send(`${gate.url}/api/v1/probe/bytes/${name}`, options);

describe("bytes that come in", () => {
  it("reach the action as a stream, with the parameters of path, query and headers", async () => {
    const pieces = Array.from({ length: 40 }, () => Buffer.alloc(20_000, 0x61));
    const answer = await put("cup.jpg", pieces, { "content-type": "image/jpeg", "content-length": "800000" });
    expect(answer.json()).toEqual({
      name: "cup.jpg",
      sign: "good",
      content_type: "image/jpeg",
      content_length: 800_000,
      length: 800_000,
    });
    expect((await put("cup.jpg", pieces)).json()).toMatchObject({
      content_type: "application/octet-stream",
      length: 800_000,
    });
    expect((await put("empty", [])).json()).toMatchObject({ length: 0 });
  });

  it("are not asked for when the address alone is refused", async () => {
    const asked = await talk(
      gate.port,
      "PUT /api/v1/probe/bytes/x HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n",
    );
    expect(asked).toMatch(/^HTTP\/1\.1 422 [^]*"field":"sign"/);
  });

  it("are invited when they ask first", async () => {
    const request =
      "PUT /api/v1/probe/bytes/x?sign=good HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc";
    expect(await talk(gate.port, request)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 [^]*"length":3/);
  });

  it("that the room refuses half-way get its answer, though more were coming", async () => {
    let sent = 0;
    const body = (function* () {
      for (; sent < 50; sent++) yield Buffer.alloc(20_000);
    })();
    const answer = await put("picky", body, { "content-length": "1000000" });
    expect([answer.status, answer.json()["code"]]).toEqual([422, "IMAGE_INVALID"]);
    expect(answer.headers["connection"]).toBe("close");
  });

  it("that the room refuses at once get its answer", async () => {
    const answer = await put("cup.jpg", [Buffer.alloc(900_000)], {}, "bad");
    expect([answer.status, answer.json()["code"]]).toEqual([404, "SIGNATURE_INVALID"]);
  });

  it("are too many at some number, announced or not", async () => {
    const announced = await put("x", [Buffer.alloc(2_000_000)], { "content-length": "2000000" });
    expect([announced.status, announced.json()["code"]]).toEqual([413, "BODY_TOO_LARGE"]);
    const pieces = Array.from({ length: 20 }, () => Buffer.alloc(100_000));
    const counted = await put("x", pieces, { "transfer-encoding": "chunked" });
    expect([counted.status, counted.json()["code"]]).toEqual([413, "BODY_TOO_LARGE"]);
  });

  it("that stop coming are 408", async () => {
    const begun = "PUT /api/v1/probe/bytes/x?sign=good HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc";
    expect(await talk(gate.port, begun)).toMatch(/^HTTP\/1\.1 408 [^]*"code":"REQUEST_TOO_SLOW"/);
  });

  it("that break off break the room's stream too", async () => {
    const socket = connect(gate.port, "127.0.0.1");
    const begun = once(gate.server, "request");
    socket.write("PUT /api/v1/probe/bytes/x?sign=good HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
    await begun;
    socket.destroy();
    expect(await room.uploadBroken).toMatchObject({ type: "BAD_REQUEST" });
  });
});

describe("bytes that go out", () => {
  it.each([
    ["buffer", "whole"],
    ["text", "텍스트"],
    ["stream", "streamed"],
  ])("go as they are: %s", async (name, body) => {
    const answer = await get(name);
    expect(answer).toMatchObject({
      status: 200,
      text: body,
      headers: { "content-type": "image/png", "cross-origin-resource-policy": "cross-origin" },
    });
  });

  it("are left out for HEAD, and their source is let go", async () => {
    expect(await get("stream", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    expect(room.given?.destroyed).toBe(true);
  });

  it("are not sent again to who has them", async () => {
    const first = await get("tagged");
    expect(first.headers).toMatchObject({ etag: '"v1"', "cache-control": "max-age=60" });
    for (const known of ['"v1"', 'W/"v1"', '"v0", "v1"', "*"])
      expect(await get("tagged", { headers: { "if-none-match": known } })).toMatchObject({ status: 304, text: "" });
    expect((await get("tagged", { headers: { "if-none-match": '"v0"' } })).status).toBe(200);
  });

  it("that fail before the first one are answered with what is wrong", async () => {
    const answer = await get("dies-first");
    expect([answer.status, answer.json()["code"]]).toEqual([503, "STORAGE_UNAVAILABLE"]);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  it("that fail half-way are cut off, so that nobody takes them for whole", async () => {
    const answer = await talk(gate.port, "GET /api/v1/probe/bytes/dies-late HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(answer).toContain("first bytes");
    expect(answer).not.toMatch(/0\r\n\r\n$/);
    expect(answer).not.toContain("/secret/place");
  });

  it("stop being made when the client leaves", async () => {
    const req = request(`${gate.url}/api/v1/probe/bytes/endless`, { agent: false }).end();
    const [res] = (await once(req, "response")) as [NodeJS.ReadableStream];
    await once(res, "data");
    const { given } = room;
    const closed = new Promise(resolve => given?.once("close", resolve));
    req.destroy();
    await closed;
    expect(given?.destroyed).toBe(true);
    expect((await get("buffer")).status).toBe(200);
  });
});
