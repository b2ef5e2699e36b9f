import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";
import type { ProviderName, ProviderSettings } from "../../services/auth/providers.ts";
import { flood } from "./outside.server.ts";

/** A person at one of the providers, with the answer that its profile address gives about them. */
export interface Persona {
  id: string;
  profile: unknown;
}
export type OAuthFault =
  | { status: number; body?: unknown }
  | { html: true }
  | { hang: true }
  | { cut: true }
  | { flood: true }
  | { redirect: string }
  /** Changes a good answer before it is sent. */
  | { change: (body: Record<string, unknown>) => unknown };

/** Google, Kakao and Naver on loopback: their rules for codes, secrets and PKCE, their shapes, their ways to say no. */
export interface OAuthServer {
  readonly url: string;
  /** What a house has to be told to sign people in here. */
  readonly settings: ProviderSettings;
  /** Who signs in next at a provider, when they agree. */
  readonly people: Record<ProviderName, Persona>;
  /** Bodies of all token requests. */
  readonly trades: URLSearchParams[];
  /** What the person at the provider's page does. @returns query of the address that they are sent back to */
  agree(authorizationUrl: string): URLSearchParams;
  refuse(authorizationUrl: string): URLSearchParams;
  break(what: "token" | "profile", fault: OAuthFault): void;
  close(): Promise<void>;
}

const SECRETS = { google: "google-secret-0123", kakao: "kakao-secret-0123", naver: "naver-secret-0123" };
const CLIENTS = { google: "google-client", kakao: "kakao-client", naver: "naver-client" };
const signer = generateKeyPairSync("rsa", { modulusLength: 2048 });
const WITH_PKCE = ["google", "kakao"];

interface Code {
  provider: ProviderName;
  redirectUri: string;
  challenge: string | null;
  state: string;
  nonce: string | null;
  persona: Persona;
}

