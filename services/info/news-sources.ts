import { XMLParser } from "fast-xml-parser";
import { type Asked, askForJson, askForText, gaveNothing } from "../../mixins/outside/ask-outside.ts";
import { fieldsOf, listOf, textOf } from "../../mixins/outside/read-fields.ts";
import type { RawArticle } from "./clean-article.ts";
import type { NewsCategory, NewsSource } from "./news-categories.ts";

/** One request to a source and what it is about. */
export interface Query {
  category: NewsCategory;
  ask: (timeoutMs: number) => Promise<Asked<RawArticle[]>>;
}
/** A configured source of news, how often it is asked and how often it may be. */
export interface Source {
  id: NewsSource;
  everyS: number;
  callsADay: number;
  queries: readonly Query[];
}

export interface NewsSettings {
  naver: { baseUrl: string; clientId: string; clientSecret: string } | undefined;
  newsdata: { baseUrl: string; apiKey: string } | undefined;
  rssUrls: readonly string[];
}

const NAVER_QUERIES: readonly (readonly [NewsCategory, string])[] = [
  ["environment", "분리배출 재활용"],
  ["environment", "환경 폐기물"],
  ["energy", "신재생 에너지"],
  ["ai", "인공지능 환경"],
];
const NEWSDATA_QUERIES: readonly (readonly [NewsCategory, string])[] = [
  ["environment", "recycling OR waste"],
  ["energy", "renewable energy"],
  ["ai", "artificial intelligence climate"],
];
const NAVER_PAGE = 30;

/** The sources that have their keys, in the order in which they are asked. */
export function listSources({ naver, newsdata, rssUrls }: NewsSettings): Source[] {
  const sources: Source[] = [];
  if (naver)
    sources.push({
      ...{ id: "naver", everyS: 300, callsADay: 25_000 },
      queries: NAVER_QUERIES.map(([category, text]) => ({ category, ask: ms => askNaver(naver, text, ms) })),
    });
  if (newsdata)
    sources.push({
      ...{ id: "newsdata", everyS: 1_800, callsADay: 200 },
      queries: NEWSDATA_QUERIES.map(([category, text]) => ({ category, ask: ms => askNewsdata(newsdata, text, ms) })),
    });
  if (rssUrls.length > 0)
    sources.push({
      ...{ id: "rss", everyS: 900, callsADay: 100_000 },
      queries: rssUrls.map(url => ({ category: "environment", ask: ms => askFeed(url, ms) })),
    });
  return sources;
}

/** Naver's search of the news, newest first (developers.naver.com, `/v1/search/news.json`). */
async function askNaver(
  { baseUrl, clientId, clientSecret }: NonNullable<NewsSettings["naver"]>,
  query: string,
  timeoutMs: number,
): Promise<Asked<RawArticle[]>> {
  const address = new URL("/v1/search/news.json", baseUrl);
  address.search = new URLSearchParams({ query, display: String(NAVER_PAGE), sort: "date" }).toString();
  const headers = { "X-Naver-Client-Id": clientId, "X-Naver-Client-Secret": clientSecret };
  const asked = await askForJson(address, { headers, timeoutMs });
  return readList(asked, "items", item => ({
    title: item["title"],
    // The publisher's own page; Naver's copy where it has none.
    url: textOf(item["originallink"]) ?? item["link"],
    snippet: item["description"],
    publishedAt: item["pubDate"],
  }));
}

