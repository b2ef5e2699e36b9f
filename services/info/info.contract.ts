import Type from "typebox";
import { type ActionsOf, contract } from "../../broker/contract.ts";
import {
  About,
  FaqEntry,
  FoundItem,
  ItemEntry,
  KnowledgeVersion,
  RegionalRules,
  WasteCategory,
} from "./knowledge.schemas.ts";
import { NewsPage } from "./news.schemas.ts";
import { BulkWaste, RecyclablePrices, Unavailable, Weather } from "./tools.schemas.ts";

const NewsCategory = Type.Object({ id: Type.String(), name: Type.String() });

export const info = contract("info", {
  actions: {
    about: {
      summary: "Whether the room answers, and which knowledge it answers from",
      rest: ["GET /info", "GET /info/health"],
      auth: "public",
      idempotent: true,
      params: Type.Object({}),
      result: About,
    },
    item: {
      summary: "One item: its class, how to throw it away, what changes its class, and the source",
      rest: "GET /info/items/:id",
      auth: "public",
      idempotent: true,
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 80 }) }),
      result: ItemEntry,
      errors: ["ITEM_NOT_FOUND"],
    },
    categories: {
      summary: "Categories of the news, and the waste classes with how many items each holds",
      rest: ["GET /info/categories", "GET /info/news/categories"],
      auth: "public",
      idempotent: true,
      params: Type.Object({}),
      result: Type.Object({
        categories: Type.Array(NewsCategory, { description: "of the news" }),
        waste_categories: Type.Array(WasteCategory),
        version: KnowledgeVersion,
      }),
    },
    search: {
      summary: "Items that a question or a name is about, best first; none where the knowledge has nothing",
      rest: "POST /info/search",
      auth: "public",
      idempotent: true,
      params: Type.Object({
        query: Type.String({ minLength: 1, maxLength: 300, pattern: "\\S" }),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, default: 5 })),
      }),
      result: Type.Array(FoundItem),
    },
    rules: {
      summary: "All rules as they hold in one municipality, whom to ask there, and how bulk waste is handed over",
      rest: "GET /info/rules/:region",
      auth: "public",
      idempotent: true,
      params: Type.Object({
        region: Type.String({
          minLength: 1,
          maxLength: 80,
          description: "id or name: seoul-mapo, 서울 마포구, 마포구",
        }),
      }),
      result: RegionalRules,
      errors: ["REGION_NOT_FOUND"],
    },
    faq: {
      summary: "Frequent questions with their whole answers, filtered before they are paged",
      rest: "GET /info/faq",
      auth: "public",
      idempotent: true,
      params: Type.Object({
        category: Type.Optional(Type.String({ maxLength: 80 })),
        skip: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, default: 0 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 10 })),
      }),
      result: Type.Array(FaqEntry),
    },
    news: {
      summary: "News about the environment, energy and AI, newest first, filtered before they are paged",
      rest: "GET /info/news",
      idempotent: true,
      cache: { ttlS: 15, of: "everyone" },
      params: Type.Object({
        category: Type.Optional(Type.String({ maxLength: 40, description: "all, environment, energy, ai" })),
        source: Type.Optional(Type.String({ maxLength: 40, description: "all, naver, newsdata, rss" })),
        cursor: Type.Optional(Type.String({ maxLength: 200, description: "next_cursor of the page before" })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 10 })),
        has_image: Type.Optional(Type.Boolean({ default: false })),
        q: Type.Optional(Type.String({ maxLength: 100, description: "words that all stand in title or snippet" })),
      }),
      result: NewsPage,
      errors: ["INVALID_CATEGORY", "INVALID_SOURCE", "INVALID_CURSOR_FORMAT"],
    },
    weather: {
      summary: "The weather at a place in Korea as last observed, and whether the next six hours are wet",
      idempotent: true,
      params: Type.Object({
        lat: Type.Number({ minimum: -90, maximum: 90 }),
        lon: Type.Number({ minimum: -180, maximum: 180 }),
      }),
      result: Type.Union([Unavailable, Weather]),
    },
    bulkWaste: {
      summary:
        "How a thing is handed over as bulk waste in a municipality, with fees where a list with a source has them",
      idempotent: true,
      params: Type.Object({
        item: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" })),
        region: Type.Optional(Type.String({ minLength: 1, maxLength: 80, pattern: "\\S", description: "id or name" })),
      }),
      result: BulkWaste,
    },
    recyclablePrice: {
      summary: "Market prices of recyclables from the newest survey",
      idempotent: true,
      params: Type.Object({
        material: Type.Optional(
          Type.String({ minLength: 1, maxLength: 60, pattern: "\\S", description: "unset = all" }),
        ),
      }),
      result: Type.Union([Unavailable, RecyclablePrices]),
    },
  },
});

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof info> {}
}
