import type { IncomingHttpHeaders } from "node:http";
import { fail, familyOf } from "../../broker/errors.ts";
import type { Caller } from "../../broker/service.ts";
import { readCookies } from "./read-cookies.ts";
import type { RevocationList } from "./revocation-list.ts";

export type Verify = (token: string, type: "access") => Promise<Caller>;

/**
 * Who asks, from `Authorization: Bearer` or else the cookie `s_access`.
 * On a public route a token that does not count is no fault: the person is simply not signed in.
 * @throws UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_INVALID, TOKEN_REVOKED; SERVICE_UNAVAILABLE while tokens cannot be checked
 */
export async function findCaller(
  headers: IncomingHttpHeaders,
  isPublic: boolean,
  verify: Verify,
  revocations: RevocationList,
): Promise<Caller | undefined> {
  const token = tokenIn(headers);
  if (token === undefined) {
    if (isPublic) return undefined;
    throw fail("UNAUTHENTICATED");
  }
  try {
    const caller = await verify(token, "access");
    if (await revocations.isRevoked(caller.sessionId)) throw fail("TOKEN_REVOKED");
    return caller;
  } catch (thrown) {
    if (isPublic) return undefined;
    // Whatever keeps us from looking at the token says nothing about the token, so it must not sign the person out.
    throw familyOf(thrown) === "caller" ? thrown : fail("SERVICE_UNAVAILABLE");
  }
}

function tokenIn(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const token = bearer ?? readCookies(headers.cookie).get("s_access");
  return token === "" ? undefined : token;
}
