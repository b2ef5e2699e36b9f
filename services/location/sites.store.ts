import type { Tx } from "../../mixins/database/database.ts";
import type { Hours, Site } from "./site.types.ts";

export interface SiteRow {
  id: number;
  source: string;
  name: string;
  road_address: string | null;
  lot_address: string | null;
  latitude: number | null;
  longitude: number | null;
  phone: string | null;
  hours: Hours | null;
  store_category: string;
  pickup_categories: string[];
  collects: string[];
  attribution: string;
  sample: boolean;
}
export interface SiteDetail extends SiteRow {
  collection_items: string | null;
  introduction: string | null;
  homepage: string | null;
}
/** A site that can be shown on a map. */
export type PlacedSite = SiteRow & { latitude: number; longitude: number };

const LISTED =
  "id, source, name, road_address, lot_address, latitude, longitude, phone, hours, store_category, pickup_categories, collects, attribution, sample";

/** Sites with coordinates, in pages by id. */
export const listPlaced = (db: Tx, afterId: number, limit: number): Promise<PlacedSite[]> =>
  db.rows<PlacedSite>(
    `select ${LISTED} from location.sites where latitude is not null and id > $1 order by id limit $2`,
    [afterId, limit],
  );

export const findSite = (db: Tx, id: number): Promise<SiteDetail | undefined> =>
  db.one<SiteDetail>(`select ${LISTED}, collection_items, introduction, homepage from location.sites where id = $1`, [
    id,
  ]);

/** Number of the last import: an index that is built from an older one is out of date. */
export const lastImport = async (db: Tx): Promise<number> =>
  (await db.one<{ id: number }>("select coalesce(max(id), 0) as id from location.imports"))?.id ?? 0;

export const noteImport = (tx: Tx, source: string, rows: number): Promise<number> =>
  tx.run("insert into location.imports (source, rows) values ($1, $2)", [source, rows]);

export interface Kept {
  added: number;
  changed: number;
}

/** Adds sites and brings those that are there up to date; what is the same is not touched. Each key once in `sites`. */
export async function keepSites(tx: Tx, sites: readonly Site[]): Promise<Kept> {
  const rows = await tx.rows<{ added: boolean }>(
    `insert into location.sites as s (id, source, source_key, name, road_address, lot_address, latitude, longitude, phone, hours,
       store_category, pickup_categories, collects, collection_items, introduction, homepage, attribution, sample)
     select coalesce(r.id, nextval(pg_get_serial_sequence('location.sites', 'id'))), r.source, r."sourceKey", r.name, r."roadAddress",
       r."lotAddress", r.latitude, r.longitude, r.phone, r.hours, r."storeCategory",
       array(select jsonb_array_elements_text(r."pickupCategories")), array(select jsonb_array_elements_text(r.collects)),
       r."collectionItems", r.introduction, r.homepage, r.attribution, r.sample
     from jsonb_to_recordset($1::jsonb) as r (id bigint, source text, "sourceKey" text, name text, "roadAddress" text,
       "lotAddress" text, latitude double precision, longitude double precision, phone text, hours jsonb, "storeCategory" text,
       "pickupCategories" jsonb, collects jsonb, "collectionItems" text, introduction text, homepage text, attribution text,
       sample boolean)
     on conflict (source, source_key) do update set name = excluded.name, road_address = excluded.road_address,
       lot_address = excluded.lot_address, latitude = excluded.latitude, longitude = excluded.longitude, phone = excluded.phone,
       hours = excluded.hours, store_category = excluded.store_category, pickup_categories = excluded.pickup_categories,
       collects = excluded.collects, collection_items = excluded.collection_items, introduction = excluded.introduction,
       homepage = excluded.homepage, attribution = excluded.attribution, sample = excluded.sample, changed_at = now()
     where (s.name, s.road_address, s.lot_address, s.latitude, s.longitude, s.phone, s.hours, s.store_category, s.pickup_categories,
         s.collects, s.collection_items, s.introduction, s.homepage, s.attribution, s.sample)
       is distinct from (excluded.name, excluded.road_address, excluded.lot_address, excluded.latitude, excluded.longitude,
         excluded.phone, excluded.hours, excluded.store_category, excluded.pickup_categories, excluded.collects,
         excluded.collection_items, excluded.introduction, excluded.homepage, excluded.attribution, excluded.sample)
     returning (xmax = 0) as added`,
    [JSON.stringify(sites)],
  );
  const added = rows.filter(row => row.added).length;
  return { added, changed: rows.length - added };
}

/** Removes the sites of a source that are not among `keys`. @returns how many */
export const removeVanished = (tx: Tx, source: string, keys: readonly string[]): Promise<number> =>
  tx.run("delete from location.sites where source = $1 and not (source_key = any($2::text[]))", [source, [...keys]]);

export const countVanished = async (db: Tx, source: string, keys: readonly string[]): Promise<number> =>
  (
    await db.one<{ sites: number }>(
      "select count(*)::int as sites from location.sites where source = $1 and not (source_key = any($2::text[]))",
      [source, [...keys]],
    )
  )?.sites ?? 0;
