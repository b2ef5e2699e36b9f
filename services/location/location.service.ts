import { fileURLToPath } from "node:url";
import type { Service } from "moleculer";
import { env } from "../../broker/env.ts";
import { fail } from "../../broker/errors.ts";
import { service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { searchItems } from "../../mixins/knowledge/search-items.ts";
import { schedule } from "../../mixins/schedule.mixin.ts";
import { seoulTime } from "../../mixins/seoul-time.ts";
import { pickupCategories, storeCategories, takersOf } from "./categorise.ts";
import { haversineKm } from "../../mixins/geo/geo-index.ts";
import { loadHolidays } from "./holidays.ts";
import { importSites } from "./import-sites.ts";
import { location } from "./location.contract.ts";
import { presentDetail, presentSite } from "./present-site.ts";
import { reachOf } from "./radius-policy.ts";
import { buildSiteIndex, type SiteIndex } from "./site-index.ts";
import { findSite, lastImport, type PlacedSite } from "./sites.store.ts";

const LOOK_MS = 60_000;
const DAY_MS = 86_400_000;
const MOST_FOUND = 50;
const MOST_SUGGESTED = 5;
const SEARCH_RADIUS_M = 5_000;
/** How far a collection point may be: a day's walk. */
const BRING_WITHIN_M = 20_000;
/** How far the nearest known address may be to be told as the address of a place. */
const SAME_PLACE_M = 300;
const SAMPLE = fileURLToPath(new URL("./sample/sites.csv", import.meta.url));

// By service, not in one variable: the same file may be loaded by several brokers of one process.
const indexes = new WeakMap<Service, SiteIndex>();

export default service(location)({
  mixins: [database("location", { tables: ["sites"] }), schedule()],

  methods: {
    async index(): Promise<SiteIndex> {
      return indexes.get(this) ?? this.renew();
    },
    /** Builds the index anew; requests are served from the old one until it is whole. */
    async renew(): Promise<SiteIndex> {
      const index = await buildSiteIndex(this.db());
      indexes.set(this, index);
      return index;
    },
    async renewIfOld(): Promise<void> {
      const held = indexes.get(this);
      if (held?.version !== (await lastImport(this.db()))) await this.renew();
    },
    /** A house that runs by itself begins with a few made-up sites, named so; whoever imports sites has them beside. */
    async showSample(): Promise<void> {
      if (env.DATABASE_URL !== undefined || (await lastImport(this.db())) > 0) return;
      await importSites(this.db(), SAMPLE, { dryRun: false, removeVanished: false });
    },
  },

  events: {
    async "location.imported"() {
      await this.renew();
    },
  },

  actions: {
    async centers(ctx) {
      const { lat, lon, radius, zoom, store_category: stores, pickup_category: pickups } = ctx.params;
      const { radiusM, limit } = reachOf(radius, zoom);
      const fits = fitting(
        chosen(stores, storeCategories(), "INVALID_STORE_CATEGORY"),
        chosen(pickups, pickupCategories(), "INVALID_PICKUP_CATEGORY"),
      );
      const { byPlace } = await this.index();
      const at = new Date();
      return byPlace
        .nearest({ latitude: lat, longitude: lon }, radiusM, limit, fits)
        .map(near => presentSite(near, at));
    },

    async center(ctx) {
      const site = await findSite(this.db(), ctx.params.center_id);
      if (!site) throw fail("LOCATION_NOT_FOUND");
      return presentDetail(site, new Date());
    },

    async search(ctx) {
      const { byName, byPlace } = await this.index();
      const named = byName.search(ctx.params.q, MOST_FOUND);
      const [anchor] = named;
      if (anchor === undefined) return [];
      const { radiusM } = reachOf(ctx.params.radius ?? SEARCH_RADIUS_M, undefined);
      const around = byPlace.nearest(anchor, radiusM, MOST_FOUND);
      const further = named
        .filter(site => !around.some(near => near.site.id === site.id))
        .map(site => ({ site, km: haversineKm(anchor, site) }));
      const at = new Date();
      return [...around, ...further]
        .sort((a, b) => a.km - b.km || Number(b.site.id === anchor.id) - Number(a.site.id === anchor.id))
        .slice(0, MOST_FOUND)
        .map(near => presentSite(near, at));
    },

    async suggest(ctx) {
      const { byName } = await this.index();
      return byName.search(ctx.params.q, MOST_SUGGESTED).map(site => ({
        place_name: site.name,
        address: site.road_address,
        latitude: site.latitude,
        longitude: site.longitude,
        place_url: null,
      }));
    },

    async geocode(ctx) {
      const { byName } = await this.index();
      const [site] = byName.search(ctx.params.address, 1);
      if (site === undefined) throw fail("ADDRESS_NOT_FOUND");
      return addressOf(site);
    },

    async reverseGeocode(ctx) {
      const { byPlace } = await this.index();
      const [near] = byPlace.nearest(ctx.params, SAME_PLACE_M, 1, site => site.road_address !== null);
      if (near === undefined) throw fail("ADDRESS_NOT_FOUND");
      return addressOf(near.site);
    },

    async metrics() {
      return { indexed_sites: (await this.index()).sites.length };
    },

    async collectionPoints(ctx) {
      const { lat, lon, item: named, limit } = ctx.params;
      const item = loadKnowledge().items.find(({ id }) => id === named) ?? searchItems(named ?? "", 1)[0]?.item;
      const wanted = item === undefined ? [] : takersOf(item.rule, item.middle);
      if (named !== undefined && wanted.length === 0) return { collects: [], sites: [] };
      const ids = wanted.map(({ id }) => id);
      const fits = (site: PlacedSite) =>
        ids.length === 0 ? site.collects.length > 0 : site.collects.some(id => ids.includes(id));
      const { byPlace } = await this.index();
      const at = new Date();
      const sites = byPlace.nearest({ latitude: lat, longitude: lon }, BRING_WITHIN_M, limit, fits);
      return { collects: wanted.map(({ name }) => name), sites: sites.map(near => presentSite(near, at)) };
    },

    async import(ctx) {
      const { path, dry_run: dryRun, remove_vanished: removeVanished } = ctx.params;
      try {
        const report = await importSites(this.db(), path, {
          dryRun,
          removeVanished,
          onProgress: ({ bytes, ofBytes, rows }) => {
            void this.broker.broadcastLocal("location.importing", { bytes, of_bytes: ofBytes, rows });
          },
        });
        if (!dryRun && report.source !== null)
          await ctx.broadcast("location.imported", { source: report.source, rows: report.rows });
        return report;
      } catch (thrown) {
        const { code, message } = thrown as { code?: string; message: string };
        if (code === "FILE_UNFIT") throw fail("FILE_UNFIT", message);
        if (code === "ENOENT" || code === "EACCES" || code === "EISDIR") throw fail("FILE_UNFIT", `${path}: ${code}`);
        throw thrown;
      }
    },
  },

  async started() {
    await loadHolidays(Number(seoulTime(new Date()).day.slice(0, 4)));
    await this.showSample();
    await this.renew();
    this.every(LOOK_MS, "look for imported sites", () => this.renewIfOld());
    this.every(DAY_MS, "load public holidays", () => loadHolidays(Number(seoulTime(new Date()).day.slice(0, 4))));
  },
});

type Filter = ((site: PlacedSite) => boolean) | undefined;

function fitting(stores: readonly string[] | undefined, pickups: readonly string[] | undefined): Filter {
  if (stores === undefined && pickups === undefined) return undefined;
  return site =>
    (stores?.includes(site.store_category) ?? true) &&
    (pickups === undefined || site.pickup_categories.some(category => pickups.includes(category)));
}

/** Names of a comma list; undefined: all. @throws the code with the allowed list */
function chosen(list: string, allowed: readonly string[], code: "INVALID_STORE_CATEGORY" | "INVALID_PICKUP_CATEGORY") {
  const names = [...new Set(list.split(",").map(name => name.trim()))].filter(name => name !== "");
  const unknown = names.filter(name => name !== "all" && !allowed.includes(name));
  if (unknown.length > 0) throw fail(code, `one or more of: all, ${allowed.join(", ")}`);
  return names.length === 0 || names.includes("all") ? undefined : names;
}

const addressOf = ({ road_address: road, lot_address: lot, name, latitude, longitude, attribution }: PlacedSite) => ({
  address: road ?? lot ?? name,
  ...{ latitude, longitude, attribution },
});
