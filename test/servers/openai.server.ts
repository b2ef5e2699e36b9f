import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { chatAnswer, chatChunks, chatFault } from "./openai-chat.wire.ts";
import { responsesAnswer, responsesEvents, responsesFault } from "./openai-responses.wire.ts";

/**
 * A model provider on loopback that speaks the wire format of OpenAI's Responses API and of chat completions, streaming included,
 * refuses requests that the real one would refuse, and misbehaves as told, one behaviour a request.
 */
export interface ModelServer {
  /** Base URL to configure, ending in /v1. */
  url: string;
  /** Every request so far, refused ones included. */
  requests: SeenRequest[];
  /** Adds behaviours for the next requests; when they are used up, `answer` is asked. */
  next(...behaviours: Behaviour[]): void;
  /** Resolves when `count` requests have arrived. */
  arrived(count: number): Promise<void>;
  /** Resolves when the connection of the request with this index is closed from either side. */
  closed(index: number): Promise<void>;
  close(): Promise<void>;
}

export interface SeenRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: WireBody;
}

/** A request body as it came, of either API. */
export interface WireBody {
  model?: string;
  stream?: boolean;
  instructions?: string;
  input?: { role: string; content: string | { type: string; text?: string; image_url?: string; detail?: string }[] }[];
  messages?: {
    role: string;
    content: string | { type: string; text?: string; image_url?: { url: string; detail?: string } }[];
  }[];
  [field: string]: unknown;
}

export type Behaviour =
  /** Answers with this value as JSON text, once `until` has come. */
  | { json: unknown; until?: Promise<unknown> }
  /** Answers with this text as it is. */
  | { text: string; truncated?: boolean }
  | { refusal: string }
  | { status: number; headers?: Record<string, string>; code?: string; message?: string }
  /** HTTP 200 whose answer says that it failed (Responses API; chat completions: an answer without choices). */
  | { failed: string }
  /** Takes the request and never answers; with `after`, sends that part of the answer (of this text) first: pieces of a stream, else half the body. */
  | { hang: true; after?: number; text?: string }
  /** Breaks the connection in the middle of the answer: after `after` pieces of a stream, else in mid-body. */
  | { cut: true; after?: number }
  /** Ends a stream politely after this many pieces (of this text), without its closing event. */
  | { stop: number; text?: string }
  /** Answers 200 with bytes that are not JSON. */
  | { garbage: string; contentType?: string };

export interface ModelServerOptions {
  /** The key that it takes; any other is 401. */
  key?: string;
  /** What it answers when no behaviour is left; a promise makes it wait. */
  answer?: (body: WireBody) => unknown;
  /** False: `requests` stays empty, for runs of many thousands. */
  keepRequests?: boolean;
}

const DEFAULT_KEY = "sk-loopback-0123456789abcdef";

export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const { key = DEFAULT_KEY, answer = () => ({}), keepRequests = true } = options;
  const requests: SeenRequest[] = [];
  const queue: Behaviour[] = [];
  const closings: Promise<void>[] = [];
  const waiting = new Set<() => void>();

  const answerTo = (response: ServerResponse, { path, headers, body }: SeenRequest) => {
    const chat = path === "/v1/chat/completions";
    const fault = (chat ? chatFault : responsesFault)(body);
    if (!chat && path !== "/v1/responses") sendError(response, 404, "not_found", "Unknown request URL");
    else if (headers.authorization !== `Bearer ${key}`)
      sendError(response, 401, "invalid_api_key", `Incorrect API key provided: ${key.slice(0, 8)}***.`);
    else if (fault !== null) sendError(response, 400, "invalid_request_error", fault);
    else {
      const behaviour = queue.shift();
      const ready = behaviour === undefined ? answer(body) : "until" in behaviour ? behaviour.until : undefined;
      void Promise.resolve(ready).then(json => behave(response, behaviour ?? { json }, chat, body));
    }
  };

  const server = createServer((request, response) => {
    // One connection a request, so that `closed` speaks of this request alone.
    response.setHeader("connection", "close");
    const closing = new Promise<void>(resolve => request.socket.once("close", () => resolve()));
    void textOf(request).then(text => {
      const seen = { path: request.url ?? "", headers: request.headers, body: JSON.parse(text) as WireBody };
      if (keepRequests) {
        closings.push(closing);
        requests.push(seen);
      }
      for (const check of waiting) check();
      answerTo(response, seen);
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    next(...behaviours) {
      queue.push(...behaviours);
    },
    arrived: count =>
      new Promise(resolve => {
        const check = () => {
          if (requests.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    closed: index => closings[index] ?? Promise.reject(new Error(`request ${index} has not arrived`)),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What an answer is made of, before it takes the shape of either API. */
export interface Said {
  text: string;
  refusal: string | null;
  truncated: boolean;
  failed: string | null;
}

function behave(response: ServerResponse, behaviour: Behaviour, chat: boolean, body: WireBody): void {
  if ("status" in behaviour) {
    for (const [name, value] of Object.entries(behaviour.headers ?? {})) response.setHeader(name, value);
    sendError(response, behaviour.status, behaviour.code ?? null, behaviour.message ?? "as told");
    return;
  }
  if ("garbage" in behaviour) {
    response.writeHead(200, { "content-type": behaviour.contentType ?? "application/json" }).end(behaviour.garbage);
    return;
  }
  const said: Said = {
    text: "json" in behaviour ? JSON.stringify(behaviour.json) : "text" in behaviour ? behaviour.text : '{"half":true}',
    refusal: "refusal" in behaviour ? behaviour.refusal : null,
    truncated: "truncated" in behaviour && behaviour.truncated,
    failed: "failed" in behaviour ? behaviour.failed : null,
  };
  if (body.stream === true) sendStream(response, behaviour, (chat ? chatChunks : responsesEvents)(body, said));
  else sendWhole(response, behaviour, (chat ? chatAnswer : responsesAnswer)(body, said));
}

function sendWhole(response: ServerResponse, behaviour: Behaviour, answer: unknown): void {
  const text = JSON.stringify(answer);
  const whole = !("hang" in behaviour || "cut" in behaviour);
  if ("hang" in behaviour && behaviour.after === undefined) return;
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  if (whole) response.end(text);
  else
    response.write(text.slice(0, text.length / 2), () => {
      if ("cut" in behaviour) response.destroy();
    });
}

function sendStream(response: ServerResponse, behaviour: Behaviour, frames: { piece: boolean; frame: string }[]): void {
  const limit =
    "stop" in behaviour ? behaviour.stop : "hang" in behaviour || "cut" in behaviour ? (behaviour.after ?? 0) : null;
  if ("hang" in behaviour && behaviour.after === undefined) return;
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  let pieces = 0;
  let sent = "";
  for (const { piece, frame } of frames) {
    if (piece && limit !== null && pieces++ >= limit) break;
    sent += frame;
  }
  if ("cut" in behaviour) response.write(sent, () => response.destroy());
  else if ("hang" in behaviour) response.write(sent);
  else response.end(sent);
}

function sendError(response: ServerResponse, status: number, code: string | null, message: string): void {
  const type = status === 429 ? "rate_limit_exceeded" : status >= 500 ? "server_error" : "invalid_request_error";
  response.writeHead(status, { "content-type": "application/json", "x-request-id": "req_loopback" });
  response.end(JSON.stringify({ error: { message, type, param: null, code } }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
