import type { Tx } from "../../mixins/database/database.ts";

/** What the database has to know of a pair of tokens. */
export interface Issued {
  refreshId: string;
  refreshExpiresAt: Date;
  accessExpiresAt: Date;
}
export interface NewSession extends Issued {
  id: string;
  userId: string;
  provider: string;
  deviceId: string | null;
}
export type RevokedFor = "logout" | "reuse" | "user_gone";
/** A session that was ended, and until when its access tokens would have lived. */
export interface Revocation {
  session_id: string;
  user_id: string;
  provider: string;
  access_expires_at: Date;
}
export interface AuditEntry {
  event: "signed_in" | "sign_in_failed" | "signed_out" | "refresh_reused" | "user_gone";
  provider: string;
  userId?: string;
  sessionId?: string;
  reason?: string;
}

/** Two requests of one app may both find the access token expired; the slower one is no thief. */
const TWIN_GRACE = "10 seconds";
const AUDIT_KEPT = "365 days";

export const note = (tx: Tx, { event, provider, userId, sessionId, reason }: AuditEntry): Promise<number> =>
  tx.run("insert into auth.login_audits (event, provider, user_id, session_id, reason) values ($1, $2, $3, $4, $5)", [
    event,
    provider,
    userId,
    sessionId,
    reason,
  ]);

/** Opens a session with its first tokens; needs a transaction. */
export async function openSession(tx: Tx, session: NewSession): Promise<void> {
  await tx.run(
    `insert into auth.sessions (id, user_id, provider, device_id, expires_at, access_expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [session.id, session.userId, session.provider, session.deviceId, session.refreshExpiresAt, session.accessExpiresAt],
  );
  await addRefreshToken(tx, session.id, session);
  await note(tx, {
    event: "signed_in",
    provider: session.provider,
    userId: session.userId,
    sessionId: session.id,
  });
}

const addRefreshToken = (tx: Tx, sessionId: string, { refreshId, refreshExpiresAt }: Issued): Promise<number> =>
  tx.run("insert into auth.refresh_tokens (id, session_id, expires_at) values ($1, $2, $3)", [
    refreshId,
    sessionId,
    refreshExpiresAt,
  ]);

export type Rotation = { outcome: "rotated" | "ended" } | { outcome: "reused"; revocation: Revocation };

/**
 * Swaps refresh token `usedId` for the next one; needs a transaction. The row of the session is locked first, so of two
 * requests with one token the second sees what the first did, and no sign-out comes in between. A token that was used more than ten seconds ago ends the whole
 * family: one of its two holders is a thief, and nobody knows which.
 */
export async function rotate(tx: Tx, sessionId: string, usedId: string, next: Issued): Promise<Rotation> {
  const session = await tx.one<{ revoked_at: Date | null }>(
    "select revoked_at from auth.sessions where id = $1 for update",
    [sessionId],
  );
  if (!session || session.revoked_at !== null) return { outcome: "ended" };
  const used = await tx.one<{ fresh: boolean; twin: boolean }>(
    `select used_at is null as fresh, used_at > now() - $3::interval as twin
     from auth.refresh_tokens where id = $1 and session_id = $2 and expires_at > now()`,
    [usedId, sessionId, TWIN_GRACE],
  );
  if (!used) return { outcome: "ended" };
  if (!used.fresh && !used.twin) {
    const revocation = await revoke(tx, sessionId, "reuse");
    return revocation ? { outcome: "reused", revocation } : { outcome: "ended" };
  }
  await tx.run("update auth.refresh_tokens set used_at = now() where id = $1 and used_at is null", [usedId]);
  await addRefreshToken(tx, sessionId, next);
  await tx.run(
    `update auth.sessions set refreshed_at = now(), expires_at = greatest(expires_at, $2),
       access_expires_at = greatest(access_expires_at, $3) where id = $1`,
    [sessionId, next.refreshExpiresAt, next.accessExpiresAt],
  );
  return { outcome: "rotated" };
}

const EVENT_OF = { logout: "signed_out", reuse: "refresh_reused", user_gone: "user_gone" } as const;

/** Ends a session with all its tokens; needs a transaction. @returns undefined when there was nothing left to end */
export async function revoke(tx: Tx, sessionId: string, revokedFor: RevokedFor): Promise<Revocation | undefined> {
  const revocation = await tx.one<Revocation>(
    `update auth.sessions set revoked_at = now(), revoked_for = $2 where id = $1 and revoked_at is null
     returning id as session_id, user_id, provider, access_expires_at`,
    [sessionId, revokedFor],
  );
  if (!revocation) return undefined;
  const { provider, user_id: userId } = revocation;
  await note(tx, { event: EVENT_OF[revokedFor], provider, userId, sessionId });
  return revocation;
}

/** Ends every session of a person; needs a transaction. */
export async function revokeAll(tx: Tx, userId: string, revokedFor: RevokedFor): Promise<Revocation[]> {
  const open = await tx.rows<{ id: string }>(
    "select id from auth.sessions where user_id = $1 and revoked_at is null order by id for update",
    [userId],
  );
  const revocations: Revocation[] = [];
  for (const { id } of open) {
    const revocation = await revoke(tx, id, revokedFor);
    if (revocation) revocations.push(revocation);
  }
  return revocations;
}

/** Sessions ended while access tokens of theirs are still alive. */
export const listRevocations = (db: Tx): Promise<Pick<Revocation, "session_id" | "access_expires_at">[]> =>
  db.rows(
    `select id as session_id, access_expires_at from auth.sessions
     where revoked_at is not null and access_expires_at > now()`,
  );

/** Forgets sessions of which no token lives any more, used-up refresh tokens, and audit rows of more than a year ago. */
export async function forgetOldSessions(db: Tx): Promise<void> {
  await db.run("delete from auth.sessions where expires_at < now() and access_expires_at < now()");
  await db.run("delete from auth.refresh_tokens where expires_at < now()");
  await db.run("delete from auth.login_audits where happened_at < now() - $1::interval", [AUDIT_KEPT]);
}
