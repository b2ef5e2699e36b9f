import Type from "typebox";
import { type ActionsOf, contract, fromCookie, fromHeader } from "../../broker/contract.ts";

export const Provider = Type.Enum(["google", "kakao", "naver"], { type: "string" });
const Token = Type.String({ maxLength: 4096 });
const StartParams = {
  redirect_uri: Type.Optional(Type.String({ format: "uri", maxLength: 2048 })),
  device_id: Type.Optional(Type.String({ maxLength: 120 })),
  frontend_origin: Type.Optional(Type.String({ maxLength: 255 })),
  scope: Type.Optional(Type.String({ maxLength: 255 })),
  login_hint: Type.Optional(Type.String({ minLength: 1, maxLength: 120, description: "passed on to the provider" })),
  x_frontend_origin: Type.Optional(fromHeader("x-frontend-origin", Type.String({ maxLength: 255 }))),
};

export const auth = contract("auth", {
  actions: {
    start: {
      summary: "Begins a sign-in and gives the provider's address to send the person to",
      rest: "GET /auth/:provider",
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
      errors: ["PROVIDER_NOT_CONFIGURED", "ORIGIN_NOT_ALLOWED"],
    },
    callback: {
      summary: "Where the provider sends the person back to; sets the cookies and goes on to the app",
      rest: "GET /auth/:provider/callback",
      auth: "public",
      status: 302,
      params: Type.Object({
        provider: Provider,
        code: Type.Optional(Type.String({ maxLength: 2048 })),
        state: Type.Optional(Type.String({ maxLength: 512 })),
        error: Type.Optional(Type.String({ maxLength: 255 })),
      }),
      result: Type.Null(),
    },
    refresh: {
      summary: "Gives a new pair of cookies for the refresh cookie",
      rest: "POST /auth/refresh",
      auth: "public",
      status: 201,
      params: Type.Object({ s_refresh: Type.Optional(fromCookie("s_refresh", Token)) }),
      result: Type.Null(),
      errors: ["UNAUTHENTICATED", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED"],
    },
    logout: {
      summary: "Ends the session and clears the cookies; fine without a session too",
      rest: "POST /auth/logout",
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
      kind: "raw",
      auth: "public",
      params: Type.Object({
        provider: Provider,
        state: Type.String({ minLength: 8, maxLength: 512 }),
        login_hint: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
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
