import type { Actions } from "../../broker/contract.ts";
import type { Env } from "../../broker/env.ts";
import type { Attempt } from "./attempts.store.ts";
import { ATTEMPT_TTL_S, tieToBrowser } from "./browser-cookie.ts";
import { callbackAddress } from "./callback-address.ts";
import { makeOneTimeToken } from "./one-time-token.ts";
import { returnAddress } from "./return-address.ts";

export type AttemptSettings = Pick<Env, "ALLOWED_ORIGINS" | "FRONTEND_URL" | "COOKIE_SECURE">;

/**
 * A sign-in about to begin, with the cookie that ties it to its browser. The return origin comes from the query, then the header.
 * @param baseUrl address the browser reaches us at
 * @throws ORIGIN_NOT_ALLOWED, REDIRECT_URI_REFUSED
 */
export function prepareAttempt(
  params: Actions["auth.authorize"]["params"],
  baseUrl: string,
  settings: AttemptSettings,
): { attempt: Attempt & { expiresAt: Date }; cookie: string } {
  const { provider, device_id: deviceId, frontend_origin: origin, x_frontend_origin: header } = params;
  const browser = tieToBrowser(params.s_browser, settings, baseUrl);
  const attempt = {
    state: params.state ?? makeOneTimeToken(),
    provider,
    return_to: returnAddress(origin ?? header, baseUrl, settings),
    device_id: deviceId ?? null,
    redirect_uri: callbackAddress(params.redirect_uri, provider, baseUrl, settings.ALLOWED_ORIGINS),
    code_verifier: makeOneTimeToken(),
    nonce: makeOneTimeToken(),
    browser_hash: browser.hash,
    expiresAt: new Date(Date.now() + 1000 * ATTEMPT_TTL_S),
  };
  return { attempt, cookie: browser.cookie };
}
