import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { Meta } from "../../broker/service.ts";
import type { ProviderName } from "../../services/auth/providers.ts";
import { makeSigningKey } from "../../services/auth/sign-tokens.ts";
import { atHome, openRooms, type Rooms } from "../builders/auth-rooms.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";
import { google, kakao, naver, type OAuthFault, type OAuthServer, startOAuthServer } from "../servers/oauth.server.ts";

const AUTH_PRIVATE_KEY = makeSigningKey();
const PROVIDERS: ProviderName[] = ["google", "kakao", "naver"];
const HOME = "http://localhost:5173/#/home";
const failed = (reason: string) => `http://localhost:5173/#/login?error=oauth_failed&reason=${reason}`;
const fromApp: Meta = { http: { origin: undefined, baseUrl: "http://127.0.0.1:3000", loopback: false } };

describe.each(databases)("sign-in with the providers on $name", ({ make }) => {
  let database: TestDatabase;
  let outside: OAuthServer;
  let rooms: Rooms;
  let people = 0;
  beforeAll(async () => {
    database = await make();
    outside = await startOAuthServer();
    rooms = await openRooms(database, { AUTH_PRIVATE_KEY, ...outside.settings });
  });
  afterAll(async () => {
    await rooms.close();
    await database.remove();
    await outside.close();
  });
  beforeEach(() => {
    people++;
    outside.people.google = google(`g-${people}`);
    outside.people.kakao = kakao(people);
    outside.people.naver = naver(`n-${people}`);
    outside.trades.length = 0;
  });

  const start = async (provider: ProviderName, params: object = {}) =>
    (await rooms.ask("auth.start", { provider, ...params }, fromApp)).result.data;
  const callback = (provider: ProviderName, answer: URLSearchParams | Record<string, string>) =>
    rooms.ask("auth.callback", { provider, ...Object.fromEntries(new URLSearchParams(answer)) }, fromApp);
  const signIn = async (provider: ProviderName) =>
    callback(provider, outside.agree((await start(provider)).authorization_url));
  const accountOf = async (provider: ProviderName, id: string) =>
    rooms.db.one<{ id: string; nickname: string; name: string; email: string; phone_number: string | null }>(
      `select a.id, a.nickname, a.name, a.email, a.phone_number from users.accounts a
       join users.social_accounts s on s.account_id = a.id where s.provider = $1 and s.provider_user_id = $2`,
      [provider, id],
    );

  it.each(PROVIDERS)("walks the whole way with %s, and opens the account that it describes", async provider => {
    const { location, status, cookies } = await signIn(provider);
    expect([status, location]).toEqual([302, HOME]);
    expect(cookies).toMatchObject({ s_access: expect.stringMatching(/^ey/), s_refresh: expect.stringMatching(/^ey/) });
    const account = await accountOf(provider, outside.people[provider].id);
    const told = {
      google: { nickname: "민지", name: "김민지", email: `g-${people}@mail.example`, phone_number: null },
      kakao: { nickname: "하나", name: "하나", email: `kakao-${people}@mail.example`, phone_number: "01012345678" },
      naver: { nickname: "두리", name: "박두리", email: `n-${people}@mail.example`, phone_number: "01023456789" },
    };
    expect(account).toMatchObject(told[provider]);
    expect(rooms.greeted).toContain(account?.id);
    await signIn(provider);
    expect((await accountOf(provider, outside.people[provider].id))?.id).toBe(account?.id);
  });

  it.each([
    ["google", { scope: "openid email profile", access_type: "offline", prompt: "consent" }, true],
    ["kakao", {}, true],
    ["naver", { scope: "profile email" }, false],
  ] as const)("sends people to %s with what it asks for", async (provider, extra, hasPkce) => {
    const redirect = `http://localhost:5173/api/v1/auth/${provider}/callback`;
    const begun = await start(provider, { redirect_uri: redirect, login_hint: "민지" });
    const query = Object.fromEntries(new URL(begun.authorization_url).searchParams);
    expect(query).toMatchObject({
      ...{ response_type: "code", client_id: `${provider}-client`, redirect_uri: redirect, state: begun.state },
      ...{ login_hint: "민지", ...extra },
    });
    expect(query["code_challenge_method"]).toBe(hasPkce ? "S256" : undefined);
    expect(query["nonce"] !== undefined).toBe(provider === "google");
    const { location } = await callback(provider, outside.agree(begun.authorization_url));
    expect(location).toBe(HOME);
    const [trade] = outside.trades;
    expect(trade?.get("redirect_uri")).toBe(redirect);
    expect(trade?.has("code_verifier")).toBe(hasPkce);
    expect(trade?.get("state") ?? undefined).toBe(provider === "naver" ? begun.state : undefined);
  });

  it("offers the same under /login, and bare under /authorize, with a state that the app may bring", async () => {
    const state = "b".repeat(40) + String(people).padStart(3, "0");
    const bare = await rooms.ask("auth.authorize", { provider: "kakao", state }, fromApp);
    expect(bare.result).toEqual({ authorization_url: expect.stringContaining(`state=${state}`), state });
    await expect(rooms.ask("auth.authorize", { provider: "kakao", state }, fromApp)).rejects.toMatchObject({
      type: "INVALID_STATE",
    });
    expect((await callback("kakao", outside.agree(bare.result.authorization_url))).location).toBe(HOME);
  });

  it.each([
    ["another host", "https://evil.example/api/v1/auth/kakao/callback"],
    ["a host that begins like ours", "http://localhost:5173.evil.example/api/v1/auth/kakao/callback"],
    ["a name before ours", "http://localhost:5173@evil.example/api/v1/auth/kakao/callback"],
    ["another path of ours", "http://127.0.0.1:3000/api/v1/auth/logout"],
    ["another provider's callback", "http://127.0.0.1:3000/api/v1/auth/google/callback"],
    ["a query", "http://127.0.0.1:3000/api/v1/auth/kakao/callback?next=//evil.example"],
  ])("refuses a redirect_uri with %s", async (_what, redirect) => {
    await expect(start("kakao", { redirect_uri: redirect })).rejects.toMatchObject({
      type: "REDIRECT_URI_REFUSED",
      code: 400,
    });
  });

  it("counts a callback only in the browser that began the sign-in", async () => {
    const answer = Object.fromEntries(outside.agree((await start("google")).authorization_url));
    const elsewhere = await callback("google", { ...answer, s_browser: "C".repeat(43) });
    expect(elsewhere).toMatchObject({ location: failed("INVALID_STATE"), cookies: {} });
    // What somebody else tried is used up.
    expect((await callback("google", answer)).location).toBe(failed("INVALID_STATE"));
    const fresh = Object.fromEntries(outside.agree((await start("google")).authorization_url));
    expect((await callback("google", { ...fresh, s_browser: "" })).location).toBe(failed("INVALID_STATE"));
    expect(outside.trades).toEqual([]);
  });

  it("lets two tabs of one browser sign in side by side", async () => {
    const [first, second] = [await start("kakao"), await start("naver")];
    expect((await callback("naver", outside.agree(second.authorization_url))).location).toBe(HOME);
    expect((await callback("kakao", outside.agree(first.authorization_url))).location).toBe(HOME);
  });

  it("takes a code once, only for its own sign-in, and never a made-up one", async () => {
    const begun = await start("kakao");
    const answer = outside.agree(begun.authorization_url);
    expect((await callback("kakao", answer)).location).toBe(HOME);
    expect((await callback("kakao", answer)).location).toBe(failed("INVALID_STATE"));
    for (const provider of PROVIDERS) {
      const stolen = outside.agree((await start(provider)).authorization_url).get("code") ?? "";
      const own = await start(provider);
      // Injected into another sign-in: PKCE or Naver's state tells.
      expect((await callback(provider, { code: stolen, state: own.state })).location).toBe(failed("PROVIDER_FAILED"));
      const again = await start(provider);
      expect((await callback(provider, { code: "made-up", state: again.state })).location).toBe(
        failed("PROVIDER_FAILED"),
      );
    }
  });

  it("takes a refusal for a refusal", async () => {
    for (const provider of PROVIDERS)
      expect((await callback(provider, outside.refuse((await start(provider)).authorization_url))).location).toBe(
        failed("access_denied"),
      );
    expect(outside.trades).toEqual([]);
  });

  const faults: [string, OAuthFault][] = [
    ["429", { status: 429, body: { error: "slow_down" } }],
    ["500", { status: 500 }],
    ["an error body", { status: 400, body: { error: "invalid_grant", error_description: "secret stuff" } }],
    ["an HTML page", { html: true }],
    ["a cut connection", { cut: true }],
    ["a body without end", { flood: true }],
    ["a redirect", { redirect: "http://127.0.0.1:1/elsewhere" }],
    ["nothing in it", { change: () => ({}) }],
    ["null", { change: () => null }],
  ];
  describe.each(faults)("with %s from the provider", (_what, fault) => {
    it.each(["token", "profile"] as const)(
      "at the %s, nobody is signed in and the person is back at the app",
      async what => {
        for (const provider of PROVIDERS) {
          outside.break(what, fault);
          expect(await signIn(provider)).toMatchObject({ location: failed("PROVIDER_FAILED"), cookies: {} });
          expect((await signIn(provider)).location).toBe(HOME);
        }
      },
    );
  });

  it("waits for a silent provider as long as the settings say", async () => {
    const hasty = await rooms.beside({ OAUTH_TIMEOUT_MS: 300 });
    for (const what of ["token", "profile"] as const) {
      outside.break(what, { hang: true });
      const begun = (await hasty.ask("auth.start", { provider: "kakao" }, fromApp)).result.data;
      const answer = Object.fromEntries(outside.agree(begun.authorization_url));
      const { location, cookies } = await hasty.ask("auth.callback", { provider: "kakao", ...answer }, fromApp);
      expect([location, cookies]).toEqual([failed("PROVIDER_FAILED"), {}]);
    }
    await hasty.stop();
  });

  it.each([
    ["of another audience", { aud: "somebody-else" }],
    ["with another nonce", { nonce: "not ours" }],
    ["of another issuer", { iss: "https://evil.example" }],
    ["that has run out", { exp: 1 }],
    ["of another person", { sub: "g-0" }],
  ])("refuses an ID token %s", async (_what, claims) => {
    outside.break("token", {
      change: body => {
        const [head = "", payload = "", signature = ""] = String(body["id_token"]).split(".");
        const own = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
        const changed = Buffer.from(JSON.stringify({ ...own, ...claims })).toString("base64url");
        return { ...body, id_token: [head, changed, signature].join(".") };
      },
    });
    expect((await signIn("google")).location).toBe(failed("PROVIDER_FAILED"));
  });

  it("refuses an answer that another issuer claims", async () => {
    const answer = Object.fromEntries(outside.agree((await start("google")).authorization_url));
    expect((await callback("google", { ...answer, iss: "https://evil.example" })).location).toBe(
      failed("PROVIDER_FAILED"),
    );
  });

  describe("accounts", () => {
    it("are one where two providers have verified the same address", async () => {
      outside.people.google = google(`g-${people}`, { email: `same-${people}@mail.example` });
      outside.people.kakao = kakao(people, { email: `Same-${people}@Mail.example` });
      await Promise.all([signIn("google"), signIn("kakao")]);
      const ids = [await accountOf("google", `g-${people}`), await accountOf("kakao", String(people))].map(
        row => row?.id,
      );
      expect(ids[0]).toBeDefined();
      expect(ids[1]).toBe(ids[0]);
    });

    it.each([
      ["Google has not verified", google("x", { email_verified: false }), undefined],
      ["Google says to be verified in words", google("x", { email_verified: "true" }), undefined],
      ["Kakao has not verified", undefined, kakao(0, { is_email_verified: false })],
      ["Kakao no longer finds valid", undefined, kakao(0, { is_email_valid: false })],
    ])("stay apart where the address is one that %s", async (_what, ofGoogle, ofKakao) => {
      const email = `apart-${people}@mail.example`;
      const withEmail = (profile: unknown, change: (own: Record<string, unknown>) => object) =>
        change(profile as Record<string, unknown>);
      outside.people.google = {
        id: `g-${people}`,
        profile: withEmail((ofGoogle ?? google("x")).profile, own => ({ ...own, sub: `g-${people}`, email })),
      };
      outside.people.kakao = {
        id: String(people),
        profile: withEmail((ofKakao ?? kakao(0)).profile, own => ({
          ...own,
          id: people,
          kakao_account: { ...(own["kakao_account"] as object), email },
        })),
      };
      await signIn("google");
      await signIn("kakao");
      expect((await accountOf("google", `g-${people}`))?.id).not.toBe((await accountOf("kakao", String(people)))?.id);
    });

    it("of Naver never join by the address that the person wrote down", async () => {
      outside.people.naver = naver(`n-${people}`, { email: `g-${people}@mail.example` });
      await signIn("google");
      await signIn("naver");
      expect((await accountOf("naver", `n-${people}`))?.id).not.toBe((await accountOf("google", `g-${people}`))?.id);
    });

    it("leave out what is too odd to be kept, and sign the person in", async () => {
      outside.people.kakao = kakao(people, {
        email: `${"x".repeat(400)}@mail.example`,
        phone_number: "1".repeat(60),
        profile: { nickname: "한\u0000글", profile_image_url: "javascript:alert(1)" },
      });
      expect((await signIn("kakao")).location).toBe(HOME);
      expect(await accountOf("kakao", String(people))).toMatchObject({
        nickname: "한 글",
        email: null,
        phone_number: null,
      });
    });

    it("are not opened for an id that a number cannot hold", async () => {
      outside.people.kakao = { id: String(2 ** 53), profile: { id: 2 ** 53 } };
      expect((await signIn("kakao")).location).toBe(failed("PROVIDER_FAILED"));
    });

    it("need no more than an id", async () => {
      outside.people.kakao = { id: String(people), profile: { id: people } };
      expect((await signIn("kakao")).location).toBe(HOME);
      expect(await accountOf("kakao", String(people))).toMatchObject({
        nickname: expect.stringMatching(/\S+ \S+/),
        email: null,
      });
    });
  });

  it("has no local identity beside real providers, and says 404 for those that are not configured", async () => {
    const only = await rooms.beside({ GOOGLE_CLIENT_ID: undefined as never });
    const { result } = await only.ask("auth.start", { provider: "kakao" });
    await expect(
      only.ask("auth.identityPage", { provider: "kakao", state: result.data.state, login_hint: "망고" }),
    ).rejects.toMatchObject({ type: "NOT_FOUND" });
    await expect(only.ask("auth.start", { provider: "google" }, atHome)).rejects.toMatchObject({
      type: "PROVIDER_NOT_CONFIGURED",
      code: 404,
    });
    await only.stop();
  });
});
