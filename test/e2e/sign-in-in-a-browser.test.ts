import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { ProviderName } from "../../services/auth/providers.ts";
import { type House, startHouse } from "../house.ts";
import { type OAuthServer, startOAuthServer } from "../servers/oauth.server.ts";

const CHROMIUM = "/usr/bin/chromium";
const suite = existsSync(CHROMIUM) ? describe : describe.skip;
if (!existsSync(CHROMIUM))
  process.stderr.write("sign-in in a browser: NOT RUN, there is no Chromium (Debian: chromium)\n");

/** The app, as far as signing in goes: like all generations it asks for the address by a script, with cookies, and goes there. */
const app = (api: string): string => `<!doctype html><meta charset="utf-8"><title>app</title>
${["google", "kakao", "naver"].map(name => `<button id="${name}">${name}</button>`).join("")}
<script>
for (const button of document.querySelectorAll("button")) button.onclick = async () => {
  const redirect = "${api}/api/v1/auth/" + button.id + "/callback";
  const answer = await fetch("${api}/api/v1/auth/" + button.id + "?redirect_uri=" + encodeURIComponent(redirect),
    { credentials: "include", headers: { "X-Frontend-Origin": location.origin } });
  location.href = (await answer.json()).data.authorization_url;
};
</script>`;

suite("sign-in in a browser", () => {
  let outside: OAuthServer;
  let server: Server;
  let origin: string;
  let api: string;
  let house: House;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    outside = await startOAuthServer();
    server = createServer((_request, response) => response.setHeader("content-type", "text/html").end(app(api)));
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    const settings = Object.fromEntries(Object.entries(outside.settings).map(([name, value]) => [name, String(value)]));
    house = await startHouse({ env: { ...settings, FRONTEND_URL: origin, ALLOWED_ORIGINS: origin } });
    api = house.url.replace("127.0.0.1", "localhost");
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
    });
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await house.stop();
    await outside.close();
    server.closeAllConnections();
    server.close();
  }, 60_000);
  afterEach(() => context.close());

  const begin = async (provider: ProviderName): Promise<Page> => {
    context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(origin);
    await page.click(`#${provider}`);
    await page.waitForSelector("#agree");
    return page;
  };
  const asked = (page: Page, path: string): Promise<{ status: number; body: unknown }> =>
    page.evaluate(async address => {
      const answer = await fetch(address, { credentials: "include" });
      return { status: answer.status, body: (await answer.json()) as unknown };
    }, api + path);

  it.each([
    ["google", "민지"],
    ["kakao", "하나"],
    ["naver", "두리"],
  ] as const)(
    "with %s ends at the app, signed in",
    async (provider, nickname) => {
      const page = await begin(provider);
      await page.click("#agree");
      await page.waitForURL(`${origin}/#/home`);
      expect(await asked(page, "/api/v1/users/me")).toMatchObject({ status: 200, body: { nickname, provider } });
      // The cookies are the browser's: no script of the page sees them.
      expect(await page.evaluate(() => document.cookie)).toBe("");
    },
    60_000,
  );

  it.each(["google", "kakao", "naver"] as const)(
    "that is refused at %s ends at the app's sign-in page",
    async provider => {
      const page = await begin(provider);
      await page.click("#refuse");
      await page.waitForURL(`${origin}/#/login?error=oauth_failed&reason=access_denied`);
      expect((await asked(page, "/api/v1/users/me")).status).toBe(401);
    },
    60_000,
  );

  it("does not count in another browser, to which somebody sent the link", async () => {
    const page = await begin("kakao");
    const link = (await page.getAttribute("#agree", "href")) ?? "";
    const other = await browser.newContext();
    const victim = await other.newPage();
    await victim.goto(origin);
    await victim.goto(link);
    await victim.waitForURL(`${origin}/#/login?error=oauth_failed&reason=INVALID_STATE`);
    expect((await asked(victim, "/api/v1/users/me")).status).toBe(401);
    await other.close();
  }, 60_000);
});
