import type { Actions } from "../../broker/contract.ts";

type Weather = Extract<Actions["info.weather"]["result"], { available: true }>;

const FALLING: Record<Weather["precipitation"], string> = {
  none: "비나 눈은 오지 않아요",
  rain: "비가 와요",
  rain_and_snow: "비와 눈이 섞여 와요",
  snow: "눈이 와요",
  drizzle: "빗방울이 떨어져요",
  drizzle_and_snow: "빗방울과 눈날림이 있어요",
  flurry: "눈이 날려요",
};

/** The weather in words, and what it means for putting paper out. */
export function sayWeather({ temperature_c: celsius, precipitation, wet_within_6h: soonWet, source }: Weather): {
  lines: string[];
  source: string;
} {
  const wet = precipitation !== "none" || soonWet === true;
  const soon = precipitation === "none" && soonWet === true ? ["여섯 시간 안에 비나 눈이 올 수 있어요."] : [];
  const advice = wet
    ? "종이류와 종이팩은 젖지 않게 두었다가 갠 뒤에 내놓아 주세요."
    : "종이류를 내놓기에 괜찮은 날씨예요. 배출 요일은 지자체에 확인해 주세요.";
  return { lines: [`지금 기온은 ${celsius}도이고 ${FALLING[precipitation]}.`, ...soon, advice], source: source.title };
}
