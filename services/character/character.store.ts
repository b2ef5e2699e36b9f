import { randomUUID } from "node:crypto";
import type { Tx } from "../../mixins/database/database.ts";

export interface Ownership {
  code: string;
  source_id: string | null;
  acquired_at: Date;
}
export interface Grant {
  userId: string;
  code: string;
  sourceId: string | null;
  source: "scan-reward" | "default-onboard";
}

/** Newest first. */
export const listOwned = (db: Tx, userId: string): Promise<Ownership[]> =>
  db.rows<Ownership>(
    "select code, source_id, acquired_at from character.ownerships where user_id = $1 order by acquired_at desc, code",
    [userId],
  );

/** Grants once. @returns the ownership as it stands, granted now or before: whoever is its source earned it */
export async function grant(db: Tx, { userId, code, sourceId, source }: Grant): Promise<Ownership> {
  await db.run(
    `insert into character.ownerships (id, user_id, code, source_id, source) values ($1, $2, $3, $4, $5)
     on conflict (user_id, code) do nothing`,
    [randomUUID(), userId, code, sourceId, source],
  );
  const owned = await db.one<Ownership>(
    "select code, source_id, acquired_at from character.ownerships where user_id = $1 and code = $2",
    [userId, code],
  );
  if (!owned) throw new Error("an ownership vanished while it was granted");
  return owned;
}
