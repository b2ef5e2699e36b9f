import type { Static } from "typebox";
import type { Env } from "../../broker/env.ts";
import { type Asked, gaveNothing } from "../../mixins/outside/ask-outside.ts";
import { keepAnswers } from "../../mixins/outside/keep-answers.ts";
import { askFees, isAbout, type ListedFee } from "./ask-fees.ts";
import { askPrices, type PriceList } from "./ask-prices.ts";
import { askWeather, type WeatherNow } from "./ask-weather.ts";
import type { FeeList } from "./ask-bulk-waste.ts";
import type { RecyclablePrices, Unavailable, Weather } from "./tools.schemas.ts";
import { gridSquareOf } from "./weather-grid.ts";

type OrUnavailable<T> = T | Static<typeof Unavailable>;
export interface OutsideTools {
  weather(lat: number, lon: number): Promise<OrUnavailable<Static<typeof Weather>>>;
  prices(material: string | undefined): Promise<OrUnavailable<Static<typeof RecyclablePrices>>>;
  fees: FeeList | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
type Keys = "DATA_GO_KR_KEY" | "DATA_GO_KR_URL" | "BULK_WASTE_URL" | "RECYCLABLE_PRICE_URL" | "OUTSIDE_TIMEOUT_MS";

/** The outside sources of this process as its settings name them; what has no key says so. */
export function outsideTools(settings: Pick<Env, Keys>): OutsideTools {
  const { DATA_GO_KR_KEY: key, DATA_GO_KR_URL: baseUrl, OUTSIDE_TIMEOUT_MS: timeoutMs } = settings;
  const { BULK_WASTE_URL: feesUrl, RECYCLABLE_PRICE_URL: pricesUrl } = settings;
  // Observations are made by the hour, lists change by the month.
  const weather = keepAnswers<WeatherNow>({ ttlMs: 5 * MINUTE_MS, max: 500 });
  const fees = keepAnswers<ListedFee[]>({ ttlMs: 6 * HOUR_MS, max: 100 });
  const prices = keepAnswers<PriceList>({ ttlMs: 6 * HOUR_MS, max: 1 });

  return {
    async weather(lat, lon) {
      const square = gridSquareOf(lat, lon);
      const asked = await whenConfigured(key, key =>
        square === null
          ? Promise.resolve(gaveNothing("no_data"))
          : weather(`${square.nx},${square.ny}`, () => askWeather(square, new Date(), { baseUrl, key, timeoutMs })),
      );
      return asked.ok ? { available: true, ...asked.body } : { available: false, reason: asked.reason };
    },

    async prices(material) {
      const asked = await whenConfigured(pricesUrl && key ? { url: pricesUrl, key } : undefined, source =>
        prices("all", () => askPrices({ ...source, timeoutMs })),
      );
      if (!asked.ok) return { available: false, reason: asked.reason };
      const wanted = asked.body.prices.filter(each => material === undefined || isAbout(each.material, material));
      if (wanted.length === 0) return { available: false, reason: "no_data" };
      const source = { title: "공공데이터포털 재활용가능자원 가격 목록", url: bare(pricesUrl) };
      return { available: true, surveyed_on: asked.body.surveyedOn, prices: wanted, source };
    },

    fees:
      feesUrl === undefined || key === undefined
        ? undefined
        : {
            url: bare(feesUrl) ?? "",
            ask: region => fees(region, () => askFees(region, { url: feesUrl, key, timeoutMs })),
          },
  };
}

const whenConfigured = <S, T>(source: S | undefined, ask: (source: S) => Promise<Asked<T>>): Promise<Asked<T>> =>
  source === undefined ? Promise.resolve(gaveNothing("not_configured")) : ask(source);

/** An address as it may be shown: a query may carry a key. */
function bare(address: string | undefined): string | null {
  if (address === undefined) return null;
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}
