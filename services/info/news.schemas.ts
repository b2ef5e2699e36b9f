import Type from "typebox";
import { troubles } from "../../mixins/outside/ask-outside.ts";
import { OrNull } from "./knowledge.schemas.ts";
import { newsSources } from "./news-categories.ts";

const SourceId = Type.Enum([...newsSources], { type: "string" });
const TroubleOrNull = Type.Union([Type.Enum([...troubles], { type: "string" }), Type.Null()], {
  description: "why its last collection gave nothing, or not all",
});

export const NewsArticle = Type.Object({
  id: Type.String(),
  title: Type.String({ description: "plain text" }),
  url: Type.String({ format: "uri" }),
  snippet: Type.String({ description: "plain text" }),
  source: SourceId,
  source_name: Type.String(),
  published_at: Type.String({ format: "date-time" }),
  thumbnail_url: OrNull,
  category: Type.Enum(["environment", "energy", "ai"], { type: "string" }),
  source_icon_url: OrNull,
  video_url: OrNull,
  keywords: Type.Union([Type.Array(Type.String()), Type.Null()]),
  ai_tag: OrNull,
});

export const NewsPage = Type.Object({
  articles: Type.Array(NewsArticle, { description: "newest first" }),
  next_cursor: Type.Union([Type.String(), Type.Null()], { description: "opaque; null at the end" }),
  has_more: Type.Boolean(),
  meta: Type.Object({
    total_cached: Type.Integer({ minimum: 0, description: "articles that match, on all pages" }),
    cache_expires_in: Type.Integer({ minimum: 0, description: "seconds until a source is asked again" }),
    configured: Type.Boolean({ description: "false: no source of news has its key, so there is nothing to show" }),
    sources: Type.Array(
      Type.Object({
        id: SourceId,
        configured: Type.Boolean(),
        collected_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
        trouble: TroubleOrNull,
      }),
    ),
  }),
});
