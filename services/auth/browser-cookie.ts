import { createHash } from "node:crypto";
import { isOneTimeToken, makeOneTimeToken } from "./one-time-token.ts";
import { type CookieSettings, cookie } from "./session-cookies.ts";

/** Life of an attempt, and of its cookie. */
export const ATTEMPT_TTL_S = 600;

/** What ties an attempt to the browser that began it: only there does its callback count. */
export interface BrowserTie {
  /** Kept with the attempt; the cookie's value is kept nowhere. */
  readonly hash: string;
  /** `Set-Cookie` value. */
  readonly cookie: string;
}

/**
 * For our host alone, whatever COOKIE_DOMAIN says: a neighbour's page has no part in it.
 * @param brought the cookie that the browser has already; attempts in two tabs share it
 */
export function tieToBrowser(
  brought: string | undefined,
  settings: Pick<CookieSettings, "COOKIE_SECURE">,
  baseUrl: string,
): BrowserTie {
  const value = brought !== undefined && isOneTimeToken(brought) ? brought : makeOneTimeToken();
  return {
    hash: hashOf(value),
    cookie: cookie("s_browser", value, ATTEMPT_TTL_S, { COOKIE_SECURE: settings.COOKIE_SECURE }, baseUrl),
  };
}

/** Whether the callback came from the browser that began the attempt. */
export const isSameBrowser = (brought: string | undefined, hash: string): boolean =>
  brought !== undefined && hashOf(brought) === hash;

const hashOf = (value: string): string => createHash("sha256").update(value).digest("base64url");
