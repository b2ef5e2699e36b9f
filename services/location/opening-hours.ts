import { seoulTime } from "../../mixins/seoul-time.ts";
import type { Hours } from "./site.types.ts";

/** Minutes since midnight; an end beyond 1440 lies on the next day. */
interface Range {
  readonly from: number;
  readonly to: number;
}

type Day =
  | { kind: "unknown"; text: string }
  | { kind: "closed" }
  | { kind: "open"; ranges: readonly Range[]; breaks: readonly Range[] };

export interface OpeningState {
  is_holiday: boolean | null;
  is_open: boolean | null;
  start_time: string | null;
  end_time: string | null;
}

const DAY = 1440;
const TIME = "(\\d{1,2})\\s*(?::|시)\\s*(\\d{2})?\\s*분?";
const RANGE = new RegExp(`${TIME}\\s*(?:~|-|–|부터)\\s*${TIME}`, "gu");
const ALWAYS = /상시|24\s*시간|연중\s*무휴|0{1,2}:00\s*~\s*24:00/u;
const CLOSED = /휴무|휴관|계약\s*종료|운영\s*(종료|중단)|폐쇄/u;
const BREAK = /점심|휴게|브레이크|break|제외/iu;

/** Reads what a source writes of a day: times, 상시, 휴무, lunch breaks. What cannot be read is told as it is written. */
export function readDay(text: string): Day {
  const clean = text.normalize("NFKC").replaceAll("∼", "~").trim();
  if (ALWAYS.test(clean)) return { kind: "open", ranges: [{ from: 0, to: DAY }], breaks: [] };
  const ranges: Range[] = [];
  const breaks: Range[] = [];
  for (const line of clean.split(/\n|,|\/|;/u))
    for (const match of line.matchAll(RANGE)) {
      const range = rangeOf(match);
      if (range === undefined) return { kind: "unknown", text: clean };
      const before = line.slice(0, match.index);
      const isBreak = BREAK.test(before.slice(-12)) || (BREAK.test(line) && ranges.length > 0);
      (isBreak ? breaks : ranges).push(range);
    }
  if (ranges.length > 0) return { kind: "open", ranges, breaks };
  return CLOSED.test(clean) ? { kind: "closed" } : { kind: "unknown", text: clean };
}

/** `9시~9시` may be twelve hours or a whole day: nobody can tell. */
function rangeOf([, fromHour = "", fromMinute = "0", toHour = "", toMinute = "0"]: RegExpMatchArray):
  Range | undefined {
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const to = Number(toHour) * 60 + Number(toMinute);
  if (from > DAY || to > DAY || from === to) return undefined;
  return { from, to: to < from ? to + DAY : to };
}

const clock = (minute: number): string =>
  `${String(Math.floor((minute % DAY) / 60) + (minute === DAY ? 24 : 0)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/**
 * Whether a site is open at a moment, by the hours of that day in Korea.
 * @param isPublicHoliday tells of an ISO day; on such days the source's hours for them hold, where it has some
 */
export function openingState(hours: Hours | null, at: Date, isPublicHoliday: (day: string) => boolean): OpeningState {
  const nothing = { is_holiday: null, is_open: null, start_time: null, end_time: null };
  if (hours === null) return nothing;
  const { minute } = seoulTime(at);
  const today = dayAt(hours, at, isPublicHoliday);
  const yesterday = dayAt(hours, new Date(at.getTime() - DAY * 60_000), isPublicHoliday);
  const stillOpen = yesterday?.kind === "open" && holds(yesterday, minute + DAY);
  if (today === undefined) return { ...nothing, is_open: stillOpen ? true : null };
  if (today.kind === "closed") return { ...nothing, is_holiday: true, is_open: stillOpen };
  if (today.kind === "unknown") return { ...nothing, is_holiday: false, start_time: today.text.slice(0, 40) };
  const [first] = today.ranges;
  const last = today.ranges.at(-1);
  return {
    is_holiday: false,
    is_open: stillOpen || holds(today, minute),
    start_time: first === undefined ? null : clock(first.from),
    end_time: last === undefined ? null : clock(last.to),
  };
}

const within = (ranges: readonly Range[], minute: number): boolean =>
  ranges.some(({ from, to }) => minute >= from && minute < to);
const holds = ({ ranges, breaks }: Extract<Day, { kind: "open" }>, minute: number): boolean =>
  within(ranges, minute) && !within(breaks, minute);

function dayAt(hours: Hours, at: Date, isPublicHoliday: (day: string) => boolean): Day | undefined {
  const { day, weekday } = seoulTime(at);
  // The week of sources begins on Monday.
  const usual = hours.week[(weekday + 6) % 7] ?? "";
  const text = isPublicHoliday(day) && hours.holiday !== "" ? hours.holiday : usual;
  return text.trim() === "" ? undefined : readDay(text);
}
