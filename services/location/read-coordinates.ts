import type { RowFault } from "./site.types.ts";

/** Korea with its islands: what lies outside is a mistake. Degrees. */
const KOREA = { lat: { min: 33, max: 38.7 }, lon: { min: 124.5, max: 132 } } as const;

export interface Coordinates {
  latitude: number | null;
  longitude: number | null;
  fault?: Pick<RowFault, "column" | "reason" | "then">;
}

const inKorea = (lat: number, lon: number): boolean =>
  lat >= KOREA.lat.min && lat <= KOREA.lat.max && lon >= KOREA.lon.min && lon <= KOREA.lon.max;
/** A number with at most what an editor leaves behind it. */
const NUMBER = /^\s*(\d{1,3}(?:\.\d+)?)[\s?°,;'"]*$/u;
const none = (column: string, reason: string): Coordinates => ({
  latitude: null,
  longitude: null,
  fault: { column, reason, then: "quarantined" },
});

/**
 * Reads coordinates. Repaired is only what can have been nothing else: a mark behind the number, the two of them exchanged. What is missing,
 * malformed or outside Korea is quarantined.
 */
export function readCoordinates(latText: string, lonText: string): Coordinates {
  if (latText.trim() === "" || lonText.trim() === "") return none("latitude, longitude", "missing");
  const [, latDigits] = NUMBER.exec(latText) ?? [];
  const [, lonDigits] = NUMBER.exec(lonText) ?? [];
  if (latDigits === undefined) return none("latitude", `"${latText.slice(0, 40)}" is no number`);
  if (lonDigits === undefined) return none("longitude", `"${lonText.slice(0, 40)}" is no number`);
  const [lat, lon] = [Number(latDigits), Number(lonDigits)];
  const repaired = (reason: string) => ({ column: "latitude, longitude", reason, then: "repaired" }) as const;
  if (inKorea(lat, lon)) {
    const isClean = latText.trim() === latDigits && lonText.trim() === lonDigits;
    return { latitude: lat, longitude: lon, ...(isClean ? {} : { fault: repaired("a mark behind the number") }) };
  }
  if (inKorea(lon, lat)) return { latitude: lon, longitude: lat, fault: repaired("latitude and longitude exchanged") };
  return none("latitude, longitude", `${lat}, ${lon} is outside Korea`);
}
