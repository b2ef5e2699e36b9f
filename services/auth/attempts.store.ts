import type { Tx } from "../../mixins/database/database.ts";
import { isOneTimeToken } from "./one-time-token.ts";

/** A sign-in that was begun and waits for its callback. */
export interface Attempt {
  state: string;
  provider: string;
  /** Address of the app without a trailing slash, e.g. `http://localhost:5173`. */
  return_to: string;
  device_id: string | null;
  /** Our callback, as the provider was told it. */
  redirect_uri: string;
  code_verifier: string;
  nonce: string;
  /** See `browser-cookie.ts`. */
  browser_hash: string;
}
export type TakenAttempt = Attempt & { expired: boolean };

const COLUMNS = "state, provider, return_to, device_id, redirect_uri, code_verifier, nonce, browser_hash";

/** @returns false where the state is taken already */
export async function beginAttempt(db: Tx, attempt: Attempt & { expiresAt: Date }): Promise<boolean> {
  const { state, provider, return_to, device_id, redirect_uri, code_verifier, nonce, browser_hash, expiresAt } =
    attempt;
  const begun = await db.run(
    `insert into auth.oauth_states (${COLUMNS}, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (state) do nothing`,
    [state, provider, return_to, device_id, redirect_uri, code_verifier, nonce, browser_hash, expiresAt],
  );
  return begun === 1;
}

/** The attempt while it waits, left as it is. */
export async function findAttempt(db: Tx, state: string): Promise<Attempt | undefined> {
  if (!isOneTimeToken(state)) return undefined;
  return db.one<Attempt>(`select ${COLUMNS} from auth.oauth_states where state = $1 and expires_at > now()`, [state]);
}

/**
 * Takes the attempt, so that of several callbacks with one state a single one gets it.
 * An expired attempt is given too, since only it knows where the person came from.
 */
export async function takeAttempt(db: Tx, state: string): Promise<TakenAttempt | undefined> {
  if (!isOneTimeToken(state)) return undefined;
  return db.one<TakenAttempt>(
    `delete from auth.oauth_states where state = $1
     returning ${COLUMNS}, expires_at <= now() as expired`,
    [state],
  );
}

export interface LocalCode {
  code: string;
  state: string;
  name: string;
  expiresAt: Date;
}

export const keepLocalCode = (db: Tx, { code, state, name, expiresAt }: LocalCode): Promise<number> =>
  db.run("insert into auth.local_codes (code, state, name, expires_at) values ($1, $2, $3, $4)", [
    code,
    state,
    name,
    expiresAt,
  ]);

/** Takes a code of this very sign-in. @returns the name that it stands for */
export async function takeLocalCode(db: Tx, code: string, state: string): Promise<string | undefined> {
  if (!isOneTimeToken(code)) return undefined;
  const taken = await db.one<{ name: string }>(
    "delete from auth.local_codes where code = $1 and state = $2 and expires_at > now() returning name",
    [code, state],
  );
  return taken?.name;
}

/** Forgets attempts and codes that nobody came back for. */
export async function forgetOldAttempts(db: Tx): Promise<void> {
  await db.run("delete from auth.local_codes where expires_at < now()");
  // An hour longer than they are good for: a late callback still finds the way back to its app.
  await db.run("delete from auth.oauth_states where expires_at < now() - interval '1 hour'");
}
