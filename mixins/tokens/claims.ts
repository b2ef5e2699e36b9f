/** Who signs our tokens and for whom: said here once, for the room that signs and for everybody who verifies. */
export const TOKEN_ISSUER = "eco2/auth";
export const TOKEN_AUDIENCE = "eco2/api";
/** RS256 because verifying is what happens on every request, and it is the quickest to verify. */
export const TOKEN_ALGORITHM = "RS256";

/** Browsers refuse larger cookies, so nothing longer is a token of ours. */
export const MAX_TOKEN_LENGTH = 4096;

export type TokenType = "access" | "refresh";

/** What a token of ours says, beside issuer and audience. Times are seconds since 1970. */
export interface Claims {
  /** The account. */
  sub: string;
  /** The session, which all its access and refresh tokens share. */
  sid: string;
  /** This one token. */
  jti: string;
  type: TokenType;
  /** The provider that the person signed in with. */
  provider: string;
  iat: number;
  nbf: number;
  exp: number;
}
