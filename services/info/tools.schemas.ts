import Type from "typebox";
import { troubles } from "../../mixins/outside/ask-outside.ts";
import { Fee, ItemEntry, KnowledgeVersion, Office, OrNull, Review, SourceOrNull } from "./knowledge.schemas.ts";

/** What an outside source answers when it has nothing to say; a caller tells it in its own words and makes nothing up. */
export const Unavailable = Type.Object({
  available: Type.Literal(false),
  reason: Type.Enum([...troubles, "region_unknown"], { type: "string" }),
});

const OutsideSource = Type.Object({ title: Type.String(), url: OrNull });
const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);

export const Weather = Type.Object({
  available: Type.Literal(true),
  observed_at: Type.String({ format: "date-time" }),
  grid: Type.Object({ nx: Type.Integer(), ny: Type.Integer() }),
  temperature_c: Type.Number(),
  humidity_percent: NumberOrNull,
  precipitation: Type.Enum(["none", "rain", "rain_and_snow", "snow", "drizzle", "drizzle_and_snow", "flurry"], {
    type: "string",
  }),
  rain_mm: Type.Union([Type.Number(), Type.Null()], { description: "in the hour before" }),
  wind_m_s: NumberOrNull,
  sky: Type.Union([Type.Enum(["clear", "cloudy", "overcast"], { type: "string" }), Type.Null()]),
  wet_within_6h: Type.Union([Type.Boolean(), Type.Null()], {
    description: "rain or snow is forecast; null: not known",
  }),
  source: OutsideSource,
});

export const BulkWaste = Type.Object({
  item: Type.Union([ItemEntry, Type.Null()], {
    description: "the thing as the knowledge has it: it may be no bulk waste at all",
  }),
  region: Type.Union([Office, Type.Null()], { description: "whom to ask; null: none was named, or not for certain" }),
  candidates: Type.Array(Type.String(), { description: "municipalities that the name may mean" }),
  steps: Type.Array(Type.String()),
  source: SourceOrNull,
  review: Review,
  fees: Type.Union([
    Unavailable,
    Type.Object({
      available: Type.Literal(true),
      list: Type.Array(Fee),
      source: Type.Object({ ...OutsideSource.properties, date: OrNull }),
    }),
  ]),
  version: KnowledgeVersion,
});

export const RecyclablePrices = Type.Object({
  available: Type.Literal(true),
  surveyed_on: Type.Union([Type.String(), Type.Null()], { description: "as the list writes it" }),
  prices: Type.Array(
    Type.Object({ material: Type.String(), unit: OrNull, price: Type.Number({ minimum: 0 }), region: OrNull }),
  ),
  source: OutsideSource,
});
