import { familyOf } from "../../broker/errors.ts";
import type { Claims, TokenType } from "../../mixins/tokens/claims.ts";

/** The session a token belongs to; a token that is of no use any more ends nothing. */
export async function findSession(
  claimsIn: (token: string, type: TokenType) => Promise<Claims>,
  token: string | undefined,
  type: TokenType,
): Promise<string | undefined> {
  if (token === undefined || token === "") return undefined;
  try {
    return (await claimsIn(token, type)).sid;
  } catch (thrown) {
    if (familyOf(thrown) === "caller") return undefined;
    throw thrown;
  }
}
