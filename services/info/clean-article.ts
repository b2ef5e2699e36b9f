import { createHash } from "node:crypto";
import { decodeHTML } from "entities";
import { cleanText } from "../../mixins/engine/clean-text.ts";
import { listOf, textOf } from "../../mixins/outside/read-fields.ts";
import { categoryOf, type NewsCategory, type NewsSource } from "./news-categories.ts";
import type { Article } from "./news.store.ts";

/** What a source says of an article, as it came. */
export interface RawArticle {
  title: unknown;
  url: unknown;
  snippet: unknown;
  publishedAt: unknown;
  sourceName?: unknown;
  thumbnailUrl?: unknown;
  sourceIconUrl?: unknown;
  videoUrl?: unknown;
  keywords?: unknown;
  aiTag?: unknown;
  /** A category that the source itself gives. */
  category?: NewsCategory | undefined;
}

const TITLE_LENGTH = 200;
const SNIPPET_LENGTH = 500;
const NAME_LENGTH = 80;
const URL_LENGTH = 2_000;
const MAX_KEYWORDS = 10;
/** What follows readers around and makes one page look like many. */
const TRACKING = /^(utm_.*|fbclid|gclid|igshid)$/i;

/**
 * Makes an article of what a source sent: plain text, http(s) links, a moment that is over. Null where it has no title, no link or no
 * date: none of them is made up.
 * @param asked the category that was searched for, which holds where the words do not say otherwise
 */
export function cleanArticle(raw: RawArticle, source: NewsSource, asked: NewsCategory, now: Date): Article | null {
  const title = plainText(raw.title, TITLE_LENGTH);
  const url = cleanUrl(raw.url);
  const publishedAt = readMoment(raw.publishedAt, now);
  if (title === "" || url === null || publishedAt === null) return null;
  const snippet = plainText(raw.snippet, SNIPPET_LENGTH);
  const keywords = listOf(raw.keywords)
    .map(each => plainText(each, NAME_LENGTH))
    .filter(each => each !== "");
  return {
    id: `${source}_${createHash("sha256").update(url).digest("hex").slice(0, 12)}`,
    url,
    title,
    snippet,
    source,
    source_name: plainText(raw.sourceName, NAME_LENGTH) || new URL(url).hostname.replace(/^www\./, ""),
    category: raw.category ?? categoryOf(`${title} ${snippet}`, asked),
    published_at: publishedAt,
    thumbnail_url: cleanUrl(raw.thumbnailUrl),
    source_icon_url: cleanUrl(raw.sourceIconUrl),
    video_url: cleanUrl(raw.videoUrl),
    keywords: keywords.length === 0 ? null : keywords.slice(0, MAX_KEYWORDS),
    ai_tag: plainText(raw.aiTag, NAME_LENGTH) || null,
  };
}

/** The text of a piece of HTML, however often it was escaped: one line without tags. */
export function plainText(value: unknown, limit: number): string {
  let text = textOf(value) ?? "";
  // Feeds escape once or twice; what is still markup after that is cut all the same.
  for (let round = 0; round < 3; round++) text = withoutTags(decodeHTML(withoutTags(text)));
  return cleanText(text, limit);
}

function withoutTags(text: string): string {
  const bare = text
    .replace(/<(script|style)\b[^>]*>[\s\S]*?(<\/\1\s*>|$)/giu, " ")
    .replace(/<!--[\s\S]*?(-->|$)/gu, " ")
    .replace(/<\/?[a-z!?][^<>]*(>|$)/giu, "");
  // What was around a tag may have become one.
  return bare === text ? text : withoutTags(bare);
}

/** A link that people may be sent to: http(s), no credentials, without fragment and tracking; else null. */
export function cleanUrl(value: unknown): string | null {
  const text = textOf(value);
  if (text === null || text.length > URL_LENGTH || !URL.canParse(decodeHTML(text))) return null;
  const url = new URL(decodeHTML(text));
  if (!["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "") return null;
  url.hash = "";
  for (const name of [...url.searchParams.keys()]) if (TRACKING.test(name)) url.searchParams.delete(name);
  return url.href;
}

/** Sources without a zone of their own mean UTC. What is dated ahead of the clock is as of now, or it would lead the list for days. */
function readMoment(value: unknown, now: Date): Date | null {
  const text = textOf(value);
  if (text === null) return null;
  const at = new Date(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text) ? `${text.replace(" ", "T")}Z` : text);
  if (Number.isNaN(at.getTime())) return null;
  return at > now ? now : at;
}
