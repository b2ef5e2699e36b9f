import type { Static } from "typebox";
import { type Asked, gaveNothing } from "../../mixins/outside/ask-outside.ts";
import { askPortal } from "../../mixins/outside/ask-portal.ts";
import { fieldsOf, listOf, numberOf, textOf } from "../../mixins/outside/read-fields.ts";
import { seoulTime } from "../../mixins/seoul-time.ts";
import type { Weather } from "./tools.schemas.ts";
import type { GridSquare } from "./weather-grid.ts";

export type WeatherNow = Omit<Static<typeof Weather>, "available">;
interface Settings {
  baseUrl: string;
  key: string;
  timeoutMs: number;
}

const PATH = "/1360000/VilageFcstInfoService_2.0";
const MINUTE_MS = 60_000;
/** Observations of a full hour are there ten minutes after it, forecasts of a half hour a quarter of an hour after it. */
const OBSERVED_AFTER_MS = 10 * MINUTE_MS;
const FORECAST_AFTER_MS = 45 * MINUTE_MS;
/** Codes PTY and SKY of the guide. */
const PRECIPITATION = new Map<number, WeatherNow["precipitation"]>([
  [0, "none"],
  [1, "rain"],
  [2, "rain_and_snow"],
  [3, "snow"],
  [5, "drizzle"],
  [6, "drizzle_and_snow"],
  [7, "flurry"],
]);
const SKY = new Map<number, NonNullable<WeatherNow["sky"]>>([
  [1, "clear"],
  [3, "cloudy"],
  [4, "overcast"],
]);

/**
 * The weather service's last observation of a square (getUltraSrtNcst) and what the next six hours bring (getUltraSrtFcst). Without the
 * forecast the observation is told all the same.
 */
export async function askWeather(square: GridSquare, now: Date, settings: Settings): Promise<Asked<WeatherNow>> {
  const observedAt = seoulTime(new Date(now.getTime() - OBSERVED_AFTER_MS));
  const forecastAt = seoulTime(new Date(now.getTime() - FORECAST_AFTER_MS));
  const [observed, forecast] = await Promise.all([
    askItems("getUltraSrtNcst", square, observedAt.day, `${hourOf(observedAt.minute)}00`, settings),
    askItems("getUltraSrtFcst", square, forecastAt.day, `${hourOf(forecastAt.minute)}30`, settings),
  ]);
  if (!observed.ok) return observed;
  const value = (category: string) =>
    readValue(observed.body.find(each => each["category"] === category)?.["obsrValue"]);
  const temperature = value("T1H");
  const precipitation = PRECIPITATION.get(value("PTY") ?? -1);
  if (temperature === null || precipitation === undefined) return gaveNothing("no_data");
  return {
    ok: true,
    body: {
      observed_at: new Date(`${observedAt.day}T${hourOf(observedAt.minute)}:00:00+09:00`).toISOString(),
      grid: square,
      temperature_c: temperature,
      humidity_percent: value("REH"),
      precipitation,
      rain_mm: value("RN1"),
      wind_m_s: value("WSD"),
      ...(forecast.ok ? readForecast(forecast.body) : { sky: null, wet_within_6h: null }),
      source: {
        title: "기상청 단기예보 조회서비스(공공데이터포털)",
        url: "https://www.data.go.kr/data/15084084/openapi.do",
      },
    },
  };
}

type Item = Readonly<Record<string, unknown>>;

async function askItems(
  operation: string,
  { nx, ny }: GridSquare,
  day: string,
  time: string,
  { baseUrl, key, timeoutMs }: Settings,
): Promise<Asked<Item[]>> {
  const address = new URL(`${PATH}/${operation}`, baseUrl);
  const params = {
    pageNo: "1",
    numOfRows: "100",
    dataType: "JSON",
    base_date: day.replaceAll("-", ""),
    base_time: time,
  };
  for (const [name, value] of Object.entries({ ...params, nx: String(nx), ny: String(ny) }))
    address.searchParams.set(name, value);
  const asked = await askPortal(address, key, { timeoutMs });
  if (!asked.ok) return asked;
  const body = fieldsOf(fieldsOf(asked.body["response"])["body"]);
  const items = listOf(fieldsOf(body["items"])["item"]).map(fieldsOf);
  return items.length === 0 ? gaveNothing("unreadable") : { ok: true, body: items };
}

function readForecast(items: readonly Item[]): Pick<WeatherNow, "sky" | "wet_within_6h"> {
  const ofKind = (category: string) =>
    items
      .filter(each => each["category"] === category)
      .sort((a, b) => momentOf(a).localeCompare(momentOf(b)))
      .map(each => readValue(each["fcstValue"]));
  const wet = ofKind("PTY").filter(each => each !== null);
  return {
    sky: SKY.get(ofKind("SKY")[0] ?? -1) ?? null,
    wet_within_6h: wet.length === 0 ? null : wet.some(each => each > 0),
  };
}

const momentOf = (item: Item): string => `${textOf(item["fcstDate"]) ?? ""}${textOf(item["fcstTime"]) ?? ""}`;
const hourOf = (minute: number): string => String(Math.floor(minute / 60)).padStart(2, "0");

/** The guide's mark for a missing value is 900 or more, either way of zero. */
function readValue(value: unknown): number | null {
  const number = numberOf(value);
  return number === null || Math.abs(number) >= 900 ? null : number;
}
