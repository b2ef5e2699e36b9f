import { json, type Routes } from "./outside.server.ts";

/** What the three kinds of news sources hold, in their own formats. */
export interface NewsShelf {
  naver: Record<string, unknown>[];
  newsdata: Record<string, unknown>[];
  feed: { type: string; body: string | Buffer };
}
export const NAVER = { id: "naver-id-7261", secret: "naver-secret-9152" };
export const NEWSDATA_KEY = "pub_9081726354";

/** Answers like openapi.naver.com, newsdata.io and a feed; a wrong key is refused as theirs is. */
export const newsRoutes = (shelf: NewsShelf): Routes => ({
  "/v1/search/news.json": ({ headers, query }) => {
    if (headers["x-naver-client-id"] !== NAVER.id || headers["x-naver-client-secret"] !== NAVER.secret)
      return json({ errorMessage: "Authentication failed", errorCode: "024" }, 401);
    const display = Number(query.get("display") ?? 10);
    if ((query.get("query") ?? "") === "" || display > 100)
      return json({ errorMessage: "Incorrect query request", errorCode: "SE01" }, 400);
    return json({ total: shelf.naver.length, start: 1, display, items: shelf.naver.slice(0, display) });
  },
  "/api/1/latest": ({ query }) =>
    query.get("apikey") === NEWSDATA_KEY
      ? json({ status: "success", totalResults: shelf.newsdata.length, results: shelf.newsdata, nextPage: null })
      : json({ status: "error", results: { message: "The provided API key is not valid", code: "Unauthorized" } }, 401),
  "/feed.xml": () => shelf.feed,
});

export const feedOf = (items: string, title = "초록신문"): NewsShelf["feed"] => ({
  type: "application/rss+xml; charset=utf-8",
  body: `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>${title}</title>${items}</channel></rss>`,
});
