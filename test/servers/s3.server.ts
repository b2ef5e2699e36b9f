import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What may go wrong: an error answer, no answer, a body that ends too early, a connection closed at once. */
export type S3Fault = "500" | "hang" | "cut" | "reset";
export interface S3Object {
  bytes: Buffer;
  contentType: string;
  cacheControl: string | undefined;
  etag: string;
}
export interface S3Server {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  objects: Map<string, S3Object>;
  /** Method and key of every request that was understood, in order. */
  requests: string[];
  /** Lets the next `times` requests of these methods fail. */
  fail(fault: S3Fault, options?: { times?: number; methods?: string[] }): void;
  heal(): void;
  close(): Promise<void>;
}

/**
 * A bucket on loopback that speaks S3's PUT, GET, HEAD and DELETE with path-style addresses, and checks Signature Version 4 of every
 * request, in the header or in the query, as AWS does: a signed content type that differs is a wrong signature.
 */
export async function startS3(bucket = "eco2-test"): Promise<S3Server> {
  const keys = { accessKeyId: "AKIATESTTESTTEST", secretAccessKey: "loopback-only-not-a-real-key" };
  const objects = new Map<string, S3Object>();
  const requests: string[] = [];
  let fault: { kind: S3Fault; left: number; methods: string[] } | undefined;

  const takeFault = (method: string): S3Fault | undefined => {
    if (!fault || fault.left === 0 || !fault.methods.includes(method)) return undefined;
    fault.left--;
    return fault.kind;
  };

  const server = createServer((req, res) => {
    void serve(req, res).catch(() => res.destroy());
  });

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const method = req.method ?? "";
    const url = new URL(req.url ?? "/", "http://s3");
    const body = await readBody(req);
    const failing = takeFault(method);
    if (failing === "hang") return;
    if (failing === "reset") return void req.socket.destroy();
    if (failing === "500") {
      refuse(res, 500, "InternalError");
      return;
    }
    // Browsers ask before they PUT across origins.
    res.setHeader("access-control-allow-origin", "*");
    if (!isSigned(req, url, body, keys)) {
      refuse(res, 403, "SignatureDoesNotMatch");
      return;
    }
    const [name = "", ...rest] = decodeURIComponent(url.pathname).slice(1).split("/");
    const key = rest.join("/");
    requests.push(`${method} ${key}`);
    if (name !== bucket) {
      refuse(res, 404, "NoSuchBucket");
      return;
    }
    answer(req, res, key, body, failing === "cut");
  }

  function answer(req: IncomingMessage, res: ServerResponse, key: string, body: Buffer, cut: boolean): void {
    if (req.method === "PUT") {
      const etag = createHash("md5").update(body).digest("hex");
      const contentType = req.headers["content-type"] ?? "binary/octet-stream";
      objects.set(key, { bytes: body, contentType, cacheControl: req.headers["cache-control"], etag });
      return void res.writeHead(200, { etag: `"${etag}"` }).end();
    }
    if (req.method === "DELETE") {
      objects.delete(key);
      return void res.writeHead(204).end();
    }
    if (req.method === "HEAD" && key === "") return void res.writeHead(200).end();
    const found = objects.get(key);
    if (!found) {
      refuse(res, 404, "NoSuchKey");
      return;
    }
    const headers = {
      etag: `"${found.etag}"`,
      "content-type": found.contentType,
      "content-length": found.bytes.length,
    };
    res.writeHead(200, headers);
    if (req.method === "HEAD") return void res.end();
    if (!cut) return void res.end(found.bytes);
    res.write(found.bytes.subarray(0, found.bytes.length >> 1), () => res.destroy());
  }

  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...keys,
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    region: "ap-northeast-2",
    objects,
    requests,
    fail: (kind, { times = Infinity, methods = ["PUT", "GET", "HEAD", "DELETE"] } = {}) =>
      void (fault = { kind, left: times, methods }),
    heal: () => void (fault = undefined),
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function refuse(res: ServerResponse, status: number, code: string): void {
  res.writeHead(status, { "content-type": "application/xml" });
  res.end(res.req.method === "HEAD" ? undefined : `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
}

interface Signature {
  credential: string;
  signedHeaders: string[];
  signature: string;
  date: string;
  payloadHash: string;
}

function isSigned(
  req: IncomingMessage,
  url: URL,
  body: Buffer,
  keys: { accessKeyId: string; secretAccessKey: string },
): boolean {
  const given = url.searchParams.has("X-Amz-Signature") ? fromQuery(url) : fromHeader(req);
  if (!given?.credential.startsWith(`${keys.accessKeyId}/`)) return false;
  const hashed = /^[0-9a-f]{64}$/.test(given.payloadHash);
  if (hashed && given.payloadHash !== sha256(body)) return false;
  const [, day = "", region = "", service = ""] = given.credential.split("/");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", given.date, scope, sha256(canonicalRequest(req, url, given))].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${keys.secretAccessKey}`),
  );
  return hmac(key, text).toString("hex") === given.signature;
}

function fromQuery(url: URL): Signature | undefined {
  const get = (name: string) => url.searchParams.get(`X-Amz-${name}`) ?? "";
  const date = get("Date");
  const signedAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Date.now() > signedAt + Number(get("Expires")) * 1000) return undefined;
  return {
    credential: get("Credential"),
    signedHeaders: get("SignedHeaders").split(";"),
    signature: get("Signature"),
    date,
    payloadHash: "UNSIGNED-PAYLOAD",
  };
}

function fromHeader(req: IncomingMessage): Signature | undefined {
  const fields = /Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(req.headers.authorization ?? "");
  if (!fields) return undefined;
  const [, credential = "", signedHeaders = "", signature = ""] = fields;
  const header = (name: string) => String(req.headers[name] ?? "");
  return {
    credential,
    signedHeaders: signedHeaders.split(";"),
    signature,
    date: header("x-amz-date"),
    payloadHash: header("x-amz-content-sha256"),
  };
}

function canonicalRequest(req: IncomingMessage, url: URL, { signedHeaders, payloadHash }: Signature): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const headers = signedHeaders.map(name => `${name}:${String(req.headers[name] ?? "").trim()}\n`).join("");
  return [req.method, url.pathname, query, headers, signedHeaders.join(";"), payloadHash].join("\n");
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