export async function startOAuthServer(): Promise<OAuthServer> {
  const codes = new Map<string, Code>();
  const tokens = new Map<string, Persona>();
  const faults: { what: "token" | "profile"; fault: OAuthFault }[] = [];
  const trades: URLSearchParams[] = [];
  const people: Record<ProviderName, Persona> = {
    google: google("g-1"),
    kakao: kakao(1),
    naver: naver("n-1"),
  };

  const server = createServer((request, response) => {
    void handle(request, response).catch((thrown: unknown) => response.destroy(thrown as Error));
  });
  server.keepAliveTimeout = 600_000;
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? "/", url);
    const [, provider, what] = address.pathname.split("/") as [string, ProviderName, string | undefined];
    if (what === "authorize") {
      showConsent(response, address.href);
      return;
    }
    const form = new URLSearchParams(await bodyOf(request));
    const broken = faults.findIndex(each => each.what === what);
    const fault = broken < 0 ? undefined : faults.splice(broken, 1)[0]?.fault;
    if (fault !== undefined && !("change" in fault)) {
      misbehave(response, fault);
      return;
    }
    const { status, body } =
      what === "token" ? await trade(provider, form) : profile(provider, request.headers.authorization);
    const changed = fault === undefined ? body : fault.change(body as Record<string, unknown>);
    response.writeHead(status, { "content-type": "application/json;charset=UTF-8" }).end(JSON.stringify(changed));
  }

  /** What a person sees there: who asks, and two ways on. */
  function showConsent(response: ServerResponse, authorizationUrl: string): void {
    const links = [true, false].map(agrees => {
      const { redirectUri, answer } = consent(authorizationUrl, agrees);
      return `<a id="${agrees ? "agree" : "refuse"}" href="${redirectUri}?${answer.toString().replaceAll("&", "&amp;")}">${agrees ? "동의" : "취소"}</a>`;
    });
    response
      .writeHead(200, { "content-type": "text/html; charset=utf-8" })
      .end(`<!doctype html><h1>로그인</h1>${links.join(" ")}`);
  }

  function consent(authorizationUrl: string, agrees: boolean): { redirectUri: string; answer: URLSearchParams } {
    const { pathname, searchParams: query } = new URL(authorizationUrl);
    const provider = pathname.split("/")[1] as ProviderName;
    const redirectUri = query.get("redirect_uri") ?? "";
    const state = query.get("state") ?? "";
    if (query.get("client_id") !== CLIENTS[provider] || query.get("response_type") !== "code" || state === "")
      throw new Error(`${provider} does not know this application`);
    if (!redirectUri.endsWith(`/api/v1/auth/${provider}/callback`))
      throw new Error("this redirect_uri is not registered");
    if (!agrees)
      return {
        redirectUri,
        answer: new URLSearchParams({ error: "access_denied", error_description: "User denied access", state }),
      };
    const code = randomBytes(16).toString("hex");
    codes.set(code, {
      ...{ provider, redirectUri, state, persona: people[provider] },
      challenge: query.get("code_challenge_method") === "S256" ? query.get("code_challenge") : null,
      nonce: query.get("nonce"),
    });
    return { redirectUri, answer: new URLSearchParams({ code, state }) };
  }

  async function trade(provider: ProviderName, form: URLSearchParams): Promise<{ status: number; body: object }> {
    trades.push(form);
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    if (form.get("client_id") !== CLIENTS[provider] || form.get("client_secret") !== SECRETS[provider])
      return refusal(provider, 401, "invalid_client");
    if (form.get("grant_type") !== "authorization_code") return refusal(provider, 400, "unsupported_grant_type");
    if (code?.provider !== provider || form.get("redirect_uri") !== code.redirectUri)
      return refusal(provider, 400, "invalid_grant");
    if (WITH_PKCE.includes(provider) && code.challenge !== challengeOf(form.get("code_verifier") ?? ""))
      return refusal(provider, 400, "invalid_grant");
    if (provider === "naver" && form.get("state") !== code.state) return refusal(provider, 400, "invalid_request");
    const token = randomBytes(16).toString("hex");
    tokens.set(token, code.persona);
    const common = { access_token: token, refresh_token: randomBytes(8).toString("hex") };
    if (provider === "naver") return { status: 200, body: { ...common, token_type: "bearer", expires_in: "3600" } };
    if (provider === "kakao")
      return {
        status: 200,
        body: { ...common, token_type: "bearer", expires_in: 21_599, refresh_token_expires_in: 5_183_999 },
      };
    return { status: 200, body: { ...common, token_type: "Bearer", expires_in: 3_599, id_token: await idToken(code) } };
  }

  const idToken = ({ persona, nonce }: Code): Promise<string> =>
    new SignJWT({ ...(nonce === null ? {} : { nonce }) })
      .setProtectedHeader({ alg: "RS256", kid: "test" })
      .setIssuer(url)
      .setSubject(persona.id)
      .setAudience(CLIENTS.google)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(signer.privateKey);

  function profile(provider: ProviderName, authorization = ""): { status: number; body: object } {
    const persona = tokens.get(/^Bearer (\w+)$/i.exec(authorization)?.[1] ?? "");
    if (persona) return { status: 200, body: persona.profile as object };
    if (provider === "kakao") return { status: 401, body: { msg: "this access token does not exist", code: -401 } };
    if (provider === "naver") return { status: 401, body: { resultcode: "024", message: "Authentication failed" } };
    return { status: 401, body: { error: "invalid_request", error_description: "Invalid Credentials" } };
  }

  return {
    url,
    people,
    trades,
    settings: settingsFor(url),
    agree: address => consent(address, true).answer,
    refuse: address => consent(address, false).answer,
    break: (what, fault) => void faults.push({ what, fault }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Naver says with 200 that it refuses. */
const refusal = (provider: ProviderName, status: number, error: string): { status: number; body: object } =>
  provider === "kakao"
    ? { status, body: { error, error_description: "authorization code not found", error_code: "KOE320" } }
    : { status: provider === "naver" ? 200 : status, body: { error, error_description: "no valid data in session" } };

const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

function misbehave(response: ServerResponse, fault: Exclude<OAuthFault, { change: unknown }>): void {
  if ("hang" in fault) return;
  if ("flood" in fault) {
    flood(response);
    return;
  }
  if ("redirect" in fault) return void response.writeHead(307, { location: fault.redirect }).end();
  if ("html" in fault)
    return void response.writeHead(200, { "content-type": "text/html" }).end("<html><h1>점검 중입니다</h1></html>");
  if ("cut" in fault) {
    response.writeHead(200, { "content-type": "application/json", "content-length": 1_000 });
    return void response.write('{"access_token":', () => response.destroy());
  }
  response.writeHead(fault.status, { "content-type": "application/json" }).end(JSON.stringify(fault.body ?? {}));
}

const settingsFor = (url: string): ProviderSettings => ({
  GOOGLE_CLIENT_ID: CLIENTS.google,
  GOOGLE_CLIENT_SECRET: SECRETS.google,
  GOOGLE_ISSUER: url,
  GOOGLE_AUTHORIZE_URL: `${url}/google/authorize`,
  GOOGLE_TOKEN_URL: `${url}/google/token`,
  GOOGLE_PROFILE_URL: `${url}/google/profile`,
  KAKAO_CLIENT_ID: CLIENTS.kakao,
  KAKAO_CLIENT_SECRET: SECRETS.kakao,
  KAKAO_AUTHORIZE_URL: `${url}/kakao/authorize`,
  KAKAO_TOKEN_URL: `${url}/kakao/token`,
  KAKAO_PROFILE_URL: `${url}/kakao/profile`,
  NAVER_CLIENT_ID: CLIENTS.naver,
  NAVER_CLIENT_SECRET: SECRETS.naver,
  NAVER_AUTHORIZE_URL: `${url}/naver/authorize`,
  NAVER_TOKEN_URL: `${url}/naver/token`,
  NAVER_PROFILE_URL: `${url}/naver/profile`,
  OAUTH_TIMEOUT_MS: 5_000,
});

/** People as the providers describe them; addresses are reserved ones (RFC 2606). */
export const google = (id: string, more: object = {}): Persona => ({
  id,
  profile: {
    sub: id,
    ...{ name: "김민지", given_name: "민지", family_name: "김", picture: "https://pictures.example/minji.png" },
    ...{ email: `${id}@mail.example`, email_verified: true, ...more },
  },
});
export const kakao = (id: number, account: object = {}): Persona => ({
  id: String(id),
  profile: {
    id,
    connected_at: "2026-01-02T03:04:05Z",
    kakao_account: {
      profile: { nickname: "하나", profile_image_url: "https://pictures.example/hana.png" },
      ...{ email: `kakao-${id}@mail.example`, is_email_valid: true, is_email_verified: true },
      ...{ phone_number: "+82 10-1234-5678", ...account },
    },
  },
});
export const naver = (id: string, response: object = {}): Persona => ({
  id,
  profile: {
    resultcode: "00",
    message: "success",
    response: {
      ...{ id, nickname: "두리", name: "박두리", email: `${id}@mail.example` },
      ...{ mobile: "010-2345-6789", mobile_e164: "+821023456789", ...response },
    },
  },
});
