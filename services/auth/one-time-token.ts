import { randomBytes } from "node:crypto";

/** 256 random bits as 43 characters that need no escaping anywhere. */
export const makeOneTimeToken = (): string => randomBytes(32).toString("base64url");

/** Text of another shape was never given out, so nobody needs to be asked about it. */
export const isOneTimeToken = (text: string): boolean => /^[\w-]{43}$/.test(text);
