import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { claimsVerifier } from "../../mixins/tokens/verify-token.ts";
import { makeSigningKey, readSigningKey, readSigningKeys, signPair } from "../../services/auth/sign-tokens.ts";

const pem = makeSigningKey();
const key = await readSigningKey(pem);
const grant = {
  userId: "3f1d0c9e-2f5b-4f57-9d59-0d0d5c8a1f11",
  sessionId: "8f1d0c9e-2f5b-4f57-9d59-0d0d5c8a1f22",
  provider: "kakao",
  accessTtlMs: 180 * 60_000,
  refreshTtlMs: 43_200 * 60_000,
};

describe("signPair", () => {
  it("signs two tokens that our own verifier takes, each as its own type", async () => {
    const pair = await signPair(key, grant);
    const verify = claimsVerifier({ jwks: async () => ({ keys: [key.jwk] }) });
    const access = await verify(pair.access, "access");
    const refresh = await verify(pair.refresh, "refresh");
    expect(access).toMatchObject({ sub: grant.userId, sid: grant.sessionId, provider: "kakao", type: "access" });
    expect(refresh).toMatchObject({ sub: grant.userId, sid: grant.sessionId, jti: pair.refreshId, type: "refresh" });
    expect(access.jti).not.toBe(refresh.jti);
    await expect(verify(pair.refresh, "access")).rejects.toMatchObject({ type: "TOKEN_INVALID" });
    await expect(verify(pair.access, "refresh")).rejects.toMatchObject({ type: "TOKEN_INVALID" });
  });

  it("writes every claim of the contract, with times in whole seconds", async () => {
    const nowMs = Date.UTC(2026, 2, 1, 3, 4, 5, 678);
    const pair = await signPair(key, grant, nowMs);
    const claims = decodeJwt(pair.access);
    const iat = Date.UTC(2026, 2, 1, 3, 4, 5) / 1000;
    expect(Object.keys(claims).sort()).toEqual(
      ["sub", "sid", "jti", "type", "iss", "aud", "provider", "iat", "nbf", "exp"].sort(),
    );
    expect(claims).toMatchObject({ iss: "eco2/auth", aud: "eco2/api", iat, nbf: iat, exp: iat + 10_800 });
    expect(pair.accessExpiresAt).toEqual(new Date((iat + 10_800) * 1000));
    expect(pair.refreshExpiresAt).toEqual(new Date((iat + 2_592_000) * 1000));
    expect(decodeProtectedHeader(pair.access)).toEqual({ alg: "RS256", typ: "JWT", kid: key.kid });
  });
});

describe("readSigningKey", () => {
  it("names a key by its thumbprint: the same for every process and spelling of the PEM", async () => {
    const pkcs1 = createPrivateKey(pem).export({ type: "pkcs1", format: "pem" }) as string;
    expect((await readSigningKey(pkcs1)).kid).toBe(key.kid);
    expect((await readSigningKey(pem.replaceAll("\n", "\\n"))).kid).toBe(key.kid);
    expect(key.kid).toMatch(/^[\w-]{43}$/);
  });

  it("publishes nothing of the private half", () => {
    expect(Object.keys(key.jwk).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  });

  it("refuses keys that are too short or of another kind", async () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    for (const each of [short, curve]) {
      const text = each.export({ type: "pkcs8", format: "pem" }) as string;
      await expect(readSigningKey(text)).rejects.toThrow("RSA key of at least 2048 bits");
    }
    await expect(readSigningKey("-----BEGIN NONSENSE-----")).rejects.toThrow();
  });
});

describe("readSigningKeys", () => {
  it("reads one key after the other, however they are written down, the first to sign with", async () => {
    const other = makeSigningKey();
    const both = [key.kid, (await readSigningKey(other)).kid];
    const kids = async (text: string) => (await readSigningKeys(text)).map(({ kid }) => kid);
    expect(await kids(pem)).toEqual([key.kid]);
    expect(await kids(pem + other)).toEqual(both);
    expect(await kids(`${other}\n\n${pem}`.replaceAll("\n", "\\n"))).toEqual(both.toReversed());
  });

  it("refuses all where one of them is no key that may sign", async () => {
    const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const text = pem + curve.export({ type: "pkcs8", format: "pem" }).toString();
    await expect(readSigningKeys(text)).rejects.toThrow("RSA key of at least 2048 bits");
    await expect(readSigningKeys("no key")).rejects.toThrow();
  });
});
