import type { Tx } from "../../mixins/database/database.ts";
import { isOneTimeToken } from "./one-time-token.ts";

/** A sign-in that was begun and waits for its callback. */
export interface Attempt {
  state: string;
  provider: string;
  /** Address of the app without a trailing slash, e.g. `http://localhost:5173`. */
  return_to: string;
  device_id: string | null;
}
export type TakenAttempt = Attempt & { expired: boolean };

export const beginAttempt = (db: Tx, attempt: Attempt & { expiresAt: Date }): Promise<number> =>
  db.run(
    "insert into auth.oauth_states (state, provider, return_to, device_id, expires_at) values ($1, $2, $3, $4, $5)",
    [attempt.state, attempt.provider, attempt.return_to, attempt.device_id, attempt.expiresAt],
  );

/** The attempt while it waits, left as it is. */
export async function findAttempt(db: Tx, state: string): Promise<Attempt | undefined> {
  if (!isOneTimeToken(state)) return undefined;
  return db.one<Attempt>(
    "select state, provider, return_to, device_id from auth.oauth_states where state = $1 and expires_at > now()",
    [state],
  );
}

/**
 * Takes the attempt, so that of several callbacks with one state a single one gets it.
 * An expired attempt is given too, since only it knows where the person came from.
 */
export async function takeAttempt(db: Tx, state: string): Promise<TakenAttempt | undefined> {
  if (!isOneTimeToken(state)) return undefined;
  return db.one<TakenAttempt>(
    `delete from auth.oauth_states where state = $1
     returning state, provider, return_to, device_id, expires_at <= now() as expired`,
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
