import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { bodyOf, type Client } from "../../scripts/client.ts";
import { makePicture, makePngBomb } from "../builders/picture.builder.ts";
import { type Answer, send } from "../builders/raw-http.ts";
import { type House, startHouse } from "../house.ts";

const TEN_MIB = 10 * 1024 * 1024;

let house: House;
let minji: Client;
let photo: Buffer;
/** A server that an image_url leads to; whoever fetches it is caught. */
let trap: Server;
let trapped = 0;
let trapPort = 0;

beforeAll(async () => {
  trap = createServer((_, res) => {
    trapped++;
    res.end();
  }).listen(0, "127.0.0.1");
  await new Promise(resolve => trap.once("listening", resolve));
  trapPort = (trap.address() as AddressInfo).port;
  house = await startHouse();
  minji = await house.signIn("민지");
  photo = await makePicture();
}, 120_000);
afterAll(async () => {
  trap.close();
  await house.stop();
});

/** What an answer must never tell: our paths, our code, SQL, rooms and nodes. */
function expectNoLeak(answer: { text: string }): void {
  expect(answer.text).not.toMatch(
    /node_modules|\.ts\b|\bat .*:\d+|select |insert into|nodeID|stack|ECONN|data\/|\/tmp\//i,
  );
  expect(answer.text).not.toContain(house.dataDir);
}

const cookies = () => [...minji.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
/** A POST whose bytes go out as they are. */
const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
  send(
    `${house.url}/api/v1${path}`,
    {
      method: "POST",
      headers: {
        "content-type": "application/json",
        cookie: cookies(),
        "content-length": String(Buffer.byteLength(body)),
        ...headers,
      },
    },
    [body],
  );

function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.json()["code"]]).toEqual([status, code]);
  expect(answer.headers["content-type"]).toContain("application/problem+json");
  expect(answer.json()).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    request_id: expect.any(String),
  });
  expectNoLeak(answer);
}

interface Slot {
  key: string;
  upload_url: string;
  cdn_url: string;
}
async function presign(filename = "photo.jpg", contentType = "image/jpeg"): Promise<Slot> {
  return bodyOf(await minji.post("/api/v1/images/scan", { filename, content_type: contentType })) as Slot;
}
const put = (url: string, bytes: Buffer, type: string): Promise<Answer> =>
  send(url, { method: "PUT", headers: { "content-type": type, "content-length": String(bytes.length) } }, [bytes]);

