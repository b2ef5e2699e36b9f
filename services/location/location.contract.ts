import Type from "typebox";
import { type ActionsOf, contract, fromQuery } from "../../broker/contract.ts";
import { Address, Report, Site, SiteDetail, Suggestion } from "./location.schemas.ts";

const Lat = Type.Number({ minimum: -90, maximum: 90 });
const Lon = Type.Number({ minimum: -180, maximum: 180 });
/** Any number: what is out of range is brought into it, since the app computes it from the screen. */
const Radius = Type.Optional(Type.Number({ description: "metres, 100 … 50 000; others are brought into it" }));
const Categories = Type.String({ default: "all", maxLength: 300, description: "all, or names separated by commas" });
const Query = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });

export const location = contract("location", {
  actions: {
    centers: {
      summary: "Shops and collection points around a place, the nearest first",
      rest: "GET /locations/centers",
      idempotent: true,
      params: Type.Object({
        lat: Lat,
        lon: Lon,
        radius: Radius,
        zoom: Type.Optional(Type.Number({ description: "1 = the world … 20 = a street; others are brought into it" })),
        store_category: Categories,
        pickup_category: Categories,
      }),
      result: Type.Array(Site),
      errors: ["INVALID_STORE_CATEGORY", "INVALID_PICKUP_CATEGORY"],
    },
    center: {
      summary: "One site with all that its source tells",
      rest: "GET /locations/centers/:center_id",
      idempotent: true,
      params: Type.Object({
        center_id: Type.Integer({ minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 }),
      }),
      result: SiteDetail,
      errors: ["LOCATION_NOT_FOUND"],
    },
    search: {
      summary: "Sites by their name or address, and what lies around the best hit",
      rest: "GET /locations/search",
      idempotent: true,
      params: Type.Object({ q: Query, radius: Radius }),
      result: Type.Array(Site),
    },
    suggest: {
      summary: "Names that a text may begin, by any part or by first consonants",
      rest: "GET /locations/suggest",
      idempotent: true,
      params: Type.Object({ q: Query }),
      result: Type.Array(Suggestion, { maxItems: 5 }),
    },
    geocode: {
      summary: "Where an address is, as far as the imported sites know it",
      rest: "POST /locations/geocode",
      idempotent: true,
      params: Type.Object({ address: fromQuery(Type.String({ minLength: 2, maxLength: 200, pattern: "\\S" })) }),
      result: Address,
      errors: ["ADDRESS_NOT_FOUND"],
    },
    reverseGeocode: {
      summary: "The address nearest to a place, as far as the imported sites know it",
      rest: "POST /locations/reverse-geocode",
      idempotent: true,
      params: Type.Object({ latitude: Lat, longitude: Lon }),
      result: Address,
      errors: ["ADDRESS_NOT_FOUND"],
    },
    metrics: {
      summary: "How many sites can be found",
      rest: "GET /locations/metrics",
      idempotent: true,
      params: Type.Object({}),
      result: Type.Object({ indexed_sites: Type.Integer({ minimum: 0 }) }),
    },
    collectionPoints: {
      summary: "Where a thing can be brought to, the nearest first",
      idempotent: true,
      params: Type.Object({
        lat: Lat,
        lon: Lon,
        item: Type.Optional(
          Type.String({ minLength: 1, maxLength: 200, description: "a thing in words, or an id of the knowledge" }),
        ),
        limit: Type.Integer({ minimum: 1, maximum: 20, default: 3 }),
      }),
      result: Type.Object({
        collects: Type.Array(Type.String(), {
          description: "what was looked for; empty: the thing is collected nowhere of its own",
        }),
        sites: Type.Array(Site),
      }),
    },
    import: {
      summary: "For operators: imports sites from a CSV file that this process can read",
      timeoutMs: 600_000,
      params: Type.Object({
        path: Type.String({ minLength: 1, maxLength: 500 }),
        dry_run: Type.Boolean({ default: false }),
        remove_vanished: Type.Boolean({ default: false }),
      }),
      result: Report,
      errors: ["FILE_UNFIT"],
    },
  },
});

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof location> {}
  interface Events {
    /** Sites were imported: every process that holds an index builds it anew. */
    "location.imported": { source: string; rows: number };
    /** An import goes on; told only within its process. */
    "location.importing": { bytes: number; of_bytes: number; rows: number };
  }
}
