import { createHash } from "node:crypto";

/** What a provider tells of the person who signed in. */
export interface Identity {
  provider: string;
  provider_user_id: string;
  nickname: string;
}

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