/** The newest of NewsData (newsdata.io, `/api/1/latest`). */
async function askNewsdata(
  { baseUrl, apiKey }: NonNullable<NewsSettings["newsdata"]>,
  query: string,
  timeoutMs: number,
): Promise<Asked<RawArticle[]>> {
  const address = new URL("/api/1/latest", baseUrl);
  address.search = new URLSearchParams({ apikey: apiKey, q: query, language: "en" }).toString();
  const asked = await askForJson(address, { timeoutMs });
  return readList(asked, "results", item => ({
    title: item["title"],
    url: item["link"],
    snippet: item["description"],
    publishedAt: item["pubDate"],
    sourceName: textOf(item["source_name"]) ?? item["source_id"],
    thumbnailUrl: item["image_url"],
    sourceIconUrl: item["source_icon"],
    videoUrl: item["video_url"],
    keywords: item["keywords"],
    aiTag: paidOnly(item["ai_tag"]),
    category: listOf(item["category"]).includes("environment") ? ("environment" as const) : undefined,
  }));
}

/** Without a paid plan NewsData writes a sentence about plans into the field. */
const paidOnly = (value: unknown): unknown => listOf(value).find(each => !/ONLY AVAILABLE/i.test(textOf(each) ?? ""));

function readList(
  asked: Asked<unknown>,
  field: string,
  read: (item: Readonly<Record<string, unknown>>) => RawArticle,
): Asked<RawArticle[]> {
  if (!asked.ok) return asked;
  const list = fieldsOf(asked.body)[field];
  return Array.isArray(list) ? { ok: true, body: list.map(item => read(fieldsOf(item))) } : gaveNothing("unreadable");
}

// Entities are left as they are: the text is cleaned later, and no document may define its own.
const xml = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  processEntities: false,
  parseTagValue: false,
});

/** A feed in RSS 2.0, RSS 1.0 or Atom. */
async function askFeed(url: string, timeoutMs: number): Promise<Asked<RawArticle[]>> {
  const asked = await askForText(new URL(url), { timeoutMs });
  if (!asked.ok) return asked;
  try {
    return readFeed(fieldsOf(xml.parse(asked.body)));
  } catch {
    return gaveNothing("unreadable");
  }
}

function readFeed(document: Readonly<Record<string, unknown>>): Asked<RawArticle[]> {
  const rdf = fieldsOf(document["rdf:RDF"]);
  const channel = fieldsOf(fieldsOf(document["rss"])["channel"] ?? rdf["channel"]);
  const feed = fieldsOf(document["feed"]);
  if (![document["rss"], document["rdf:RDF"], document["feed"]].some(root => root !== undefined))
    return gaveNothing("unreadable");
  const sourceName = inner(channel["title"]) ?? inner(feed["title"]);
  const items = [...listOf(channel["item"]), ...listOf(rdf["item"]), ...listOf(feed["entry"])].map(fieldsOf);
  return { ok: true, body: items.map(item => ({ ...readEntry(item), sourceName })) };
}

function readEntry(item: Readonly<Record<string, unknown>>): RawArticle {
  const links = listOf(item["link"]);
  const linked = links.find(link => typeof link === "string") ?? links.find(isAlternate);
  const pictures = [...listOf(item["media:thumbnail"]), ...listOf(item["media:content"]), ...listOf(item["enclosure"])];
  return {
    title: inner(item["title"]),
    url: typeof linked === "string" ? linked : fieldsOf(linked)["@href"],
    snippet: inner(item["description"]) ?? inner(item["summary"]) ?? inner(item["content"]),
    publishedAt: item["pubDate"] ?? item["published"] ?? item["dc:date"] ?? item["updated"],
    thumbnailUrl: fieldsOf(pictures.find(isPicture))["@url"],
    keywords: listOf(item["category"]).map(each => inner(each) ?? fieldsOf(each)["@term"]),
  };
}

/** The text of an element, with attributes or without. */
const inner = (element: unknown): string | null => textOf(element) ?? textOf(fieldsOf(element)["#text"]);
const isAlternate = (link: unknown): boolean => [undefined, "alternate"].includes(fieldsOf(link)["@rel"] as string);
const isPicture = (media: unknown): boolean => {
  const { "@type": type, "@medium": medium } = fieldsOf(media);
  return (
    medium === "image" || textOf(type)?.startsWith("image/") === true || (type === undefined && medium === undefined)
  );
};
