import type { TokenPair } from "./sign-tokens.ts";

export interface CookieSettings {
  COOKIE_SECURE?: boolean | undefined;
  COOKIE_DOMAIN?: string | undefined;
}

const LOCAL_HTTP = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/;

/**
 * The two cookies of a session as `Set-Cookie` values.
 * @param baseUrl address the browser reaches us at: plain http on this machine is the one place where cookies go without Secure
 */
export const sessionCookies = (pair: TokenPair, settings: CookieSettings, baseUrl: string | undefined): string[] => [
  cookie("s_access", pair.access, secondsUntil(pair.accessExpiresAt), settings, baseUrl),
  cookie("s_refresh", pair.refresh, secondsUntil(pair.refreshExpiresAt), settings, baseUrl),
];

/** Takes both cookies away: a browser only does so when the attributes are those they were set with. */
export const clearedCookies = (settings: CookieSettings, baseUrl: string | undefined): string[] =>
  ["s_access", "s_refresh"].map(name => cookie(name, "", 0, settings, baseUrl));

/** A `Set-Cookie` value with the attributes that all of ours have. */
export function cookie(
  name: string,
  value: string,
  maxAgeS: number,
  { COOKIE_SECURE, COOKIE_DOMAIN }: CookieSettings,
  baseUrl = "",
): string {
  const secure = COOKIE_SECURE ?? !LOCAL_HTTP.test(baseUrl);
  return [
    `${name}=${value}`,
    "Path=/",
    `Max-Age=${maxAgeS}`,
    ...(COOKIE_DOMAIN === undefined ? [] : [`Domain=${COOKIE_DOMAIN}`]),
    "HttpOnly",
    ...(secure ? ["Secure"] : []),
    "SameSite=Lax",
  ].join("; ");
}

const secondsUntil = (date: Date): number => Math.max(1, Math.ceil((date.getTime() - Date.now()) / 1000));
