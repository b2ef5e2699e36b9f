import { createHash } from "node:crypto";

const PROVIDER_NAMES = { google: "구글", kakao: "카카오", naver: "네이버" } as const;

const STYLE = `
:root { color-scheme: light dark; --ink: #16302b; --soft: #51655f; --page: #eef5f1; --card: #fff; --line: #9db5ab; --leaf: #0f7a5a; --on-leaf: #fff; --alert: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e8f3ee; --soft: #a9bdb5; --page: #0f1a17; --card: #182723; --line: #5c776d; --leaf: #5fd3a8; --on-leaf: #06251b; --alert: #ffb4ab } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--page); color: var(--ink); font: 1rem/1.6 system-ui, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", sans-serif; word-break: keep-all; overflow-wrap: anywhere }
main { width: 100%; max-width: 25rem; padding: 2rem; background: var(--card); border-radius: 1.25rem; box-shadow: 0 1px 2px rgb(0 0 0 / .08), 0 12px 32px rgb(0 0 0 / .08) }
.brand { margin: 0 0 1.25rem; font-weight: 700; color: var(--leaf) }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.3 }
p { margin: 0 0 1.25rem; color: var(--soft) }
label { display: block; margin-bottom: .375rem; font-weight: 600 }
input { width: 100%; padding: .75rem .875rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .75rem }
input[aria-invalid] { border-color: var(--alert) }
.alert { margin: .375rem 0 0; color: var(--alert) }
button { width: 100%; margin-top: 1rem; padding: .8rem; font: inherit; font-weight: 700; color: var(--on-leaf); background: var(--leaf); border: 0; border-radius: .75rem; cursor: pointer }
a { display: block; margin-top: 1rem; text-align: center; color: var(--soft) }
:focus-visible { outline: 3px solid var(--leaf); outline-offset: 2px }
`;
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

export interface PageParts {
  provider: keyof typeof PROVIDER_NAMES;
  state: string;
  /** Address of this page; the form comes back to it. */
  action: string;
  /** Where a person goes who doesn't want to sign in. */
  cancel: string;
  /** The name that was sent had nothing in it to be called by. */
  nameMissing: boolean;
}

/** The page that stands in for a provider's sign-in: it asks for a name. Plain HTML: no script, nothing loaded from anywhere. */
export function identityPage({ provider, state, action, cancel, nameMissing }: PageParts): string {
  const invalid = nameMissing ? ' aria-invalid="true" aria-describedby="alert"' : "";
  return `<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>이름으로 로그인 · Eco²</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<div class="brand">Eco²</div>
<h1>이름으로 로그인</h1>
<p>${PROVIDER_NAMES[provider]} 로그인 대신 이 컴퓨터에서만 쓰는 화면이에요. 비밀번호 없이 이름만 적으면 되고, 같은 이름이면 언제나 같은 계정이에요.</p>
<form method="get" action="${escapeHtml(action)}">
<input type="hidden" name="provider" value="${escapeHtml(provider)}">
<input type="hidden" name="state" value="${escapeHtml(state)}">
<label for="name">이름</label>
<input id="name" name="login_hint" required maxlength="120" autocomplete="nickname" autofocus${invalid}>
${nameMissing ? '<div class="alert" id="alert" role="alert">이름을 한 글자 이상 적어 주세요.</div>\n' : ""}<button>로그인</button>
</form>
<a href="${escapeHtml(cancel)}">로그인하지 않고 돌아가기</a>
</main>
</body>
</html>
`;
}

/**
 * Headers of the page. Browsers hold the redirects after a sent form to `form-action` too, so the app's own origin stands there.
 * @param returnTo address of the app that the sign-in goes back to
 */
export const pageHeaders = (returnTo: string): Record<string, string> => ({
  "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self' ${new URL(returnTo).origin}; base-uri 'none'; frame-ancestors 'none'`,
  "Cache-Control": "no-store",
  // The address carries the state.
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
});

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, sign => ENTITIES[sign] ?? sign);
