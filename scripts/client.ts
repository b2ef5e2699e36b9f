import { EventSourceParserStream } from "eventsource-parser/stream";

/** An answer of the gateway, read to its end. `body` is the parsed JSON, or undefined where there is none. */
export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
  text: string;
}

export interface StreamEvent {
  id: string | undefined;
  event: string;
  data: Record<string, unknown>;
}

/** One person's browser, as far as the API sees it: cookies are kept, redirects are not followed. */
export interface Client {
  readonly url: string;
  readonly cookies: Map<string, string>;
  /** Any request, with the cookies; for everything the verbs below do not say. */
  request(path: string, init?: RequestInit): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Goes through the sign-in of the app with the local identity in place of the provider. */
  signIn(name: string, provider?: "google" | "kakao" | "naver"): Promise<void>;
  /** Reserves an address and puts the bytes there. @returns the picture's address for `image_url` */
  upload(bytes: Uint8Array<ArrayBuffer>, file: { name: string; type?: string; channel?: string }): Promise<string>;
  /** Server-sent events until the server ends the stream or `signal` is aborted. */
  events(path: string, options?: { lastEventId?: string; signal?: AbortSignal }): AsyncGenerator<StreamEvent>;
}

/** The gateway said no: `message` is what it says to people. */
export interface Refusal extends Error {
  status: number;
  code: string;
  requestId: string | undefined;
}

/** The body of a success. @throws Refusal */
export function bodyOf(answer: Answer): unknown {
  if (answer.status < 400) return answer.body;
  const { title, detail, code, request_id } = (answer.body ?? {}) as Partial<Record<string, string>>;
  const message = detail ?? title ?? `the gateway answered ${answer.status}`;
  throw Object.assign(new Error(message), {
    status: answer.status,
    code: code ?? "",
    requestId: request_id,
  }) satisfies Refusal;
}

const MAX_REDIRECTS = 5;

export function clientOf(url: string): Client {
  const cookies = new Map<string, string>();

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (cookies.size > 0) headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(new URL(path, url), { redirect: "manual", ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  async function post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const json = body === undefined ? {} : { "content-type": "application/json" };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    return read(await request(path, { method: "POST", headers: { ...json, ...headers }, ...content }));
  }

  return {
    url,
    cookies,
    request,
    post,
    get: async (path, headers = {}) => read(await request(path, { headers })),
    signIn: (name, provider = "google") => signIn(request, url, name, provider),
    upload: (bytes, file) => upload(post, bytes, file),
    events: (path, options) => events(request, path, options),
  };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /^application\/(.+\+)?json/.test(response.headers.get("content-type") ?? "");
  const body: unknown = isJson && text !== "" ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, body, text };
}

async function signIn(request: Client["request"], url: string, name: string, provider: string): Promise<void> {
  const redirectUri = new URL(`/api/v1/auth/${provider}/callback`, url).href;
  const start = await read(
    await request(`/api/v1/auth/${provider}?${new URLSearchParams({ redirect_uri: redirectUri }).toString()}`),
  );
  const { data } = bodyOf(start) as { data: { authorization_url: string } };
  let next = new URL(data.authorization_url);
  if (next.origin !== new URL(url).origin)
    throw new Error(`This house signs people in at ${next.host}; a command cannot do that.`);
  next.searchParams.set("login_hint", name);
  for (let hop = 0; hop < MAX_REDIRECTS; hop++) {
    const step = await request(next.href);
    const text = await step.text();
    const location = step.headers.get("location");
    if (location === null) throw new Error(`sign-in stopped at ${next.pathname} with ${step.status}: ${text}`);
    next = new URL(location, next);
    if (next.hash.includes("error=")) throw new Error(`sign-in was refused: ${next.hash}`);
    if (!next.pathname.startsWith("/api/")) return;
  }
  throw new Error("sign-in goes round in circles");
}

interface Slot {
  upload_url: string;
  cdn_url: string;
  required_headers: Record<string, string>;
}

async function upload(
  post: Client["post"],
  bytes: Uint8Array<ArrayBuffer>,
  file: { name: string; type?: string; channel?: string },
): Promise<string> {
  const { name, type, channel = "scan" } = file;
  const wish = { filename: name, ...(type === undefined ? {} : { content_type: type }) };
  const slot = bodyOf(await post(`/api/v1/images/${channel}`, wish)) as Slot;
  bodyOf(await read(await fetch(slot.upload_url, { method: "PUT", headers: slot.required_headers, body: bytes })));
  return slot.cdn_url;
}

async function* events(
  request: Client["request"],
  path: string,
  { lastEventId, signal }: { lastEventId?: string; signal?: AbortSignal } = {},
): AsyncGenerator<StreamEvent> {
  const response = await request(path, {
    headers: { accept: "text/event-stream", ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) },
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok || response.body === null) return void bodyOf(await read(response));
  const stream = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { id, event = "message", data } of stream)
    yield { id, event, data: JSON.parse(data) as Record<string, unknown> };
}
