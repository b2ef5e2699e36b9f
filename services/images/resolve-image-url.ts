import { isSignature, signRead, signUpload } from "../../mixins/objects/sign-address.ts";

const FILES = "/api/v1/images/files/";
const KEY = "(?:chat|scan|my)/[0-9a-f]{32}\\.(?:jpg|jpeg|png|webp|avif)";
const SIGNED_PATH = new RegExp(`^${FILES}(?<key>${KEY})\\?signature=(?<signature>[\\w-]{43})$`);
const CDN_PATH = new RegExp(`^/(?<key>${KEY})$`);

/** Where our pictures are: the bases carry no slash at their end. */
export interface Places {
  /** Addresses of the gateway; the first one is given out. */
  bases: readonly [string, ...string[]];
  /** Serves the bucket to readers, without signatures. */
  cdnBase: string | undefined;
  secret: string;
}

export const uploadUrl = ({ bases, secret }: Places, key: string, expiresS: number): string =>
  `${bases[0]}${FILES}${key}?expires=${expiresS}&signature=${signUpload(secret, key, expiresS)}`;

/** Readable without cookies by whoever holds it. */
export const readUrl = ({ bases, cdnBase, secret }: Places, key: string): string =>
  cdnBase === undefined ? `${bases[0]}${FILES}${key}?signature=${signRead(secret, key)}` : `${cdnBase}/${key}`;

/**
 * The key that one of our own read addresses stands for; undefined for every other text. The text is compared as it stands and
 * never parsed, so an address in disguise (other spellings of the host, user info, encoded slashes, fragments) is simply not ours.
 */
export function resolveImageUrl(text: string, { bases, cdnBase, secret }: Places): string | undefined {
  if (cdnBase !== undefined && text.startsWith(cdnBase)) {
    const key = CDN_PATH.exec(text.slice(cdnBase.length))?.groups?.["key"];
    if (key !== undefined) return key;
  }
  for (const base of bases) {
    if (!text.startsWith(base)) continue;
    const { key, signature } = SIGNED_PATH.exec(text.slice(base.length))?.groups ?? {};
    if (key !== undefined && signature !== undefined && isSignature(signature, signRead(secret, key))) return key;
  }
  return undefined;
}
