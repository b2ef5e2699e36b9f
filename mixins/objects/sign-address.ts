import { createHmac, timingSafeEqual } from "node:crypto";

/** Permission to PUT this key until `expiresS` (Unix seconds). */
export const signUpload = (secret: string, key: string, expiresS: number): string =>
  sign(secret, `put\n${key}\n${expiresS}`);

/** Permission to GET this key as long as it exists. */
export const signRead = (secret: string, key: string): string => sign(secret, `get\n${key}`);

/** Compares in constant time, so that a signature cannot be guessed byte by byte. */
export function isSignature(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const sign = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("base64url");
