import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { homeOf, loginOf, refusalOf, returnAddress } from "../../services/auth/return-address.ts";
import { clearedCookies, sessionCookies } from "../../services/auth/session-cookies.ts";

const settings = {
  ALLOWED_ORIGINS: ["http://localhost:5173", "https://frontend.growbin.app"],
  FRONTEND_URL: "http://localhost:5173/",
};
const baseUrl = "http://127.0.0.1:3000";

describe("returnAddress", () => {
  it.each(["http://localhost:5173", "https://frontend.growbin.app", baseUrl])("takes %s", origin => {
    expect(returnAddress(origin, baseUrl, settings)).toBe(origin);
  });

  it.each([
    "http://evil.com",
    "http://localhost:5173.evil.com",
    "http://localhost:51730",
    "http://localhost:5173@evil.com",
    "http://localhost:5173/",
    "http://localhost:5173/#@evil.com",
    "http://localhost:5173\\@evil.com",
    "http://good@localhost:5173",
    "http://LOCALHOST:5173",
    " http://localhost:5173",
    "https://localhost:5173",
    "http://localhost",
    "https://evil.frontend.growbin.app",
    "https://frontend.growbin.app.",
    "//frontend.growbin.app",
    "javascript:alert(1)//http://localhost:5173",
    "data:text/html,hi",
    "null",
    "*",
    "http://127.0.0.1:3000.evil.com",
    "http://localhost:5173,https://frontend.growbin.app",
    "http://localhost:5173\r\nSet-Cookie: a=b",
  ])("refuses %j", origin => {
    expect(() => returnAddress(origin, baseUrl, settings)).toThrow(
      expect.objectContaining({ type: "ORIGIN_NOT_ALLOWED", code: 400 }),
    );
  });

  it("goes to the configured app when none is named", () => {
    expect(returnAddress(undefined, baseUrl, settings)).toBe("http://localhost:5173");
    expect(returnAddress("", undefined, { ...settings, FRONTEND_URL: "https://eco2.app/web//" })).toBe(
      "https://eco2.app/web",
    );
  });
});

describe("addresses of the app", () => {
  it("stand behind the hash, where the app's router looks", () => {
    expect(homeOf("http://localhost:5173")).toBe("http://localhost:5173/#/home");
    expect(loginOf("http://localhost:5173", "INVALID_STATE")).toBe(
      "http://localhost:5173/#/login?error=oauth_failed&reason=INVALID_STATE",
    );
  });

  it("carry a provider's own code, and nothing else a stranger wrote", () => {
    expect(refusalOf("access_denied")).toBe("access_denied");
    for (const nonsense of ["", "a&b=c", "<script>", "a\r\nb", "A", "x".repeat(65), "거부"])
      expect(refusalOf(nonsense)).toBe("provider_error");
  });
});

describe("cookies", () => {
  beforeAll(() => {
    jest.useFakeTimers({ now });
  });
  afterAll(() => {
    jest.useRealTimers();
  });
  const now = Date.UTC(2026, 2, 1);
  const pair = {
    access: "aaa.bbb.ccc",
    refresh: "ddd.eee.fff",
    refreshId: "",
    accessExpiresAt: new Date(now + 60_000),
    refreshExpiresAt: new Date(now + 3_600_000),
  };

  it("go without Secure over plain http on this machine", () => {
    expect(sessionCookies(pair, {}, baseUrl)).toEqual([
      "s_access=aaa.bbb.ccc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax",
      "s_refresh=ddd.eee.fff; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax",
    ]);
    for (const local of ["http://localhost:3000", "http://localhost", "http://[::1]:3000/"])
      expect(sessionCookies(pair, {}, local)[0]).not.toContain("Secure");
  });

  it.each([
    "https://localhost:3000",
    "https://api.growbin.app",
    "http://api.growbin.app",
    "http://localhost.evil.com",
    "http://127.0.0.1.nip.io",
    undefined,
  ])("are Secure at %s", address => {
    for (const cookie of sessionCookies(pair, {}, address))
      expect(cookie).toContain("; HttpOnly; Secure; SameSite=Lax");
  });

  it("follow the settings", () => {
    const [cookie] = sessionCookies(pair, { COOKIE_SECURE: true, COOKIE_DOMAIN: ".dev.growbin.app" }, baseUrl);
    expect(cookie).toBe(
      "s_access=aaa.bbb.ccc; Path=/; Max-Age=60; Domain=.dev.growbin.app; HttpOnly; Secure; SameSite=Lax",
    );
    expect(sessionCookies(pair, { COOKIE_SECURE: false }, "https://x.app")[0]).not.toContain("Secure");
  });

  it("are cleared with the attributes they were set with", () => {
    const strict = { COOKIE_SECURE: true, COOKIE_DOMAIN: "growbin.app" };
    const attributes = (cookies: string[]): string[][] =>
      cookies.map(cookie => cookie.split("; ").filter(each => !/^(s_\w+|Max-Age)=/.test(each)));
    expect(attributes(clearedCookies(strict, baseUrl))).toEqual(attributes(sessionCookies(pair, strict, baseUrl)));
    expect(clearedCookies({}, baseUrl)).toEqual([
      "s_access=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
      "s_refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
    ]);
  });

  it("never last less than a second", () => {
    const late = { ...pair, accessExpiresAt: new Date(0) };
    expect(sessionCookies(late, {}, baseUrl)[0]).toContain("Max-Age=1;");
  });
});
