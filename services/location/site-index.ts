import type { Database } from "../../mixins/database/database.ts";
import { buildGeoIndex, type GeoIndex } from "../../mixins/geo/geo-index.ts";
import { buildNameIndex, type NameIndex } from "./name-index.ts";
import { lastImport, listPlaced, type PlacedSite } from "./sites.store.ts";

/** All sites that can be shown, by place and by name, as one import left them. */
export interface SiteIndex {
  readonly version: number;
  readonly sites: readonly PlacedSite[];
  readonly byPlace: GeoIndex<PlacedSite>;
  readonly byName: NameIndex<PlacedSite>;
}

const PAGE = 10_000;

/** Builds the index from the database, which is the truth. */
export async function buildSiteIndex(db: Database): Promise<SiteIndex> {
  const version = await lastImport(db);
  const sites: PlacedSite[] = [];
  for (let afterId = -1; ;) {
    const page = await listPlaced(db, afterId, PAGE);
    sites.push(...page);
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined) break;
    afterId = last.id;
  }
  return { version, sites, byPlace: buildGeoIndex(sites), byName: buildNameIndex(sites) };
}
