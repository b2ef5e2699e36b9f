/** Korea has had no summer time since 1988. */
const OFFSET_MS = 9 * 3_600_000;

/** A moment as clocks and calendars in Korea show it. */
export interface SeoulTime {
  /** ISO day. */
  day: string;
  /** 0 = Sunday. */
  weekday: number;
  /** Minutes since midnight. */
  minute: number;
}

export function seoulTime(at: Date): SeoulTime {
  const shifted = new Date(at.getTime() + OFFSET_MS);
  return {
    day: shifted.toISOString().slice(0, 10),
    weekday: shifted.getUTCDay(),
    minute: shifted.getUTCHours() * 60 + shifted.getUTCMinutes(),
  };
}
