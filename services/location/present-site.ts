import { loadPlaces } from "../../mixins/knowledge/load-places.ts";
import type { Near } from "../../mixins/geo/geo-index.ts";
import { isPublicHoliday } from "./holidays.ts";
import { openingState } from "./opening-hours.ts";
import { distanceText } from "./radius-policy.ts";
import type { PlacedSite, SiteDetail, SiteRow } from "./sites.store.ts";

const namesOf = (collects: readonly string[]): string[] =>
  loadPlaces()
    .collects.filter(({ id }) => collects.includes(id))
    .map(({ name }) => name);

function common(site: SiteRow, at: Date) {
  const {
    id,
    name,
    source,
    road_address,
    latitude,
    longitude,
    store_category,
    pickup_categories,
    phone,
    attribution,
    sample,
  } = site;
  return {
    ...{
      id,
      name,
      source,
      road_address,
      latitude,
      longitude,
      store_category,
      pickup_categories,
      phone,
      attribution,
      sample,
    },
    ...openingState(site.hours, at, isPublicHoliday),
    collects: namesOf(site.collects),
    place_url: null,
    kakao_place_id: null,
  };
}

/** A site as lists show it. */
export const presentSite = ({ site, km }: Near<PlacedSite>, at: Date) => ({
  ...common(site, at),
  distance_km: Math.round(km * 1000) / 1000,
  distance_text: distanceText(km),
});

export const presentDetail = (site: SiteDetail, at: Date) => ({
  ...common(site, at),
  lot_address: site.lot_address,
  place_url: site.homepage,
  collection_items: site.collection_items,
  introduction: site.introduction,
});
