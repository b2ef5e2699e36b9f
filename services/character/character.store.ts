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
  /** Codes under which earlier data may hold the same character: whoever owns one of them owns it. */
  acceptedCodes: readonly string[];
  sourceId: string | null;
  source: "scan-reward" | "default-onboard";
}

/** Newest first. */
export const listOwned = (db: Tx, userId: string): Promise<Ownership[]> =>
  db.rows<Ownership>(
    "select code, source_id, acquired_at from character.ownerships where user_id = $1 order by acquired_at desc, code",
    [userId],
  );

/**
 * Grants once, however many ask at the same time.
 * @returns the ownership as it stands (whoever is its source earned it) and whether this very call made it
 */
export async function grant(db: Tx, grant: Grant): Promise<Ownership & { fresh: boolean }> {
  const { userId, code, acceptedCodes, sourceId, source } = grant;
  const codes = [code, ...acceptedCodes];
  const made = await db.run(
    `insert into character.ownerships (id, user_id, code, source_id, source)
     select $1, $2, $3, $4, $5
     where not exists (select from character.ownerships where user_id = $2 and code = any($6::text[]))
     on conflict (user_id, code) do nothing`,
    [randomUUID(), userId, code, sourceId, source, codes],
  );
  const owned = await db.one<Ownership>(
    `select code, source_id, acquired_at from character.ownerships
     where user_id = $1 and code = any($2::text[]) order by acquired_at limit 1`,
    [userId, codes],
  );
  if (!owned) throw new Error("an ownership vanished while it was granted");
  return { ...owned, fresh: made === 1 };
}

/** Notes a scan with nothing left to do; a scan that is told again keeps the day it had. */
export const noteGoodScan = (db: Tx, scanId: string, userId: string): Promise<number> =>
  db.run("insert into character.good_scans (scan_id, user_id) values ($1, $2) on conflict (scan_id) do nothing", [
    scanId,
    userId,
  ]);

export interface GoodDay {
  /** ISO day in Korea. */
  day: string;
  scans: number;
}

/** Days with good scans, newest first. */
export const listGoodDays = (db: Tx, userId: string): Promise<GoodDay[]> =>
  db.rows<GoodDay>(
    "select day, count(*)::int as scans from character.good_scans where user_id = $1 group by day order by day desc",
    [userId],
  );

/** Takes away everything of a person; needs a transaction. */
export async function forgetPerson(tx: Tx, userId: string): Promise<void> {
  await tx.run("delete from character.ownerships where user_id = $1", [userId]);
  await tx.run("delete from character.good_scans where user_id = $1", [userId]);
}
