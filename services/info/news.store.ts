import type { Tx } from "../../mixins/database/database.ts";
import type { Trouble } from "../../mixins/outside/ask-outside.ts";
import type { NewsCategory, NewsSource } from "./news-categories.ts";

export interface Article {
  id: string;
  url: string;
  title: string;
  snippet: string;
  source: NewsSource;
  source_name: string;
  category: NewsCategory;
  published_at: Date;
  thumbnail_url: string | null;
  source_icon_url: string | null;
  video_url: string | null;
  keywords: string[] | null;
  ai_tag: string | null;
}

/** Reports of one title within these days are one. */
const SAME_TITLE_DAYS = 3;

/**
 * Stores what is new; needs a transaction. An article that is there keeps the place in the order that it had.
 * @returns how many were new
 */
export async function storeArticles(tx: Tx, articles: readonly Article[]): Promise<number> {
  // Two sources may bring one report at the same time, and only a unique address would stop them; readers go on.
  await tx.run("lock table info.articles in share row exclusive mode");
  let stored = 0;
  for (const each of articles)
    stored += await tx.run(
      `insert into info.articles (id, url, title_key, title, snippet, source, source_name, category, published_at,
         thumbnail_url, source_icon_url, video_url, keywords, ai_tag)
       select $1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, $10, $11, $12, $13::text[], $14
       where not exists (select from info.articles where title_key = $3
         and published_at between $9::timestamptz - $15 * interval '1 day' and $9::timestamptz + $15 * interval '1 day')
       on conflict do nothing`,
      [
        ...[each.id, each.url, titleKey(each.title), each.title, each.snippet, each.source, each.source_name],
        ...[each.category, each.published_at, each.thumbnail_url, each.source_icon_url, each.video_url],
        ...[each.keywords, each.ai_tag, SAME_TITLE_DAYS],
      ],
    );
  return stored;
}

const titleKey = (title: string): string =>
  title
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");

export interface Filter {
  category: NewsCategory | null;
  source: NewsSource | null;
  hasImage: boolean;
  /** Words that all have to stand in title or snippet. */
  words: readonly string[];
}
export interface Place {
  publishedAt: Date;
  id: string;
}

const MATCHES = `($1::text is null or category = $1) and ($2::text is null or source = $2)
  and (not $3::boolean or thumbnail_url is not null)
  and not exists (select from unnest($4::text[]) as word where title || ' ' || snippet not ilike word)`;
const bindOf = ({ category, source, hasImage, words }: Filter): unknown[] => [
  category,
  source,
  hasImage,
  words.map(word => `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`),
];

/** Articles that match, newest first, strictly older than `after`. */
export const listArticles = (db: Tx, filter: Filter, after: Place | null, limit: number): Promise<Article[]> =>
  db.rows<Article>(
    `select id, url, title, snippet, source, source_name, category, published_at, thumbnail_url, source_icon_url,
       video_url, keywords, ai_tag
     from info.articles
     where ${MATCHES} and ($5::timestamptz is null or (published_at, id) < ($5::timestamptz, $6::text))
     order by published_at desc, id desc limit $7`,
    [...bindOf(filter), after?.publishedAt, after?.id, limit],
  );

export async function countArticles(db: Tx, filter: Filter): Promise<number> {
  const row = await db.one<{ n: number }>(
    `select count(*)::int as n from info.articles where ${MATCHES}`,
    bindOf(filter),
  );
  return row?.n ?? 0;
}

export interface Claim {
  source: NewsSource;
  everyS: number;
  /** Requests that this run will make. */
  calls: number;
  callsADay: number;
}

/** Takes the next collection of a source when it is due and within its day's limit. @returns whether it is ours */
export async function claimCollection(db: Tx, { source, everyS, calls, callsADay }: Claim): Promise<boolean> {
  const claimed = await db.run(
    `insert into info.collections as held (source, due_at, day, calls)
     values ($1, now() + $2 * interval '1 second', (now() at time zone 'Asia/Seoul')::date, $3)
     on conflict (source) do update set due_at = excluded.due_at, day = excluded.day,
       calls = case when held.day = excluded.day then held.calls else 0 end + $3
     where held.due_at <= now() and (held.day <> excluded.day or held.calls + $3 <= $4)`,
    [source, everyS, calls, callsADay],
  );
  return claimed === 1;
}

/** Notes how a collection ended; null: well. */
export const noteCollection = (db: Tx, source: NewsSource, trouble: Trouble | null): Promise<number> =>
  db.run(
    `update info.collections set trouble = $2, succeeded_at = case when $2::text is null then now() else succeeded_at end
     where source = $1`,
    [source, trouble],
  );

export interface Collection {
  source: NewsSource;
  due_in_s: number;
  succeeded_at: Date | null;
  trouble: Trouble | null;
}
export const listCollections = (db: Tx): Promise<Collection[]> =>
  db.rows<Collection>(
    `select source, greatest(0, ceil(extract(epoch from due_at - now())))::int as due_in_s, succeeded_at, trouble
     from info.collections`,
  );

export const removeOldArticles = (db: Tx, days: number): Promise<number> =>
  db.run("delete from info.articles where published_at < now() - $1 * interval '1 day'", [days]);
