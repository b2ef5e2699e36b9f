import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { identityPage, pageHeaders } from "../../services/auth/identity-page.ts";
import { canonicalName, localIdentity } from "../../services/auth/local-identity.ts";
import { isOneTimeToken, makeOneTimeToken } from "../../services/auth/one-time-token.ts";

const evil = `"><script>alert(1)</script>'&`;
const page = identityPage({
  provider: "naver",
  state: evil,
  action: `/x?${evil}`,
  cancel: `/y?${evil}`,
  nameMissing: false,
});

describe("identity page", () => {
  it("asks for a name in Korean, under a label of its own, with the cursor in the field", () => {
    expect(page).toContain('<html lang="ko">');
    expect(page).toContain("네이버 로그인 대신");
    expect(page).toContain('<label for="name">이름</label>');
    expect(page).toMatch(/<input id="name" name="login_hint" required [^>]*autofocus>/);
    expect(page).toContain('<form method="get"');
    expect(page).not.toContain('role="alert"');
  });

  it("lets nothing out of its attributes", () => {
    expect(page).not.toContain("<script");
    const escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;";
    expect(page.split(escaped)).toHaveLength(4); // state, form address, way back
  });

  it("says what is wrong, to those who hear it too", () => {
    const again = identityPage({ provider: "kakao", state: "s", action: "/x", cancel: "/y", nameMissing: true });
    expect(again).toContain('aria-invalid="true" aria-describedby="alert"');
    expect(again).toContain('<div class="alert" id="alert" role="alert">');
  });

  it("allows its own style and the way to the app, and nothing else", () => {
    const policy = pageHeaders("http://localhost:5173")["Content-Security-Policy"];
    const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self' http://localhost:5173; base-uri 'none'; frame-ancestors 'none'`,
    );
  });
});

describe("localIdentity", () => {
  it("is the same person for the same name, and another for another name or provider", () => {
    const mango = localIdentity("kakao", "망고");
    expect(localIdentity("kakao", "망고")).toEqual(mango);
    expect(mango.provider_user_id).toMatch(/^local-[0-9a-f]{32}$/);
    const ids = [
      mango,
      localIdentity("google", "망고"),
      localIdentity("kakao", "망고2"),
      localIdentity("kakao\n망", "고"),
    ];
    expect(new Set(ids.map(each => each.provider_user_id)).size).toBe(4);
  });

  it("knows a name however it was typed", () => {
    expect(canonicalName("  망고\t 주스 ".normalize("NFD"))).toBe("망고 주스");
    expect(canonicalName(" \u3000 ")).toBe("");
    expect(canonicalName("👨‍👩‍👧‍👦")).toBe("👨‍👩‍👧‍👦");
  });
});

describe("one-time tokens", () => {
  it("are never the same and know their own shape", () => {
    const made = Array.from({ length: 1000 }, makeOneTimeToken);
    expect(new Set(made).size).toBe(1000);
    expect(made.every(isOneTimeToken)).toBe(true);
    for (const odd of [
      "",
      "a".repeat(42),
      "a".repeat(44),
      `${"a".repeat(42)}\0`,
      `${"a".repeat(42)}'`,
      `${"a".repeat(43)}\n`,
    ])
      expect(isOneTimeToken(odd)).toBe(false);
  });
});
