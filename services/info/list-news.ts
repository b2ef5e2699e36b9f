import type { Static } from "typebox";
import { fail } from "../../broker/errors.ts";
import type { Tx } from "../../mixins/database/database.ts";
import { newsCategories, newsSources, type NewsCategory, type NewsSource } from "./news-categories.ts";
import type { NewsPage } from "./news.schemas.ts";
import { type Article, countArticles, type Filter, listArticles, listCollections, type Place } from "./news.store.ts";

export interface NewsQuery {
  category?: string | undefined;
  source?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
  has_image?: boolean | undefined;
  q?: string | undefined;
}

/** One page of the news: filtered first, cut then, so that a page with `has_more` is always full. */
export async function listNews(
  db: Tx,
  query: NewsQuery,
  configured: readonly NewsSource[],
): Promise<Static<typeof NewsPage>> {
  const filter: Filter = {
    category: readCategory(query.category),
    source: readSource(query.source),
    hasImage: query.has_image ?? false,
    words: (query.q ?? "").split(/\s+/u).filter(word => word !== ""),
  };
  const limit = query.limit ?? 10;
  const after = query.cursor === undefined || query.cursor === "" ? null : readCursor(query.cursor);
  const [found, total, collections] = await Promise.all([
    listArticles(db, filter, after, limit + 1),
    countArticles(db, filter),
    listCollections(db),
  ]);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const hasMore = found.length > limit;
  const due = collections.filter(({ source }) => configured.includes(source)).map(each => each.due_in_s);
  return {
    articles: page.map(describeArticle),
    next_cursor: hasMore && last !== undefined ? writeCursor(last) : null,
    has_more: hasMore,
    meta: {
      total_cached: total,
      cache_expires_in: due.length === 0 ? 0 : Math.min(...due),
      configured: configured.length > 0,
      sources: newsSources.map(id => {
        const collection = collections.find(({ source }) => source === id);
        return {
          id,
          configured: configured.includes(id),
          collected_at: collection?.succeeded_at?.toISOString() ?? null,
          trouble: configured.includes(id) ? (collection?.trouble ?? null) : "not_configured",
        };
      }),
    },
  };
}

const describeArticle = (article: Article) => ({ ...article, published_at: article.published_at.toISOString() });

function readCategory(text = "all"): NewsCategory | null {
  const known = newsCategories.find(({ id }) => id === text);
  if (known === undefined)
    throw fail("INVALID_CATEGORY", `category is one of ${newsCategories.map(({ id }) => id).join(", ")}.`);
  return known.id === "all" ? null : known.id;
}

function readSource(text = "all"): NewsSource | null {
  if (text === "all") return null;
  const known = newsSources.find(id => id === text);
  if (known === undefined) throw fail("INVALID_SOURCE", `source is one of all, ${newsSources.join(", ")}.`);
  return known;
}

const CURSOR = /^(\d{1,14})_((?:naver|newsdata|rss)_[0-9a-f]{12})$/;

/** Moment and id: articles that share a millisecond are neither skipped nor repeated, and new ones do not move the place. */
const writeCursor = ({ published_at: at, id }: Article): string =>
  Buffer.from(`${at.getTime()}_${id}`).toString("base64url");

function readCursor(text: string): Place {
  const [, ms, id] = CURSOR.exec(Buffer.from(text, "base64url").toString("latin1")) ?? [];
  if (ms === undefined || id === undefined)
    throw fail("INVALID_CURSOR_FORMAT", "cursor is the next_cursor of an earlier page, as it came.");
  return { publishedAt: new Date(Number(ms)), id };
}
