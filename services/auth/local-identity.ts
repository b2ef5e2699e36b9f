import { createHash } from "node:crypto";
import { callbackPath } from "./callback-address.ts";
import type { Identity, ProviderName } from "./providers.ts";

/** One spelling of a name: the same letters typed on another keyboard, or with stray blanks, are the same person. */
export const canonicalName = (text: string): string => text.normalize("NFC").replace(/\s+/gu, " ").trim();

/**
 * The person of this name at this provider, without asking anybody: the same name is the same account, today and tomorrow.
 * The prefix keeps such an account apart from every real one of the provider.
 */
export const localIdentity = (provider: string, name: string): Identity => ({
  provider,
  provider_user_id: `local-${createHash("sha256").update(`${provider}\n${name}`).digest("hex").slice(0, 32)}`,
  nickname: name,
});

/** Path of the page that stands in for the providers. */
export const LOCAL_PATH = "/api/v1/auth/local/authorize";

/** Its address for an attempt. @param baseUrl address the browser reaches us at */
export function localAddress(
  baseUrl: string,
  { provider, state, login_hint: hint }: { provider: string; state: string; login_hint: string | undefined },
): URL {
  const address = new URL(LOCAL_PATH, baseUrl);
  address.search = new URLSearchParams({
    provider,
    state,
    ...(hint === undefined ? {} : { login_hint: hint }),
  }).toString();
  return address;
}

/** Where the page sends the person on to, on this same machine. */
export const localCallback = (provider: ProviderName, answer: Record<string, string>): string =>
  `${callbackPath(provider)}?${new URLSearchParams(answer).toString()}`;
