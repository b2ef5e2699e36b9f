import Flatbush from "flatbush";
import { around } from "geoflatbush";

export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

export interface Near<S> {
  readonly site: S;
  readonly km: number;
}

/** Sites by place, held in memory; it is built once and then never changed. */
export interface GeoIndex<S extends Point> {
  readonly size: number;
  /** The nearest sites within `radiusM` metres that `fits`, nearest first, at most `limit`. */
  nearest(at: Point, radiusM: number, limit: number, fits?: (site: S) => boolean): Near<S>[];
}

/** Mean radius of the earth in kilometres, as the index measures. */
const EARTH_KM = 6371;
/** The index measures by the law of cosines; what it rounds off at the edge is decided by the haversine. */
const EDGE = 1.000001;

const rad = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in kilometres, exact for near points too. */
export function haversineKm(a: Point, b: Point): number {
  const [lat, lon] = [rad(b.latitude - a.latitude), rad(b.longitude - a.longitude)];
  const h = Math.sin(lat / 2) ** 2 + Math.cos(rad(a.latitude)) * Math.cos(rad(b.latitude)) * Math.sin(lon / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

export function buildGeoIndex<S extends Point>(sites: readonly S[]): GeoIndex<S> {
  if (sites.length === 0) return { size: 0, nearest: () => [] };
  const tree = new Flatbush(sites.length);
  for (const { longitude, latitude } of sites) tree.add(longitude, latitude, longitude, latitude);
  tree.finish();
  return {
    size: sites.length,
    nearest(at, radiusM, limit, fits) {
      const filter = fits === undefined ? undefined : (place: number) => fits(sites[place] as S);
      return around(tree, at.longitude, at.latitude, limit, (radiusM / 1000) * EDGE, filter)
        .map(place => {
          const site = sites[place] as S;
          return { site, km: haversineKm(at, site) };
        })
        .filter(({ km }) => km <= radiusM / 1000)
        .sort((a, b) => a.km - b.km);
    },
  };
}
