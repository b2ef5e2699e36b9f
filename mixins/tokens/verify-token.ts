import { errors, type JWTPayload, jwtVerify } from "jose";
import { fail } from "../../broker/errors.ts";
import type { Caller } from "../../broker/service.ts";
import {
  type Claims,
  MAX_TOKEN_LENGTH,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  type TokenType,
} from "./claims.ts";
import { type KeySource, keyCache } from "./key-cache.ts";

export interface VerifierOptions {
  /** Gives the public keys of the signer, e.g. `() => broker.call("auth.jwks", {})`. */
  jwks: KeySource;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Verified tokens that are remembered until they expire. */
  remembered?: number;
}

/** Clocks of two machines differ a little. */
const CLOCK_TOLERANCE_S = 5;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Checks signature, algorithm, key id, issuer, audience, type and times of our tokens.
 * @returns a function that gives the token's claims
 * @throws (the function) TOKEN_EXPIRED, TOKEN_INVALID; what the key source throws passes through, since then nothing is known about the token
 */
export function claimsVerifier({ jwks, now = Date.now }: VerifierOptions) {
  const keys = keyCache(jwks, now);
  return async (token: string, type: TokenType): Promise<Claims> => {
    if (token.length > MAX_TOKEN_LENGTH) throw fail("TOKEN_INVALID");
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => keys.keyOf(kid), {
        algorithms: [TOKEN_ALGORITHM],
        issuer: TOKEN_ISSUER,
        audience: TOKEN_AUDIENCE,
        requiredClaims: ["exp", "nbf", "iat"],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(now()),
      });
      return claimsOf(payload, type);
    } catch (thrown) {
      if (thrown instanceof errors.JWTExpired) throw fail("TOKEN_EXPIRED");
      if (thrown instanceof errors.JOSEError) throw fail("TOKEN_INVALID");
      throw thrown;
    }
  };
}

/** The signature vouches for the content, yet a signer of another version may have left something out. */
function claimsOf(payload: JWTPayload, type: TokenType): Claims {
  const { sub, sid, jti, provider } = payload;
  const ids = [sub, sid, jti].every(id => typeof id === "string" && UUID.test(id));
  if (!ids || payload["type"] !== type || typeof provider !== "string" || provider === "") throw fail("TOKEN_INVALID");
  return payload as unknown as Claims;
}

/**
 * Verifies tokens for a gateway: each is checked once and then remembered until it expires, at most `remembered` (10 000) of them.
 * Whether the session was revoked meanwhile is the gateway's to know (`caller.sessionId`).
 * @returns `verify(token, "access")` → who asks; throws as {@link claimsVerifier}
 */
export function tokenVerifier(options: VerifierOptions): (token: string, type: TokenType) => Promise<Caller> {
  const { now = Date.now, remembered = 10_000 } = options;
  const claimsIn = claimsVerifier(options);
  const known = new Map<string, { caller: Caller; expiresAtMs: number }>();
  return async (token, type) => {
    const name = `${type}:${token}`;
    const hit = known.get(name);
    if (hit && now() < hit.expiresAtMs) return hit.caller;
    known.delete(name);
    const { sub, sid, provider, exp } = await claimsIn(token, type);
    const caller = Object.freeze({ userId: sub, sessionId: sid, provider });
    // Oldest first out: whoever is still active is verified anew for a fraction of a millisecond.
    for (const oldest of known.keys()) {
      if (known.size < remembered) break;
      known.delete(oldest);
    }
    known.set(name, { caller, expiresAtMs: Math.min(exp * 1000, now() + REMEMBERED_MS) });
    return caller;
  };
}

/** A key that is withdrawn must stop counting, so even a remembered token is looked at again now and then. */
const REMEMBERED_MS = 5 * 60_000;
