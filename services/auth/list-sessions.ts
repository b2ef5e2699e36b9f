import type { Actions } from "../../broker/contract.ts";
import type { Tx } from "../../mixins/database/database.ts";

interface Row {
  id: string;
  provider: string;
  device_id: string | null;
  created_at: Date;
  refreshed_at: Date;
}

/** A person's sessions that still live, the last used first. @param currentId the one that asks */
export async function listSessions(
  db: Tx,
  userId: string,
  currentId: string,
): Promise<Actions["auth.sessions"]["result"]> {
  const rows = await db.rows<Row>(
    `select id, provider, device_id, created_at, refreshed_at from auth.sessions
     where user_id = $1 and revoked_at is null and expires_at > now() order by refreshed_at desc, id`,
    [userId],
  );
  return rows.map(({ created_at: createdAt, refreshed_at: refreshedAt, ...row }) => ({
    ...row,
    created_at: createdAt.toISOString(),
    refreshed_at: refreshedAt.toISOString(),
    current: row.id === currentId,
  }));
}
