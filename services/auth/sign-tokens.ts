import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from "jose";
import {
  type Claims,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  type TokenType,
} from "../../mixins/tokens/claims.ts";

export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  /** The public half, as it stands in the JWKS. */
  jwk: JWK;
}

/**
 * Reads an RSA private key (PKCS#8 or PKCS#1 PEM; `\n` may be written out, as it is in many settings files).
 * Its id is the RFC 7638 thumbprint, so that every process with this key gives it the same name.
 * @throws Error when it is no RSA key of at least 2048 bits
 */
export async function readSigningKey(pem: string): Promise<SigningKey> {
  const privateKey = createPrivateKey(pem.replaceAll("\\n", "\n"));
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey.asymmetricKeyType !== "rsa" || bits < 2048)
    throw new Error("The key that signs tokens must be an RSA key of at least 2048 bits.");
  const { kty, n, e } = await exportJWK(createPublicKey(privateKey));
  const jwk = { kty, n, e } as JWK;
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, jwk: { ...jwk, kid, alg: TOKEN_ALGORITHM, use: "sig" } };
}

const PEM = /-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g;

/**
 * Reads one key after the other: the first signs, all of them verify. So a new key is known everywhere before it signs, and an old one
 * verifies until its last token has run out.
 * @throws Error as `readSigningKey`
 */
export async function readSigningKeys(text: string): Promise<readonly [SigningKey, ...SigningKey[]]> {
  const [first = text, ...more] = text.replaceAll("\\n", "\n").match(PEM) ?? [];
  return [await readSigningKey(first), ...(await Promise.all(more.map(readSigningKey)))];
}

/** A fresh key in PEM. */
export const makeSigningKey = (): string =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  }).privateKey;

/** Whose tokens, and how long each kind lives. */
export interface Grant {
  userId: string;
  sessionId: string;
  provider: string;
  accessTtlMs: number;
  refreshTtlMs: number;
}
export interface TokenPair {
  access: string;
  refresh: string;
  refreshId: string;
  accessExpiresAt: Date;
  refreshExpiresAt: Date;
}

/** Signs an access and a refresh token, alike in all but type, id and expiry. */
export async function signPair(key: SigningKey, grant: Grant, nowMs = Date.now()): Promise<TokenPair> {
  const iat = Math.floor(nowMs / 1000);
  const common = { sub: grant.userId, sid: grant.sessionId, provider: grant.provider, iat, nbf: iat };
  const make = (type: TokenType, ttlMs: number): Claims => ({
    ...common,
    type,
    jti: randomUUID(),
    exp: iat + Math.floor(ttlMs / 1000),
  });
  const access = make("access", grant.accessTtlMs);
  const refresh = make("refresh", grant.refreshTtlMs);
  return {
    access: await sign(key, access),
    refresh: await sign(key, refresh),
    refreshId: refresh.jti,
    accessExpiresAt: new Date(access.exp * 1000),
    refreshExpiresAt: new Date(refresh.exp * 1000),
  };
}

const sign = ({ kid, privateKey }: SigningKey, claims: Claims): Promise<string> =>
  new SignJWT({ ...claims, iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: "JWT", kid })
    .sign(privateKey);
