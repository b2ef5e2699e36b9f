import { createHmac, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from "jose";
import { fail } from "../../broker/errors.ts";
import { claimsVerifier, tokenVerifier } from "../../mixins/tokens/verify-token.ts";

interface Signer {
  privateKey: KeyObject;
  publicPem: string;
  kid: string;
  jwk: JWK;
}
async function makeSigner(): Promise<Signer> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const publicPem = publicKey.export({ type: "spki", format: "pem" }) as string;
  return { privateKey, publicPem, kid, jwk: { ...jwk, kid, alg: "RS256", use: "sig" } };
}
const signer = await makeSigner();
const stranger = await makeSigner();

const nowS = Math.floor(Date.now() / 1000);
const person = { sub: randomUUID(), sid: randomUUID() };
const wellFormed = (): Record<string, unknown> => ({
  ...person,
  jti: randomUUID(),
  type: "access",
  provider: "kakao",
  iss: "eco2/auth",
  aud: "eco2/api",
  iat: nowS,
  nbf: nowS,
  exp: nowS + 600,
});
const sign = (claims: Record<string, unknown>, by = signer, header: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: by.kid, ...header }).sign(by.privateKey);
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const source = (...keys: JWK[]) => {
  const state = { calls: 0, keys, jwks: async () => (state.calls++, { keys: state.keys }) };
  return state;
};
const verifierOf = (now?: () => number) =>
  tokenVerifier({ jwks: source(signer.jwk).jwks, ...(now === undefined ? {} : { now }) });

describe("tokenVerifier", () => {
  it("tells who asks, from a token of ours", async () => {
    const caller = await verifierOf()(await sign(wellFormed()), "access");
    expect(caller).toEqual({ userId: person.sub, sessionId: person.sid, provider: "kakao" });
  });

  const refused: [string, () => string | Promise<string>][] = [
    ["nothing", () => ""],
    ["no token at all", () => "abc"],
    ["two dots and no content", () => ".."],
    ["a cookie jar of text", () => "x".repeat(5000)],
    ["alg none", () => `${part({ alg: "none", kid: signer.kid })}.${part(wellFormed())}.`],
    [
      "alg none in other letters, signature kept",
      async () =>
        `${part({ alg: "nOnE", kid: signer.kid })}.${part(wellFormed())}.${(await sign(wellFormed())).split(".")[2]}`,
    ],
    [
      "HS256 signed with our public key as the secret",
      () => {
        const input = `${part({ alg: "HS256", kid: signer.kid })}.${part(wellFormed())}`;
        return `${input}.${createHmac("sha256", signer.publicPem).update(input).digest("base64url")}`;
      },
    ],
    ["another RSA algorithm", () => sign(wellFormed(), signer, { alg: "RS512" })],
    ["a stranger's key under our key id", () => sign(wellFormed(), stranger, { kid: signer.kid })],
    ["a stranger's key", () => sign(wellFormed(), stranger)],
    ["a stranger's key that comes along as jwk", () => sign(wellFormed(), stranger, { jwk: stranger.jwk })],
    [
      "a stranger's key that comes along as jku",
      () => sign(wellFormed(), stranger, { jku: "http://127.0.0.1:1/jwks" }),
    ],
    ["no key id", () => sign(wellFormed(), signer, { kid: undefined })],
    ["a key id that is a path", () => sign(wellFormed(), signer, { kid: "../../etc/passwd" })],
    ["a key id that is every object's", () => sign(wellFormed(), signer, { kid: "__proto__" })],
    ["a key id that is a number", () => sign(wellFormed(), signer, { kid: 7 })],
    ["an unknown critical header", () => `${part({ alg: "RS256", kid: signer.kid, crit: ["x"], x: 1 })}.e30.AAAA`],
    ["another issuer", () => sign({ ...wellFormed(), iss: "https://evil.example" })],
    ["another audience", () => sign({ ...wellFormed(), aud: "somebody-else" })],
    ["a refresh token as access token", () => sign({ ...wellFormed(), type: "refresh" })],
    ["no type", () => sign({ ...wellFormed(), type: undefined })],
    ["no expiry", () => sign({ ...wellFormed(), exp: undefined })],
    ["an expiry that is text", () => sign({ ...wellFormed(), exp: String(nowS + 600) })],
    ["not valid yet", () => sign({ ...wellFormed(), nbf: nowS + 60 })],
    ["no jti", () => sign({ ...wellFormed(), jti: undefined })],
    ["a subject that is no account id", () => sign({ ...wellFormed(), sub: "' or 1=1 --" })],
    ["a session that is a list", () => sign({ ...wellFormed(), sid: [person.sid] })],
    ["no provider", () => sign({ ...wellFormed(), provider: "" })],
  ];
  it.each(refused)("refuses %s", async (_name, make) => {
    await expect(verifierOf()(await make(), "access")).rejects.toMatchObject({ type: "TOKEN_INVALID", code: 401 });
  });

  it("refuses a token of which any one part was changed, and the cache doesn't help it", async () => {
    const verify = verifierOf();
    const token = await sign(wellFormed());
    await verify(token, "access");
    const [header = "", , signature = ""] = token.split(".");
    const forged = `${header}.${part({ ...wellFormed(), sub: randomUUID() })}.${signature}`;
    await expect(verify(forged, "access")).rejects.toMatchObject({ type: "TOKEN_INVALID" });
    const cut = token.slice(0, -2);
    await expect(verify(cut, "access")).rejects.toMatchObject({ type: "TOKEN_INVALID" });
    await expect(verify(token, "refresh")).rejects.toMatchObject({ type: "TOKEN_INVALID" });
    await expect(verify(token, "access")).resolves.toMatchObject({ userId: person.sub });
  });

  it("tells an expired token from an invalid one, also when it was remembered", async () => {
    let now = nowS * 1000;
    const verify = verifierOf(() => now);
    const token = await sign(wellFormed());
    await verify(token, "access");
    now += 604_000;
    await expect(verify(token, "access")).resolves.toBeDefined(); // clocks may differ by five seconds
    now += 2_000;
    await expect(verify(token, "access")).rejects.toMatchObject({ type: "TOKEN_EXPIRED", code: 401 });
  });

  it("forgets the oldest tokens when it has seen too many", async () => {
    const keys = source(signer.jwk);
    const verify = tokenVerifier({ jwks: keys.jwks, remembered: 2 });
    const tokens = await Promise.all([1, 2, 3].map(() => sign(wellFormed())));
    // One after another: which of several at the same time is kept last is a matter of luck.
    const first = [];
    for (const token of tokens) first.push(await verify(token, "access"));
    const again = [];
    for (const token of tokens.toReversed()) again.push(await verify(token, "access"));
    expect(again[0]).toBe(first[2]);
    expect(again[1]).toBe(first[1]);
    expect(again[2]).not.toBe(first[0]);
  });
});

