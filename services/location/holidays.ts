import { getHolidayPreset } from "@hyunbinseo/holidays-kr";

const known = new Map<string, ReadonlySet<string>>();

/** Loads Korea's public holidays of a year and the next, from the official gazette; a year that is not out yet has none. */
export async function loadHolidays(year: number): Promise<void> {
  for (const each of [String(year), String(year + 1)]) {
    if (known.has(each)) continue;
    try {
      known.set(each, new Set(Object.keys(await getHolidayPreset(each))));
    } catch {
      known.set(each, new Set());
    }
  }
}

/** Whether an ISO day is a public holiday in Korea; false where its year was not loaded. */
export const isPublicHoliday = (day: string): boolean => known.get(day.slice(0, 4))?.has(day) ?? false;
