import { fail } from "../../broker/errors.ts";
import type { ProviderName } from "./providers.ts";

/** Path of the callback of a provider. */
export const callbackPath = (provider: ProviderName): string => `/api/v1/auth/${provider}/callback`;

/**
 * Where the provider sends the person back to: the callback that the app names, as long as it is ours, at our own address or at an
 * origin of the app (which may hand `/api` on to us).
 * @param asked `redirect_uri` as the app sent it; none: the callback at our own address
 * @throws REDIRECT_URI_REFUSED
 */
export function callbackAddress(
  asked: string | undefined,
  provider: ProviderName,
  baseUrl: string,
  allowedOrigins: readonly string[],
): string {
  const path = callbackPath(provider);
  if (asked === undefined || asked === "") return new URL(path, baseUrl).href;
  // Compared as text with what it may be: no parser's kindness to a look-alike counts.
  const fitting = [new URL(baseUrl).origin, ...allowedOrigins].map(origin => origin + path);
  if (!fitting.includes(asked)) throw fail("REDIRECT_URI_REFUSED");
  return asked;
}
