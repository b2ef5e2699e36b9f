import { randomUUID } from "node:crypto";
import type { Actions } from "../../broker/contract.ts";
import { env } from "../../broker/env.ts";
import { codeOf, fail, familyOf } from "../../broker/errors.ts";
import { type Ctx, type Meta, service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import type { Tx } from "../../mixins/database/database.ts";
import { keptSecret } from "../../mixins/kept-secret.ts";
import { schedule } from "../../mixins/schedule.mixin.ts";
import { claimsVerifier } from "../../mixins/tokens/verify-token.ts";
import {
  beginAttempt,
  findAttempt,
  forgetOldAttempts,
  keepLocalCode,
  takeAttempt,
  type TakenAttempt,
  takeLocalCode,
} from "./attempts.store.ts";
import { auth } from "./auth.contract.ts";
import type { AuthSettings } from "./auth.settings.ts";
import { isSameBrowser } from "./browser-cookie.ts";
import { findSession } from "./find-session.ts";
import { identityPage, pageHeaders } from "./identity-page.ts";
import { listSessions } from "./list-sessions.ts";
import { canonicalName, LOCAL_PATH, localAddress, localCallback, localIdentity } from "./local-identity.ts";
import { authorizationUrl, identify } from "./oauth-client.ts";
import { makeOneTimeToken } from "./one-time-token.ts";
import { prepareAttempt } from "./prepare-attempt.ts";
import { configuredProviders, type Identity } from "./providers.ts";
import { homeOf, loginOf, refusalOf, returnAddress } from "./return-address.ts";
import { clearedCookies, sessionCookies } from "./session-cookies.ts";
import {
  forgetOldSessions,
  listRevocations,
  note,
  openSession,
  type Revocation,
  type RevokedFor,
  revoke,
  revokeAll,
  rotate,
} from "./sessions.store.ts";
import { makeSigningKey, readSigningKeys, type SigningKey, signPair, type TokenPair } from "./sign-tokens.ts";

const CODE_TTL_MS = 60_000;
const CLEAN_UP_EVERY_MS = 600_000;
const MINUTE_MS = 60_000;
type StartParams = Actions["auth.authorize"]["params"];
type Begun = Actions["auth.start"]["result"]["data"];

/** The room of sign-in; `settings` are the process's own unless a test brings others. */
export const authService = (settings: AuthSettings = env) => {
  let kept: ReturnType<typeof readSigningKeys> | undefined;
  const keys = (): ReturnType<typeof readSigningKeys> =>
    (kept ??= readSigningKeys(settings.AUTH_PRIVATE_KEY ?? keptSecret("auth-signing.pem", makeSigningKey)));
  const signingKey = async (): Promise<SigningKey> => (await keys())[0];
  const jwks = async () => ({ keys: (await keys()).map(({ jwk }) => ({ ...jwk })) });
  const claimsIn = claimsVerifier({ jwks });
  const providers = configuredProviders(settings);
  /** The stand-in for the providers asks for no proof at all, so it serves nobody but the people at this machine, and only without them. */
  const localAllowed = (meta: Meta): boolean =>
    providers.size === 0 && !settings.PRODUCTION && meta.http?.loopback === true;

  return service(auth)({
    mixins: [database("auth", { tables: ["login_audits"] }), schedule()],
    dependencies: ["users"],

    methods: {
      /** Begins an attempt: what the provider has to know stands in its address, the rest in the database and in the browser's cookie. */
      async begin(ctx: Ctx<StartParams>): Promise<Begun> {
        const { provider: name, scope, login_hint: loginHint } = ctx.params;
        const { http } = ctx.meta;
        if (!http) throw fail("PROVIDER_NOT_CONFIGURED");
        const { attempt, cookie } = prepareAttempt(ctx.params, http.baseUrl, settings);
        const { state, expiresAt } = attempt;
        const provider = providers.get(name);
        if (!provider && !localAllowed(ctx.meta)) throw fail("PROVIDER_NOT_CONFIGURED");
        const address = provider
          ? await authorizationUrl(provider, attempt, { scope, loginHint })
          : localAddress(http.baseUrl, { provider: name, state, login_hint: loginHint });
        if (!(await beginAttempt(this.db(), attempt))) throw fail("INVALID_STATE");
        ctx.meta.$responseHeaders = { "Set-Cookie": cookie, "Cache-Control": "no-store" };
        return { provider: name, state, authorization_url: address.href, expires_at: expiresAt.toISOString() };
      },

      /** Trades the provider's code for the person and opens a session for them. @returns why not, when the person refused */
      async complete(
        ctx: Ctx<Actions["auth.callback"]["params"]>,
        attempt?: TakenAttempt,
      ): Promise<string | undefined> {
        const { provider, error, s_browser: browser } = ctx.params;
        if (attempt?.provider !== provider || attempt.expired) throw fail("INVALID_STATE");
        if (!isSameBrowser(browser, attempt.browser_hash)) throw fail("INVALID_STATE");
        if (error !== undefined) return refusalOf(error);
        const { user_id: userId } = await ctx.call("users.signIn", await this.identityOf(ctx, attempt));
        const id = randomUUID();
        const pair = await this.pairFor(userId, id, provider);
        const deviceId = attempt.device_id;
        await this.transaction((tx: Tx) => openSession(tx, { ...pair, id, userId, provider, deviceId }));
        this.handOver(ctx, pair);
        return undefined;
      },

      /** @throws PROVIDER_FAILED, PROVIDER_NOT_CONFIGURED */
      async identityOf(ctx: Ctx<Actions["auth.callback"]["params"]>, attempt: TakenAttempt): Promise<Identity> {
        const { provider: name, code = "", iss } = ctx.params;
        const provider = providers.get(name);
        if (provider) return identify(provider, attempt, { code, iss }, settings.OAUTH_TIMEOUT_MS);
        if (!localAllowed(ctx.meta)) throw fail("PROVIDER_NOT_CONFIGURED");
        const person = await takeLocalCode(this.db(), code, attempt.state);
        if (person === undefined) throw fail("PROVIDER_FAILED", "The code is unknown, used or expired.");
        return localIdentity(name, person);
      },

      async pairFor(userId: string, sessionId: string, provider: string): Promise<TokenPair> {
        const accessTtlMs = settings.ACCESS_TTL_MIN * MINUTE_MS;
        const refreshTtlMs = settings.REFRESH_TTL_MIN * MINUTE_MS;
        return signPair(await signingKey(), { userId, sessionId, provider, accessTtlMs, refreshTtlMs });
      },

      handOver(ctx: { meta: Meta }, pair: TokenPair): void {
        const cookies = sessionCookies(pair, settings, ctx.meta.http?.baseUrl);
        ctx.meta.$responseHeaders = { "Set-Cookie": cookies, "Cache-Control": "no-store" };
      },

      takeBack(ctx: { meta: Meta }): void {
        const cookies = clearedCookies(settings, ctx.meta.http?.baseUrl);
        ctx.meta.$responseHeaders = { "Set-Cookie": cookies, "Cache-Control": "no-store" };
      },

      async end(ctx: Pick<Ctx<unknown>, "broadcast">, sessionId: string, revokedFor: RevokedFor): Promise<void> {
        const revocation = await this.transaction((tx: Tx) => revoke(tx, sessionId, revokedFor));
        if (revocation) await this.announce(ctx, revocation);
      },

      /** @returns how many sessions there were to end */
      async endAll(ctx: Pick<Ctx<unknown>, "broadcast">, userId: string, revokedFor: RevokedFor): Promise<number> {
        const revocations = await this.transaction((tx: Tx) => revokeAll(tx, userId, revokedFor));
        for (const revocation of revocations) await this.announce(ctx, revocation);
        return revocations.length;
      },

      /** After the commit, and only for speed: gateways that miss it read `revocations` when they start. */
      async announce(ctx: Pick<Ctx<unknown>, "broadcast">, revocation: Revocation): Promise<void> {
        const { session_id, access_expires_at: expiresAt } = revocation;
        await ctx.broadcast("auth.revoked", { session_id, expires_at: expiresAt.toISOString() });
      },

      /** For the record only: that it can't be written must not keep the person from their way back. */
      async noteFailure(provider: string, reason: string): Promise<void> {
        await note(this.db(), { event: "sign_in_failed", provider, reason }).catch((cause: unknown) =>
          this.logger.error({ err: cause }, "failed sign-in not noted"),
        );
      },
    },

    actions: {
      async start(ctx) {
        return { success: true as const, data: await this.begin(ctx) };
      },

      async authorize(ctx) {
        const { authorization_url, state } = await this.begin(ctx);
        return { authorization_url, state };
      },

      async identityPage(ctx) {
        if (!localAllowed(ctx.meta)) throw fail("NOT_FOUND");
        const { provider, state, login_hint: hint } = ctx.params;
        const attempt = await findAttempt(this.db(), state);
        if (attempt?.provider !== provider) throw fail("INVALID_STATE");
        ctx.meta.$responseHeaders = pageHeaders(attempt.return_to);
        const name = canonicalName(hint ?? "");
        if (name !== "") {
          const code = makeOneTimeToken();
          await keepLocalCode(this.db(), { code, state, name, expiresAt: new Date(Date.now() + CODE_TTL_MS) });
          ctx.meta.$statusCode = 302;
          ctx.meta.$location = localCallback(provider, { code, state });
          return null;
        }
        ctx.meta.$responseType = "text/html; charset=utf-8";
        return identityPage({
          provider,
          state,
          action: LOCAL_PATH,
          cancel: localCallback(provider, { error: "access_denied", state }),
          nameMissing: hint !== undefined,
        });
      },

      async callback(ctx) {
        let returnTo = returnAddress(undefined, undefined, settings);
        let attempt: TakenAttempt | undefined;
        let reason: string | undefined;
        try {
          attempt = await takeAttempt(this.db(), ctx.params.state ?? "");
          returnTo = attempt?.return_to ?? returnTo;
          reason = await this.complete(ctx, attempt);
        } catch (thrown) {
          // The person only sees the app's sign-in page again, so whatever broke has to be found here.
          if (familyOf(thrown) !== "caller") this.logger.warn({ err: thrown }, "sign-in failed");
          reason = codeOf(thrown);
        }
        if (attempt && reason !== undefined) await this.noteFailure(attempt.provider, reason);
        ctx.meta.$statusCode = 302;
        ctx.meta.$location = reason === undefined ? homeOf(returnTo) : loginOf(returnTo, reason);
        return null;
      },

      async refresh(ctx) {
        const { s_refresh: token = "" } = ctx.params;
        if (token === "") throw fail("UNAUTHENTICATED");
        const { sub: userId, sid: sessionId, jti, provider } = await claimsIn(token, "refresh");
        if (!(await ctx.call("users.exists", { user_id: userId }))) {
          await this.end(ctx, sessionId, "user_gone");
          throw fail("USER_NOT_FOUND");
        }
        const pair = await this.pairFor(userId, sessionId, provider);
        const rotation = await this.transaction((tx: Tx) => rotate(tx, sessionId, jti, pair));
        if (rotation.outcome === "reused") await this.announce(ctx, rotation.revocation);
        if (rotation.outcome !== "rotated") throw fail("TOKEN_REVOKED");
        this.handOver(ctx, pair);
        return null;
      },

      async logout(ctx) {
        const { s_access: access, s_refresh: refresh } = ctx.params;
        const sessions = [
          await findSession(claimsIn, access, "access"),
          await findSession(claimsIn, refresh, "refresh"),
        ];
        for (const sessionId of new Set(sessions))
          if (sessionId !== undefined) await this.end(ctx, sessionId, "logout");
        this.takeBack(ctx);
        return { success: true as const, data: { message: "로그아웃했어요." } };
      },

      async sessions(ctx) {
        return listSessions(this.db(), ctx.user.userId, ctx.user.sessionId);
      },

      async endSession(ctx) {
        const own = await listSessions(this.db(), ctx.user.userId, ctx.user.sessionId);
        if (!own.some(({ id }) => id === ctx.params.session_id)) throw fail("SESSION_NOT_FOUND");
        await this.end(ctx, ctx.params.session_id, "logout");
        return null;
      },

      async signOutEverywhere(ctx) {
        const ended = await this.endAll(ctx, ctx.user.userId, "logout");
        this.takeBack(ctx);
        return { success: true as const, data: { ended } };
      },

      async endSessions(ctx) {
        await this.endAll(ctx, ctx.params.user_id, "user_gone");
        return null;
      },

      async jwks(ctx) {
        ctx.meta.$responseHeaders = { "Cache-Control": "public, max-age=300" };
        return jwks();
      },

      async revocations() {
        const rows = await listRevocations(this.db());
        return rows.map(row => ({ session_id: row.session_id, expires_at: row.access_expires_at.toISOString() }));
      },
    },

    async started() {
      await signingKey();
      if (settings.PRODUCTION && providers.size === 0)
        this.logger.warn("no provider is configured: nobody can sign in");
      this.every(CLEAN_UP_EVERY_MS, "forget old sign-ins", async () => {
        await forgetOldAttempts(this.db());
        await forgetOldSessions(this.db());
      });
    },
  });
};

export default authService();
