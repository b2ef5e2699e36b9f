import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An outside source on loopback: news, weather, open data. It answers as its routes say, and misbehaves as told, one fault a request. */
export interface OutsideServer {
  url: string;
  /** Every request so far, faulty ones included. */
  requests: OutsideRequest[];
  /** Faults for the next requests to paths that begin so. */
  break(path: string, ...faults: Fault[]): void;
  /** Takes back the faults that nobody has met. */
  mend(): void;
  close(): Promise<void>;
}

export interface OutsideRequest {
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

export interface OutsideAnswer {
  status?: number;
  type?: string;
  body: string | Buffer;
}

export type Fault =
  | { status: number; location?: string }
  /** Takes the request and never answers. */
  | { hang: true }
  /** Breaks the connection in the middle of the body. */
  | { cut: true }
  /** 200 with bytes that are not what was asked for. */
  | { garbage: string }
  /** A body that does not end. */
  | { flood: true };

export type Routes = Record<string, (request: OutsideRequest) => OutsideAnswer>;

export const json = (value: unknown, status = 200): OutsideAnswer => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});

export async function startOutsideServer(routes: Routes): Promise<OutsideServer> {
  const requests: OutsideRequest[] = [];
  const faults = new Map<string, Fault[]>();
  const server = createServer((incoming, response) => {
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? "/", "http://outside");
    const request = { path, query, headers: incoming.headers };
    requests.push(request);
    const broken = [...faults].find(([start, left]) => path.startsWith(start) && left.length > 0)?.[1].shift();
    if (broken !== undefined) misbehave(response, broken);
    else {
      const {
        status = 200,
        type = "text/plain",
        body,
      } = routes[path]?.(request) ?? { status: 404, body: "no such path" };
      response.writeHead(status, { "content-type": type }).end(body);
    }
  });
  // Nobody is to meet a connection that was closed for its idleness, however slow the machine.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    break: (path, ...added) => void faults.set(path, [...(faults.get(path) ?? []), ...added]),
    mend: () => faults.clear(),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function misbehave(response: ServerResponse, fault: Fault): void {
  if ("hang" in fault) return;
  if ("status" in fault)
    response.writeHead(fault.status, fault.location === undefined ? {} : { location: fault.location }).end("as told");
  else if ("garbage" in fault) response.writeHead(200, { "content-type": "application/json" }).end(fault.garbage);
  else if ("cut" in fault) {
    response.writeHead(200, { "content-length": 1_000 });
    response.write('{"half":', () => response.destroy());
  } else flood(response);
}

/** A body that does not end. */
export function flood(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024, "x");
  response.writeHead(200, { "content-type": "application/json" });
  const pour = (): void => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once("drain", pour);
  };
  pour();
}