describe("a file that is no picture", () => {
  it.each<[string, () => Buffer, string, number, string]>([
    ["text called a JPEG", () => Buffer.from("어떻게 버려요? ".repeat(100)), "image/jpeg", 422, "IMAGE_INVALID"],
    ["0 bytes", () => Buffer.alloc(0), "image/jpeg", 422, "IMAGE_INVALID"],
    ["half a picture", () => photo.subarray(0, photo.length / 2), "image/jpeg", 422, "IMAGE_INVALID"],
    ["a JPEG's head and nothing behind it", () => photo.subarray(0, 20), "image/jpeg", 422, "IMAGE_INVALID"],
    [
      "a script in HTML",
      () => Buffer.from("<html><script>alert(1)</script></html>"),
      "image/jpeg",
      422,
      "IMAGE_INVALID",
    ],
    [
      "SVG",
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
      "image/jpeg",
      422,
      "IMAGE_INVALID",
    ],
    ["50 000 × 50 000 px", () => makePngBomb(), "image/png", 422, "IMAGE_INVALID"],
    ["a PNG sent as JPEG", () => makePngBomb(10, 10), "image/jpeg", 422, "IMAGE_INVALID"],
    ["11 MiB", () => Buffer.concat([photo, Buffer.alloc(11 * 1024 * 1024)]), "image/jpeg", 413, "IMAGE_TOO_LARGE"],
    [
      "one byte too many",
      () => Buffer.concat([photo, Buffer.alloc(TEN_MIB + 1 - photo.length)]),
      "image/jpeg",
      413,
      "IMAGE_TOO_LARGE",
    ],
    ["another content type than announced", () => photo, "text/html", 415, "UNSUPPORTED_MEDIA_TYPE"],
  ])("%s is refused, and nothing of it is kept", async (_what, bytes, type, status, code) => {
    const slot = await presign(type === "image/png" ? "p.png" : "p.jpg", type === "text/html" ? "image/jpeg" : type);
    expectProblem(await put(slot.upload_url, bytes(), type), status, code);
    expect((await minji.request(slot.cdn_url)).status).toBe(404);
    const scan = await minji.post("/api/v1/scan", { image_url: slot.cdn_url });
    expect([scan.status, scan.body]).toEqual([422, expect.objectContaining({ code: "IMAGE_INVALID" })]);
    expect(filesBelow(join(house.dataDir, "images"))).toEqual([]);
  });

  it.each([
    ["photo.gif", "image/gif"],
    ["photo.heic", "image/heic"],
    ["page.html", "text/html"],
    ["photo", "application/octet-stream"],
    ["photo.svg", "image/svg+xml"],
  ])("%s of type %s is not even given an address", async (filename, content_type) => {
    const answer = await post("/images/scan", JSON.stringify({ filename, content_type }));
    expectProblem(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    expect(answer.json()["detail"]).toMatch(/JPEG|jpeg/);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => entry.name);
}

describe("an upload address", () => {
  it.each<[string, (url: string) => string]>([
    ["with another name", url => url.replace(/[0-9a-f]{32}/, "0".repeat(32))],
    ["with a longer life", url => url.replace(/expires=\d+/, "expires=99999999999")],
    ["without its signature", url => url.replace(/&?signature=[^&]*/, "")],
    ["with another signature", url => url.replace(/signature=.{4}/, "signature=AAAA")],
    ["for another channel", url => url.replace("/scan/", "/my/")],
  ])("%s takes nothing", async (_what, forge) => {
    const { upload_url } = await presign();
    const answer = await put(forge(upload_url), photo, "image/jpeg");
    expect([404, 422]).toContain(answer.status);
    expectNoLeak(answer);
  });
});

describe("an image_url that is not the address of one's own uploaded picture", () => {
  let own: string;
  beforeAll(async () => {
    own = await minji.upload(Uint8Array.from(photo), { name: "photo.jpg" });
  });
  /** The path and query of a picture that really is there. */
  const rest = () => own.slice(house.url.length);
  const port = () => new URL(house.url).port;

  it.each<[string, () => string]>([
    ["another site", () => "https://example.com/cat.jpg"],
    ["a server on this machine", () => `http://127.0.0.1:${trapPort}/cat.jpg`],
    ["our path on another port", () => `http://127.0.0.1:${trapPort}${rest()}`],
    ["our path on localhost by another name", () => `http://localtest.me:${port()}${rest()}`],
    ["a decimal host", () => `http://2130706433:${trapPort}${rest()}`],
    ["a decimal host of ours", () => `http://2130706433:${port()}${rest()}`],
    ["a hex host", () => `http://0x7f000001:${port()}${rest()}`],
    ["an octal host", () => `http://0177.0.0.1:${port()}${rest()}`],
    ["a short host", () => `http://127.1:${port()}${rest()}`],
    ["IPv6 loopback", () => `http://[::1]:${trapPort}${rest()}`],
    ["IPv4 in IPv6", () => `http://[::ffff:127.0.0.1]:${port()}${rest()}`],
    ["the metadata service", () => "http://169.254.169.254/latest/meta-data/iam/security-credentials/"],
    ["our host as user name", () => `http://127.0.0.1:${port()}@127.0.0.1:${trapPort}${rest()}`],
    ["a user name before our host", () => own.replace("http://", "http://user@")],
    ["our host as the beginning of another", () => `http://127.0.0.1:${port()}.evil.example${rest()}`],
    ["https in place of http", () => own.replace("http:", "https:")],
    ["another path of ours", () => `${house.url}/api/v1/auth/logout`],
    ["a path that climbs", () => own.replace("/files/", "/files/../files/")],
    ["an encoded path", () => own.replace("/files/", "/%66iles/")],
    ["a fragment", () => `${own}#x`],
    ["one query more", () => `${own}&x=1`],
    ["no signature", () => own.replace(/\?.*$/, "")],
    ["a backslash", () => own.replace("/api/", "\\api/")],
    ["a file", () => "file:///etc/passwd"],
    ["data", () => "data:image/jpeg;base64,/9j/4AAQ"],
    ["gopher", () => "gopher://127.0.0.1:6379/_FLUSHALL"],
    ["no address at all", () => "photo.jpg"],
    ["a space before it", () => ` ${own}`],
    ["its upload address", () => own.replace("?", "?expires=1&")],
  ])("%s is refused, and nothing is fetched", async (_what, url) => {
    const answers = [
      await post("/scan", JSON.stringify({ image_url: url() })),
      await post("/scan/classify", JSON.stringify({ image_url: url() })),
    ];
    for (const answer of answers) {
      expect([400, "IMAGE_URL_REFUSED"]).toEqual([answer.status, answer.json()["code"]]);
      expectNoLeak(answer);
    }
    expect(trapped).toBe(0);
  });

  it("that is missing is asked for", async () => {
    expectProblem(await post("/scan", "{}"), 400, "IMAGE_URL_REQUIRED");
  });

  it("goes through as it was given, to prove that the others fail for what they are", async () => {
    expect((await post("/scan", JSON.stringify({ image_url: own }))).status).toBe(200);
  });
});

describe("a request that is wrong", () => {
  it.each<[string, string | Buffer, number, string]>([
    ["malformed JSON", '{"image_url":', 400, "MALFORMED_JSON"],
    ["depth 10 000", `${"[".repeat(10_000)}${"]".repeat(10_000)}`, 400, "BAD_REQUEST"],
    ["depth 10 000 in a field", `{"user_input":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, 400, "BAD_REQUEST"],
    ["a list", "[]", 422, "VALIDATION_FAILED"],
    ["null", "null", 422, "VALIDATION_FAILED"],
    ["an unknown field", '{"user_input":"컵","admin":true}', 422, "VALIDATION_FAILED"],
    ["__proto__", '{"user_input":"컵","__proto__":{"admin":true}}', 422, "VALIDATION_FAILED"],
    ["constructor", '{"user_input":"컵","constructor":{"prototype":{"admin":true}}}', 422, "VALIDATION_FAILED"],
    ["NUL in text", '{"user_input":"컵\\u0000"}', 422, "VALIDATION_FAILED"],
    ["a lone surrogate in text", '{"user_input":"컵\\ud800"}', 422, "VALIDATION_FAILED"],
    ["a number for text", '{"user_input":1}', 422, "VALIDATION_FAILED"],
    ["text over its length", JSON.stringify({ user_input: "컵".repeat(2001) }), 422, "VALIDATION_FAILED"],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400, "MALFORMED_JSON"],
    ["a megabyte", JSON.stringify({ user_input: "x".repeat(1_000_000) }), 413, "BODY_TOO_LARGE"],
  ])("%s", async (_what, body, status, code) => {
    expectProblem(await post("/scan/classify", body), status, code);
  });

  it("100 MB, announced or not, is cut off", async () => {
    const announced = await send(`${house.url}/api/v1/scan`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: cookies(), "content-length": "100000000" },
    });
    expectProblem(announced, 413, "BODY_TOO_LARGE");
    const chunk = Buffer.alloc(1_000_000, 0x20);
    const streamed = await send(
      `${house.url}/api/v1/scan`,
      {
        method: "POST",
        headers: { "content-type": "application/json", cookie: cookies(), "transfer-encoding": "chunked" },
      },
      Array.from({ length: 100 }, () => chunk),
    );
    expectProblem(streamed, 413, "BODY_TOO_LARGE");
  });

  it("without a token, or with a bad one, is 401 and never 403", async () => {
    for (const cookie of ["", "s_access=", "s_access=x.y.z", `s_access=${minji.cookies.get("s_refresh") ?? ""}`]) {
      const answer = await post("/scan", JSON.stringify({ image_url: "x" }), { cookie });
      expect(answer.status).toBe(401);
      expectNoLeak(answer);
    }
  });

  it("of another content type is 415", async () => {
    expectProblem(
      await post("/scan", "image_url=x", { "content-type": "application/x-www-form-urlencoded" }),
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    );
  });

  it("with an id that is none is 422, with an address that is none 404", async () => {
    const answer = await minji.get("/api/v1/scan/1%27%20or%201=1/result");
    expect([answer.status, answer.body]).toEqual([422, expect.objectContaining({ code: "VALIDATION_FAILED" })]);
    expect((await minji.get("/api/v1/scan/../../etc/passwd")).status).toBe(404);
    expect((await minji.get("/api/v1/users/list")).status).toBe(404);
  });

  it("for a model that is not offered says which are", async () => {
    const own = await minji.upload(Uint8Array.from(photo), { name: "photo.jpg" });
    const answer = await post("/scan", JSON.stringify({ image_url: own, model: "gpt-2" }));
    expectProblem(answer, 400, "UNSUPPORTED_MODEL");
    expect(answer.json()["detail"]).toContain("gpt-5.2");
  });
});

describe("after all that", () => {
  it("the house is whole and ready, and has complained about no fault of its own", async () => {
    expect((await fetch(`${house.url}/ready`)).status).toBe(200);
    expect(house.output()).not.toMatch(/"level":"(error|fatal)"/);
  });
});
