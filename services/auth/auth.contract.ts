import Type from "typebox";
import { type ActionsOf, contract, fromCookie, fromHeader } from "../../broker/contract.ts";

export const Provider = Type.Enum(["google", "kakao", "naver"], { type: "string" });
/** Not bounded here: whatever is no token of ours is a token fault (401), not a fault of the request. */
const Token = Type.String();
/** A line of text: control characters and broken surrogates are no part of any name. */
const ONE_LINE = "^[^\\p{Cc}\\p{Cs}]*$";
/** Ties an attempt to the browser that began it; of any other shape it is as good as none. */
const Browser = Type.Optional(fromCookie("s_browser", Type.String()));
const StartParams = {
  redirect_uri: Type.Optional(
    Type.String({ format: "uri", maxLength: 2048, description: "the callback of this API, as the app reaches it" }),
  ),
  device_id: Type.Optional(Type.String({ maxLength: 120, pattern: ONE_LINE })),
  frontend_origin: Type.Optional(Type.String({ maxLength: 255 })),
  scope: Type.Optional(Type.String({ maxLength: 255 })),
  login_hint: Type.Optional(
    Type.String({ minLength: 1, maxLength: 120, pattern: ONE_LINE, description: "passed on to the provider" }),
  ),
  x_frontend_origin: Type.Optional(fromHeader("x-frontend-origin", Type.String({ maxLength: 255 }))),
  s_browser: Browser,
};
const SessionId = Type.String({ format: "uuid" });
const StartErrors = ["PROVIDER_NOT_CONFIGURED", "ORIGIN_NOT_ALLOWED", "REDIRECT_URI_REFUSED"] as const;

export const auth = contract("auth", {
  actions: {
    start: {
      summary: "Begins a sign-in and gives the provider's address to send the person to",
      rest: ["GET /auth/:provider", "GET /auth/:provider/login"],
      limit: "sign-in",
      auth: "public",
      params: Type.Object({ provider: Provider, ...StartParams }),
      result: Type.Object({
        success: Type.Literal(true),
        data: Type.Object({
          provider: Provider,
          state: Type.String(),
          authorization_url: Type.String({ format: "uri" }),
          expires_at: Type.String({ format: "date-time" }),
        }),
      }),
      errors: StartErrors,
    },
    authorize: {
      summary: "The same, with the bare address",
      rest: "GET /auth/:provider/authorize",
      limit: "sign-in",
      auth: "public",
      params: Type.Object({
        provider: Provider,
        ...StartParams,
        state: Type.Optional(
          Type.String({ pattern: "^[\\w-]{43}$", description: "32 random bytes as base64url; left out: ours" }),
        ),
      }),
      result: Type.Object({ authorization_url: Type.String({ format: "uri" }), state: Type.String() }),
      errors: [...StartErrors, "INVALID_STATE"],
    },
    callback: {
      summary: "Where the provider sends the person back to; sets the cookies and goes on to the app",
      rest: "GET /auth/:provider/callback",
      // Longer than OAUTH_TIMEOUT_MS may be: a provider that is silent ends with the way back to the app, never with an error page.
      timeoutMs: 70_000,
      limit: "sign-in",
      auth: "public",
      status: 302,
      // Nothing is required or bounded: a browser comes here, and must leave for the app whatever it brings.
      params: Type.Object({
        provider: Provider,
        code: Type.Optional(Type.String()),
        state: Type.Optional(Type.String()),
        error: Type.Optional(Type.String()),
        iss: Type.Optional(Type.String()),
        s_browser: Browser,
      }),
      result: Type.Null(),
    },
    refresh: {
      summary: "Gives a new pair of cookies for the refresh cookie",
      rest: "POST /auth/refresh",
      limit: "refresh",
      auth: "public",
      status: 201,
      params: Type.Object({ s_refresh: Type.Optional(fromCookie("s_refresh", Token)) }),
      result: Type.Null(),
      errors: ["UNAUTHENTICATED", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED", "USER_NOT_FOUND"],
    },
    logout: {
      summary: "Ends the session and clears the cookies; fine without a session too",
      rest: "POST /auth/logout",
      limit: "sign-in",
      auth: "public",
      params: Type.Object({
        s_access: Type.Optional(fromCookie("s_access", Token)),
        s_refresh: Type.Optional(fromCookie("s_refresh", Token)),
      }),
      result: Type.Object({ success: Type.Literal(true), data: Type.Object({ message: Type.String() }) }),
    },
    identityPage: {
      summary: "Local identity page in place of the providers: loopback only, never in production",
      rest: "GET /auth/local/authorize",
      also: { 302: "login_hint names the person: on to the callback" },
      kind: "raw",
      auth: "public",
      params: Type.Object({
        provider: Provider,
        state: Type.String(),
        login_hint: Type.Optional(
          Type.String({ maxLength: 120, pattern: ONE_LINE, description: "the name; left out: the page asks for it" }),
        ),
      }),
      result: Type.Unknown({ description: "an HTML page, or a redirect when login_hint names the person" }),
      errors: ["NOT_FOUND", "INVALID_STATE"],
    },
    jwks: {
      summary: "Public keys that verify our tokens",
      rest: "GET /auth/.well-known/jwks.json",
      auth: "public",
      idempotent: true,
      params: Type.Object({}),
      result: Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) }),
    },
    sessions: {
      summary: "Where the person is signed in, the last used first",
      rest: "GET /auth/sessions",
      params: Type.Object({}),
      result: Type.Array(
        Type.Object({
          id: SessionId,
          provider: Type.String(),
          device_id: Type.Union([Type.String(), Type.Null()]),
          created_at: Type.String({ format: "date-time" }),
          refreshed_at: Type.String({ format: "date-time" }),
          current: Type.Boolean({ description: "the session that asks" }),
        }),
      ),
    },
    endSession: {
      summary: "Signs the person out of one of their sessions",
      rest: "DELETE /auth/sessions/:session_id",
      status: 204,
      params: Type.Object({ session_id: SessionId }),
      result: Type.Null(),
      errors: ["SESSION_NOT_FOUND"],
    },
    signOutEverywhere: {
      summary: "Ends all sessions of the person, this one too, and clears the cookies",
      rest: "DELETE /auth/sessions",
      params: Type.Object({}),
      result: Type.Object({ success: Type.Literal(true), data: Type.Object({ ended: Type.Integer({ minimum: 0 }) }) }),
    },
    endSessions: {
      summary: "Ends all sessions of a person who left",
      idempotent: true,
      params: Type.Object({ user_id: Type.String({ format: "uuid" }) }),
      result: Type.Null(),
    },
    revocations: {
      summary: "Sessions ended before their access tokens run out, for gateways that start",
      idempotent: true,
      params: Type.Object({}),
      result: Type.Array(Type.Object({ session_id: Type.String(), expires_at: Type.String({ format: "date-time" }) })),
    },
  },
});

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof auth> {}
  interface Events {
    /** A session was ended; gateways refuse its access tokens from now on. */
    "auth.revoked": { session_id: string; expires_at: string };
  }
}
