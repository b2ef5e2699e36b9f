import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { manifest } from "./manifest.ts";
import { registry } from "./metrics.ts";
import { probeDependencies } from "./readiness.ts";

export interface InternalServer {
  readonly port: number;
  close(): Promise<void>;
}
interface Answer {
  status: number;
  type: string;
  text: string;
}
type Page = () => Promise<Answer>;

const json = (status: number, body: object): Answer => ({
  status,
  type: "application/json; charset=utf-8",
  text: JSON.stringify(body),
});

/**
 * Serves what operators and their tools ask of any process, with a gateway or without: `/health` (it is alive), `/ready` (its rooms run,
 * it is not stopping, and what it depends on answers) and `/metrics` in Prometheus' text format. It knows no guard: it belongs on an
 * address that strangers do not reach.
 * @param isRunning whether all rooms of the process are started and none is stopping
 * @param probeTimeoutMs longest time for one dependency to answer
 * @throws Error when the port is taken
 */
export async function openInternalServer(
  { host, port }: { host: string; port: number },
  isRunning: () => boolean,
  probeTimeoutMs = 2_000,
): Promise<InternalServer> {
  const pages: Record<string, Page> = {
    "/health": async () => json(200, health()),
    "/ready": () => ready(isRunning(), probeTimeoutMs),
    "/metrics": async () => ({ status: 200, type: registry.contentType, text: await registry.metrics() }),
  };
  const server = createServer({ requestTimeout: 5_000, keepAliveTimeout: 65_000 }, (req, res) => {
    void answer(pages, req, res);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => resolve());
  });
  // Nobody's request keeps a process alive that has nothing else to do.
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(pages: Record<string, Page>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  req.resume();
  const [path = ""] = (req.url ?? "").split("?");
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  const { status, type, text } =
    page === undefined
      ? json(404, { status: "not found", pages: Object.keys(pages) })
      : req.method === "GET" || req.method === "HEAD"
        ? await page().catch(() => json(500, { status: "failed" }))
        : json(405, { status: "method not allowed" });
  if (status === 405) res.setHeader("allow", "GET, HEAD");
  res.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  res.end(text);
}

export const health = () => ({
  status: "ok",
  service: manifest.name,
  version: manifest.version,
  uptime_s: Math.floor(process.uptime()),
});

async function ready(isRunning: boolean, timeoutMs: number): Promise<Answer> {
  if (!isRunning) return json(503, { status: "starting or stopping", dependencies: {} });
  const dependencies = await probeDependencies(timeoutMs);
  const isReady = !Object.values(dependencies).includes("down");
  return json(isReady ? 200 : 503, { status: isReady ? "ready" : "waiting", dependencies });
}
