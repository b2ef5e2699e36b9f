import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { tokenVerifier } from "../../mixins/tokens/verify-token.ts";
import { makeSigningKey } from "../../services/auth/sign-tokens.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";
import { atHome, authorize, openRooms, type Rooms, signIn } from "../builders/auth-rooms.ts";

const AUTH_PRIVATE_KEY = makeSigningKey();
const FROM_OUTSIDE = { http: { origin: undefined, baseUrl: "http://127.0.0.1:3000", loopback: false } };
const failed = (reason: string, origin = "http://localhost:5173"): string =>
  `${origin}/#/login?error=oauth_failed&reason=${reason}`;
/** Of the right shape and never given out. */
const FORGED = "A".repeat(43);

describe.each(databases)("sign-in on $name", ({ make }) => {
  let database: TestDatabase;
  let rooms: Rooms;
  beforeAll(async () => {
    database = await make();
    rooms = await openRooms(database, { AUTH_PRIVATE_KEY });
  });
  afterAll(async () => {
    await rooms.close();
    await database.remove();
  });

  const start = async (params: object = {}, meta = atHome) =>
    (await rooms.ask("auth.start", { provider: "kakao", ...params }, meta)).result.data;
  const page = (params: { state: string; login_hint?: string; provider?: "kakao" | "google" }, meta = atHome) =>
    rooms.ask("auth.identityPage", { provider: "kakao", ...params }, meta);
  const callback = (params: { state?: string; code?: string; error?: string; provider?: "google" }, meta = atHome) =>
    rooms.ask("auth.callback", { provider: "kakao", ...params }, meta);
  const sessionsOf = (name: string) =>
    rooms.db.rows<{ device_id: string | null; provider: string }>(
      `select s.device_id, s.provider from auth.sessions s join users.accounts a on a.id = s.user_id
       where a.nickname = $1`,
      [name],
    );

  describe("start", () => {
    it("gives the address to send the person to, good for ten minutes", async () => {
      const { result } = await rooms.ask("auth.start", {
        provider: "kakao",
        redirect_uri: "http://localhost:5173/api/v1/auth/kakao/callback",
        login_hint: '망고 & <b>"👨‍👩‍👧‍👦"',
      });
      expect(result.success).toBe(true);
      const { provider, state, authorization_url: address, expires_at: expiresAt } = result.data;
      expect(provider).toBe("kakao");
      expect(state).toMatch(/^[\w-]{43}$/);
      const url = new URL(address);
      expect(url.origin + url.pathname).toBe("http://127.0.0.1:3000/api/v1/auth/local/authorize");
      expect(Object.fromEntries(url.searchParams)).toEqual({
        provider: "kakao",
        state,
        login_hint: '망고 & <b>"👨‍👩‍👧‍👦"',
      });
      const leftS = (Date.parse(expiresAt) - Date.now()) / 1000;
      expect(leftS).toBeGreaterThan(590);
      expect(leftS).toBeLessThanOrEqual(600);
    });

    it.each([
      ["the query", { frontend_origin: "http://127.0.0.1:5173", x_frontend_origin: "http://localhost:3000" }],
      ["the header", { x_frontend_origin: "http://127.0.0.1:5173" }],
    ])("takes the return origin from %s, and the callback keeps to it", async (_from, params) => {
      const { state } = await start(params);
      const { location } = await callback({ state, error: "access_denied" });
      expect(location).toBe(failed("access_denied", "http://127.0.0.1:5173"));
    });

    it("takes our own address as return origin, and FRONTEND_URL when none is named", async () => {
      const own = await start({ frontend_origin: "http://127.0.0.1:3000" });
      expect((await callback({ state: own.state, error: "access_denied" })).location).toBe(
        failed("access_denied", "http://127.0.0.1:3000"),
      );
      const { state } = await start();
      expect((await callback({ state, error: "access_denied" })).location).toBe(failed("access_denied"));
    });

    it.each([
      "http://evil.com",
      "http://localhost:5173.evil.com",
      "http://localhost:5173@evil.com",
      "http://good@localhost:5173",
      "//localhost:5173",
      "javascript:alert(1)",
      "http://localhost:5173/",
    ])("refuses to return to %s, from the query or the header", async origin => {
      for (const params of [{ frontend_origin: origin }, { x_frontend_origin: origin }])
        await expect(start(params)).rejects.toMatchObject({ type: "ORIGIN_NOT_ALLOWED", code: 400 });
    });

    it.each([
      ["an unknown provider", { provider: "facebook" }],
      ["a name of 121 characters", { login_hint: "가".repeat(121) }],
      ["a name with a line break", { login_hint: "a\r\nSet-Cookie: x=y" }],
      ["a name with NUL", { login_hint: "a\u0000" }],
      ["a name with half a surrogate pair", { login_hint: "a\ud800" }],
      ["an empty name", { login_hint: "" }],
      ["a device id with NUL", { device_id: "\u0000" }],
    ])("refuses %s", async (_case, params) => {
      await expect(start(params)).rejects.toMatchObject({ type: "VALIDATION_FAILED", code: 422 });
    });
  });

  describe("identity page", () => {
    it("asks for the name on a page that allows nothing but its form", async () => {
      const { state } = await start();
      const { result, status, headers, cookies } = await page({ state });
      expect(status).toBeUndefined();
      expect(result).toContain(`<input type="hidden" name="state" value="${state}">`);
      expect(result).toContain(`href="/api/v1/auth/kakao/callback?error=access_denied&amp;state=${state}"`);
      expect(headers["Content-Security-Policy"]).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self' http:\/\/localhost:5173;/,
      );
      expect(cookies).toEqual({});
    });

    it("asks again for a name that is blank", async () => {
      const { state } = await start();
      for (const blank of ["", "   ", "\u3000"])
        expect((await page({ state, login_hint: blank })).result).toContain('role="alert"');
    });

    it("sends a named person on at once, and sets nothing itself", async () => {
      const { state } = await start();
      const { result, status, location, cookies } = await page({ state, login_hint: "망고" });
      expect(result).toBeNull();
      expect(status).toBe(302);
      expect(location).toMatch(new RegExp(`^/api/v1/auth/kakao/callback\\?code=[\\w-]{43}&state=${state}$`));
      expect(cookies).toEqual({});
    });

    it("knows neither made-up states, nor expired ones, nor those of another provider", async () => {
      const { state } = await start();
      await expect(page({ state, provider: "google" })).rejects.toMatchObject({ type: "INVALID_STATE", code: 400 });
      await rooms.db.run("update auth.oauth_states set expires_at = now() where state = $1", [state]);
      for (const odd of [state, FORGED, "", "'; drop table auth.sessions --", "\u0000"])
        await expect(page({ state: odd, login_hint: "망고" })).rejects.toMatchObject({ type: "INVALID_STATE" });
    });

    it("is not there for people outside of this machine", async () => {
      const { state } = await start();
      for (const meta of [FROM_OUTSIDE, {}]) {
        await expect(page({ state }, meta)).rejects.toMatchObject({ type: "NOT_FOUND", code: 404 });
        await expect(page({ state, login_hint: "망고" }, meta)).rejects.toMatchObject({ type: "NOT_FOUND" });
        await expect(start({}, meta)).rejects.toMatchObject({ type: "PROVIDER_NOT_CONFIGURED", code: 404 });
      }
      const answer = await authorize(rooms);
      expect(await callback(answer, FROM_OUTSIDE)).toMatchObject({
        location: failed("PROVIDER_NOT_CONFIGURED"),
        cookies: {},
      });
    });

    it("is not there in production, whoever asks", async () => {
      const production = await rooms.beside({ PRODUCTION: true });
      const { state } = await start();
      const answer = await authorize(rooms);
      await expect(production.ask("auth.identityPage", { provider: "kakao", state })).rejects.toMatchObject({
        type: "NOT_FOUND",
        code: 404,
      });
      await expect(production.ask("auth.start", { provider: "kakao" })).rejects.toMatchObject({
        type: "PROVIDER_NOT_CONFIGURED",
        code: 404,
      });
      const { location, cookies } = await production.ask("auth.callback", { provider: "kakao", ...answer });
      expect(location).toBe(failed("PROVIDER_NOT_CONFIGURED"));
      expect(cookies).toEqual({});
      await production.stop();
    });
  });

  describe("callback", () => {
    it("opens a session, hands over both cookies and goes on to the app", async () => {
      const { state } = await start({ device_id: "phone-1", frontend_origin: "http://localhost:3000" });
      const { location: back } = await page({ state, login_hint: "첫 손님" });
      const code = new URL(back, "http://x").searchParams.get("code") ?? "";
      const { result, status, location, headers, cookies } = await callback({ state, code });
      expect(result).toBeNull();
      expect(status).toBe(302);
      expect(location).toBe("http://localhost:3000/#/home");
      expect(headers["Set-Cookie"]).toEqual([
        expect.stringMatching(/^s_access=[\w.-]+; Path=\/; Max-Age=10[78]\d\d; HttpOnly; SameSite=Lax$/),
        expect.stringMatching(/^s_refresh=[\w.-]+; Path=\/; Max-Age=259[12]\d{3}; HttpOnly; SameSite=Lax$/),
      ]);
      const verify = tokenVerifier({ jwks: async () => (await rooms.ask("auth.jwks", {})).result });
      const caller = await verify(cookies["s_access"] ?? "", "access");
      expect(caller.provider).toBe("kakao");
      const profile = await rooms.ask("users.profile", {}, { caller });
      expect(profile.result).toMatchObject({ username: "첫 손님", nickname: "첫 손님", provider: "kakao" });
      expect(await sessionsOf("첫 손님")).toEqual([{ device_id: "phone-1", provider: "kakao" }]);
      const audit = await rooms.db.rows("select event, user_id from auth.login_audits where session_id = $1", [
        caller.sessionId,
      ]);
      expect(audit).toEqual([{ event: "signed_in", user_id: caller.userId }]);
    });

    it("finds the same person under the same name, however it was typed", async () => {
      const verify = tokenVerifier({ jwks: async () => (await rooms.ask("auth.jwks", {})).result });
      const whoIs = async (name: string, provider?: "google") => {
        const { s_access: token } = await signIn(rooms, name, provider);
        return (await verify(token, "access")).userId;
      };
      const first = await whoIs("단골");
      expect(await whoIs(" 단골 ".normalize("NFD"))).toBe(first);
      expect(await whoIs("단골", "google")).not.toBe(first);
      expect(await whoIs("단골2")).not.toBe(first);
    });

    it.each([
      "<script>alert(1)</script>",
      "👨‍👩‍👧‍👦🏳️‍🌈",
      "가".repeat(120),
      "'; drop table users.accounts --",
      "\u202eevil",
      "%00",
      "a b",
    ])("signs in whoever is called %j", async name => {
      expect((await signIn(rooms, name)).location).toBe("http://localhost:5173/#/home");
    });

    it("takes a state once", async () => {
      const answer = await authorize(rooms, "한 번");
      expect((await callback(answer)).location).toBe("http://localhost:5173/#/home");
      const second = await callback(answer);
      expect(second).toMatchObject({ status: 302, location: failed("INVALID_STATE"), cookies: {} });
      expect(await sessionsOf("한 번")).toHaveLength(1);
    });

    it("lets one of ten parallel callbacks with one state win", async () => {
      const answer = await authorize(rooms, "열 명");
      const all = await Promise.all(Array.from({ length: 10 }, () => callback(answer)));
      const home = all.filter(each => each.location.endsWith("/#/home"));
      expect(home).toHaveLength(1);
      expect(all.filter(each => each.location === failed("INVALID_STATE") && !each.cookies["s_access"])).toHaveLength(
        9,
      );
      expect(await sessionsOf("열 명")).toHaveLength(1);
    });

    it.each(["", FORGED, "short", "'; drop table auth.oauth_states --", "a\u0000b", "x".repeat(10_000)])(
      "goes to FRONTEND_URL, and nowhere else, with the forged state %#",
      async state => {
        const answer = await callback({ state, code: FORGED });
        expect(answer).toMatchObject({ result: null, status: 302, location: failed("INVALID_STATE"), cookies: {} });
      },
    );

    it("goes back to where an expired sign-in came from", async () => {
      const { state } = await start({ frontend_origin: "http://localhost:3000" });
      const { location: back } = await page({ state, login_hint: "느림보" });
      await rooms.db.run("update auth.oauth_states set expires_at = now() - interval '1 second' where state = $1", [
        state,
      ]);
      const code = new URL(back, "http://x").searchParams.get("code") ?? "";
      expect((await callback({ state, code })).location).toBe(failed("INVALID_STATE", "http://localhost:3000"));
      expect(await sessionsOf("느림보")).toEqual([]);
    });

    it("refuses a state that was begun with another provider, and uses it up", async () => {
      const answer = await authorize(rooms, "딴 데");
      expect((await callback({ ...answer, provider: "google" })).location).toBe(failed("INVALID_STATE"));
      expect((await callback(answer)).location).toBe(failed("INVALID_STATE"));
      expect(await sessionsOf("딴 데")).toEqual([]);
    });

    it("takes a refusal for a refusal, and repeats nothing of what a stranger wrote", async () => {
      const first = await start();
      expect((await callback({ state: first.state, error: "access_denied", code: FORGED })).location).toBe(
        failed("access_denied"),
      );
      const second = await start();
      expect((await callback({ state: second.state, error: '"><script>&x=' })).location).toBe(failed("provider_error"));
      const audit = await rooms.db.rows<{ reason: string }>(
        "select reason from auth.login_audits where event = 'sign_in_failed' order by id desc limit 2",
      );
      expect(audit.map(each => each.reason)).toEqual(["provider_error", "access_denied"]);
    });

    it.each([undefined, "", FORGED, "a\u0000", "x".repeat(10_000)])("refuses the code %#", async code => {
      const { state } = await start();
      const answer = await callback({ state, ...(code === undefined ? {} : { code }) });
      expect(answer).toMatchObject({ status: 302, location: failed("PROVIDER_FAILED"), cookies: {} });
    });

    it("refuses the code of another sign-in, an expired one and a used one", async () => {
      const victim = await authorize(rooms, "피해자");
      const { state } = await start();
      expect((await callback({ state, code: victim.code })).location).toBe(failed("PROVIDER_FAILED"));
      await rooms.db.run("update auth.local_codes set expires_at = now() where code = $1", [victim.code]);
      expect((await callback(victim)).location).toBe(failed("PROVIDER_FAILED"));
      const used = await authorize(rooms, "재사용");
      await callback(used);
      const other = await start();
      expect((await callback({ state: other.state, code: used.code })).location).toBe(failed("PROVIDER_FAILED"));
    });

    it("sends the person back to the app when a room it needs is gone, without any cookie", async () => {
      const crippled = await rooms.beside({});
      const answer = await authorize(crippled);
      await crippled.broker.destroyService(crippled.broker.getLocalService("users"));
      const { location, cookies } = await crippled.ask("auth.callback", { provider: "kakao", ...answer });
      expect(location).toBe(failed("SERVICE_UNAVAILABLE"));
      expect(cookies).toEqual({});
      await crippled.stop();
    });

    it("sets Secure and Domain as the address and the settings say", async () => {
      const other = await rooms.beside({ COOKIE_DOMAIN: ".growbin.app", ACCESS_TTL_MIN: 1, REFRESH_TTL_MIN: 2 });
      const answer = await authorize(other);
      const secure = { http: { ...atHome.http!, baseUrl: "https://api.growbin.app" } };
      const { headers } = await other.ask("auth.callback", { provider: "kakao", ...answer }, secure);
      expect(headers["Set-Cookie"]).toEqual([
        expect.stringMatching(/Max-Age=(60|5\d); Domain=\.growbin\.app; HttpOnly; Secure; SameSite=Lax$/),
        expect.stringMatching(/Max-Age=1(20|1\d); Domain=\.growbin\.app; HttpOnly; Secure; SameSite=Lax$/),
      ]);
      const out = await other.ask("auth.logout", {}, secure);
      expect(out.headers["Set-Cookie"]).toEqual([
        "s_access=; Path=/; Max-Age=0; Domain=.growbin.app; HttpOnly; Secure; SameSite=Lax",
        "s_refresh=; Path=/; Max-Age=0; Domain=.growbin.app; HttpOnly; Secure; SameSite=Lax",
      ]);
      await other.stop();
    });
  });

  it("publishes the key that verifies its tokens, and nothing private", async () => {
    const { result } = await rooms.ask("auth.jwks", {});
    expect(result.keys).toHaveLength(1);
    expect(Object.keys(result.keys[0] ?? {}).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    const { s_refresh: refresh } = await signIn(rooms);
    const verify = tokenVerifier({ jwks: async () => result });
    await expect(verify(refresh, "access")).rejects.toMatchObject({ type: "TOKEN_INVALID" });
    expect((await verify(refresh, "refresh")).provider).toBe("kakao");
  });
});
