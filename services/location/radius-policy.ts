/** Metres by zoom, 1 = the world … 20 = a street. */
const RADIUS_M = [
  80_000, 60_000, 45_000, 30_000, 20_000, 15_000, 10_000, 8_000, 6_000, 4_500, 3_000, 2_000, 1_200, 800, 500, 300, 200,
  150, 120, 100,
] as const;
const DEFAULT_M = 5_000;
const LEAST_M = 100;
const MOST_M = 50_000;
const MOST_SITES = 200;

export interface Reach {
  radiusM: number;
  limit: number;
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** How far to look and how many sites to give (HTTP contract, 10.4). Numbers out of range are brought into it. */
export function reachOf(radius: number | undefined, zoom: number | undefined): Reach {
  const step = zoom === undefined ? undefined : clamp(Math.round(zoom), 1, RADIUS_M.length);
  const radiusM =
    radius === undefined ? (step === undefined ? DEFAULT_M : RADIUS_M[step - 1]) : clamp(radius, LEAST_M, MOST_M);
  return { radiusM: radiusM ?? DEFAULT_M, limit: limitOf(step) };
}

function limitOf(zoom: number | undefined): number {
  if (zoom === undefined || zoom >= 13) return MOST_SITES;
  if (zoom >= 10) return 160;
  if (zoom >= 7) return 120;
  return zoom >= 4 ? 80 : 50;
}

/** `850m`, `1.2km`. */
export const distanceText = (km: number): string => (km < 1 ? `${Math.floor(km * 1000)}m` : `${km.toFixed(1)}km`);
