import { type CryptoKey, importJWK, type JWK } from "jose";
import { fail } from "../../broker/errors.ts";
import { TOKEN_ALGORITHM } from "./claims.ts";

/** Gives a JSON Web Key Set. */
export type KeySource = () => Promise<{ keys: readonly object[] }>;

/** Made-up key ids must not become a way to flood the signer. */
const REFETCH_AFTER_MS = 5_000;
/** A key that was withdrawn is forgotten at the latest after this time. */
const MAX_AGE_MS = 5 * 60_000;

/**
 * Public keys by key id, fetched on first use, when an unknown id turns up (at most every 5 s) and every 5 minutes.
 * @returns `keyOf(kid)`, which throws TOKEN_INVALID for a key that the signer doesn't have, and what the source throws while there
 * are no keys at all
 */
export function keyCache(source: KeySource, now: () => number) {
  let keys = new Map<string, CryptoKey>();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;

  const fetchKeys = async (): Promise<void> => {
    try {
      keys = await importAll(await source());
    } catch (thrown) {
      // With keys at hand, a signer that is down is no reason to refuse anybody.
      if (keys.size === 0) throw thrown;
    }
    fetchedAt = now();
  };
  const refresh = async (): Promise<void> => {
    fetching ??= fetchKeys().finally(() => (fetching = undefined));
    await fetching;
  };
  return {
    async keyOf(kid: string | undefined): Promise<CryptoKey> {
      if (kid === undefined) throw fail("TOKEN_INVALID");
      const ageMs = now() - fetchedAt;
      if (ageMs > MAX_AGE_MS || (!keys.has(kid) && ageMs > REFETCH_AFTER_MS)) await refresh();
      const key = keys.get(kid);
      if (key === undefined) throw fail("TOKEN_INVALID");
      return key;
    },
  };
}

/** Only keys for our algorithm count: a key of another kind is how algorithms get confused. */
async function importAll(set: { keys: readonly object[] }): Promise<Map<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>();
  for (const jwk of set.keys as readonly JWK[]) {
    if (jwk.kty !== "RSA" || jwk.kid === undefined || jwk.d !== undefined) continue;
    const key = await importJWK(jwk, TOKEN_ALGORITHM);
    if (!(key instanceof Uint8Array)) keys.set(jwk.kid, key);
  }
  return keys;
}
