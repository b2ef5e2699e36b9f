import * as oauth from "oauth4webapi";
import { fail } from "../../broker/errors.ts";
import type { Identity, Provider } from "./providers.ts";

/** What a sign-in was begun with, as far as the provider learns of it. */
export interface ProviderAttempt {
  state: string;
  /** Our callback; the provider sends the person there. */
  redirect_uri: string;
  /** PKCE: whoever trades the code has to know what its hash was made of. */
  code_verifier: string;
  nonce: string;
}

const MAX_BYTES = 256 * 1024;

/** The provider's address to send the person to. @param asked what the app wants beyond our own */
export async function authorizationUrl(
  provider: Provider,
  attempt: ProviderAttempt,
  asked: { scope?: string | undefined; loginHint?: string | undefined },
): Promise<URL> {
  const { clientId, pkce, openId, extra, scope } = provider;
  const address = new URL(provider.authorizeUrl);
  const wanted = [...new Set(`${scope ?? ""} ${asked.scope ?? ""}`.split(" "))].filter(each => each !== "").join(" ");
  const query: Record<string, string> = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: attempt.redirect_uri,
    state: attempt.state,
    ...(wanted === "" ? {} : { scope: wanted }),
    ...(openId ? { nonce: attempt.nonce } : {}),
    ...(pkce
      ? {
          code_challenge: await oauth.calculatePKCECodeChallenge(attempt.code_verifier),
          code_challenge_method: "S256",
        }
      : {}),
    ...(asked.loginHint === undefined ? {} : { login_hint: asked.loginHint }),
    ...extra,
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address;
}

/**
 * Trades the code for a token, and the token for the person.
 * @param answer what the provider sent the person back with
 * @param timeoutMs for both requests together
 * @throws PROVIDER_FAILED whatever the provider does instead: the cause is for the log, and says nothing of tokens
 */
export async function identify(
  provider: Provider,
  attempt: ProviderAttempt,
  answer: { code: string; iss?: string | undefined },
  timeoutMs: number,
): Promise<Identity> {
  const server: oauth.AuthorizationServer = {
    issuer: provider.issuer,
    token_endpoint: provider.tokenUrl,
    userinfo_endpoint: provider.profileUrl,
  };
  const client: oauth.Client = { client_id: provider.clientId };
  const signal = AbortSignal.timeout(timeoutMs);
  const options = {
    signal: () => signal,
    [oauth.customFetch]: fetchSmall,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- loopback providers speak plain http; production refuses it
    [oauth.allowInsecureRequests]: true,
  };
  try {
    const said = { code: answer.code, state: attempt.state, ...(answer.iss === undefined ? {} : { iss: answer.iss }) };
    const params = oauth.validateAuthResponse(server, client, new URLSearchParams(said), attempt.state);
    const secret = provider.clientSecret;
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      secret === undefined ? oauth.None() : oauth.ClientSecretPost(secret),
      params,
      attempt.redirect_uri,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- Naver has none, and gets nothing that it does not know
      provider.pkce ? attempt.code_verifier : oauth.nopkce,
      { ...options, ...(provider.stateAtToken ? { additionalParameters: { state: attempt.state } } : {}) },
    );
    const tokens = await oauth.processAuthorizationCodeResponse(
      server,
      client,
      response,
      provider.openId ? { expectedNonce: attempt.nonce, requireIdToken: true } : undefined,
    );
    const profile = await oauth.protectedResourceRequest(
      tokens.access_token,
      "GET",
      new URL(provider.profileUrl),
      undefined,
      undefined,
      options,
    );
    if (!profile.ok) throw new Error(`the profile was answered with ${profile.status}`);
    const person = provider.readProfile(await profile.json());
    const subject = provider.openId ? oauth.getValidatedIdTokenClaims(tokens)?.sub : person?.provider_user_id;
    if (person === undefined || person.provider_user_id !== subject) throw new Error("the profile is nobody's");
    return { provider: provider.name, ...person };
  } catch (thrown) {
    throw Object.assign(fail("PROVIDER_FAILED"), { cause: describe(thrown) });
  }
}

/** A provider's answers are small; what does not end is cut off. Redirects would take code and secret elsewhere. */
async function fetchSmall(url: string, init: oauth.CustomFetchOptions<string, unknown>): Promise<Response> {
  const response = await fetch(url, { ...(init as RequestInit), redirect: "error" });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error("the answer does not end");
    chunks.push(chunk);
  }
  const { status, headers } = response;
  return new Response(chunks.length === 0 ? null : Buffer.concat(chunks), { status, headers: plain(headers) });
}

/** The body is decoded by now. */
const plain = (headers: Headers): Headers => {
  const copy = new Headers(headers);
  copy.delete("content-encoding");
  copy.delete("content-length");
  return copy;
};

/** Errors of the library carry whole answers, tokens included: only what went wrong is kept. */
function describe(thrown: unknown): Error {
  const { name, message, code, error } = thrown as Error & { code?: string; error?: string };
  return new Error([name, code, error, message].filter(part => part !== undefined && part !== "").join(": "));
}
