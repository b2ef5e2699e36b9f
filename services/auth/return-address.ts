import { fail } from "../../broker/errors.ts";

export interface ReturnSettings {
  ALLOWED_ORIGINS: readonly string[];
  FRONTEND_URL: string;
}

/**
 * Where a sign-in goes back to: the origin that the app asked for, when it stands exactly on the allow-list (or is our own).
 * Compared as text, never parsed: a look-alike that some parser reads kindly is then simply another text.
 * @param asked from the query, else from the header; none: the app of FRONTEND_URL
 * @throws ORIGIN_NOT_ALLOWED
 */
export function returnAddress(
  asked: string | undefined,
  baseUrl: string | undefined,
  settings: ReturnSettings,
): string {
  if (asked === undefined || asked === "") return settings.FRONTEND_URL.replace(/\/+$/, "");
  const own = baseUrl === undefined ? [] : [new URL(baseUrl).origin];
  if (![...settings.ALLOWED_ORIGINS, ...own].includes(asked)) throw fail("ORIGIN_NOT_ALLOWED");
  return asked;
}

/** The app's first page after a sign-in (it routes behind the `#`). */
export const homeOf = (returnTo: string): string => `${returnTo}/#/home`;

/** The app's sign-in page, told why it is back there. */
export const loginOf = (returnTo: string, reason: string): string =>
  `${returnTo}/#/login?error=oauth_failed&reason=${encodeURIComponent(reason)}`;

/** What a provider says when the person refused; it goes into an address, so only what looks like such a code passes. */
export const refusalOf = (error: string): string => (/^[a-z_]{1,64}$/.test(error) ? error : "provider_error");