describe("keys", () => {
  it("are fetched once for many requests at the same time", async () => {
    const keys = source(signer.jwk);
    const verify = claimsVerifier({ jwks: keys.jwks });
    const tokens = await Promise.all(Array.from({ length: 20 }, () => sign(wellFormed())));
    await Promise.all(tokens.map(token => verify(token, "access")));
    expect(keys.calls).toBe(1);
  });

  it("are fetched again for an unknown key id, but not at every made-up one", async () => {
    let now = Date.now();
    const keys = source(signer.jwk);
    const verify = claimsVerifier({ jwks: keys.jwks, now: () => now });
    await verify(await sign(wellFormed()), "access");
    for (let i = 0; i < 20; i++)
      await expect(verify(await sign(wellFormed(), stranger, { kid: `k${i}` }), "access")).rejects.toMatchObject({
        type: "TOKEN_INVALID",
      });
    expect(keys.calls).toBe(1);
    keys.keys = [signer.jwk, stranger.jwk];
    now += 6_000;
    await expect(verify(await sign(wellFormed(), stranger), "access")).resolves.toMatchObject(person);
    expect(keys.calls).toBe(2);
  });

  it("that are withdrawn stop counting within five minutes, for remembered tokens too", async () => {
    let now = Date.now();
    const keys = source(signer.jwk);
    const verify = tokenVerifier({ jwks: keys.jwks, now: () => now });
    const token = await sign({ ...wellFormed(), exp: nowS + 3600 });
    await verify(token, "access");
    keys.keys = [stranger.jwk];
    now += 5 * 60_000 + 1;
    await expect(verify(token, "access")).rejects.toMatchObject({ type: "TOKEN_INVALID" });
  });

  it("of another kind, or with their private half, are left out", async () => {
    const secret: JWK = {
      kty: "oct",
      kid: "shared",
      k: Buffer.from("x".repeat(32)).toString("base64url"),
      alg: "HS256",
    };
    const whole: JWK = { ...(await exportJWK(stranger.privateKey)), kid: stranger.kid };
    const verify = claimsVerifier({ jwks: source(secret, whole, signer.jwk).jwks });
    await expect(verify(await sign(wellFormed(), stranger), "access")).rejects.toMatchObject({ type: "TOKEN_INVALID" });
    await expect(verify(await sign(wellFormed()), "access")).resolves.toMatchObject(person);
  });

  it("that can't be had are the house's fault, not the token's; those at hand go on serving", async () => {
    let now = Date.now();
    let down = true;
    const jwks = async () => {
      if (down) throw fail("SERVICE_UNAVAILABLE");
      return { keys: [signer.jwk] };
    };
    const verify = claimsVerifier({ jwks, now: () => now });
    const token = await sign({ ...wellFormed(), exp: nowS + 3600 });
    await expect(verify(token, "access")).rejects.toMatchObject({ type: "SERVICE_UNAVAILABLE" });
    down = false;
    await expect(verify(token, "access")).resolves.toMatchObject(person);
    down = true;
    now += 6 * 60_000;
    await expect(verify(token, "access")).resolves.toMatchObject(person);
  });
});
