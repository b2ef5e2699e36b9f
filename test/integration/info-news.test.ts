import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { openRoom } from "../builders/open-room.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";
import { feedOf, NAVER, NEWSDATA_KEY, newsRoutes, type NewsShelf } from "../servers/news.wire.ts";
import { type Fault, type OutsideServer, startOutsideServer } from "../servers/outside.server.ts";

const minutesAgo = (minutes: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000);
const naverItem = (n: number, rest: object = {}) => ({
  title: `<b>재활용</b> 소식 ${n}`,
  originallink: `https://news.example/naver/${n}`,
  link: `https://n.news.example/${n}`,
  description: "분리배출 &quot;이렇게&quot; 달라져요",
  pubDate: minutesAgo(n).toUTCString(),
  ...rest,
});
const newsdataItem = (n: number, rest: object = {}) => ({
  article_id: `a${n}`,
  title: `Solar and wind power report ${n}`,
  link: `https://news.example/newsdata/${n}`,
  description: "energy from solar",
  keywords: ["solar", "wind"],
  pubDate: minutesAgo(n).toISOString().slice(0, 19).replace("T", " "),
  image_url: `https://img.example/${n}.jpg`,
  source_id: "example",
  source_name: "Example News",
  source_icon: "https://img.example/icon.png",
  video_url: null,
  category: ["top"],
  ai_tag: "ONLY AVAILABLE IN PROFESSIONAL AND CORPORATE PLANS",
  ...rest,
});
const rssItem = (n: number, rest = "") =>
  `<item><title>동네 쓰레기 소식 ${n}</title><link>https://news.example/rss/${n}</link><description>폐기물</description>` +
  `<pubDate>${minutesAgo(n).toUTCString()}</pubDate>${rest}</item>`;

let shelf: NewsShelf;
let outside: OutsideServer;
beforeAll(async () => {
  shelf = { naver: [], newsdata: [], feed: feedOf("") };
  outside = await startOutsideServer(newsRoutes(shelf));
});
afterAll(() => outside.close());

const keys = () => ({
  NAVER_SEARCH_CLIENT_ID: NAVER.id,
  NAVER_SEARCH_CLIENT_SECRET: NAVER.secret,
  NAVER_SEARCH_URL: outside.url,
  NEWSDATA_API_KEY: NEWSDATA_KEY,
  NEWSDATA_URL: outside.url,
  NEWS_RSS_URLS: `${outside.url}/feed.xml`,
  OUTSIDE_TIMEOUT_MS: "300",
});

const NONE = {
  ...{ NAVER_SEARCH_CLIENT_ID: "", NAVER_SEARCH_CLIENT_SECRET: "", NAVER_SEARCH_URL: "" },
  ...{ NEWSDATA_API_KEY: "", NEWSDATA_URL: "", NEWS_RSS_URLS: "", OUTSIDE_TIMEOUT_MS: "" },
};

const reader = { userId: randomUUID() };

async function openInfo(database: TestDatabase, env: Record<string, string>) {
  const room = await openRoom({
    database,
    env: { ...NONE, ...env },
    load: async () => [(await import("../../services/info/info.service.ts")).default],
  });
  const service = room.broker.getLocalService("info") as unknown as {
    collect(): Promise<number>;
    logger: Record<"info" | "warn" | "error", (...args: unknown[]) => void>;
  };
  const logged: unknown[][] = [];
  for (const level of ["info", "warn", "error"] as const) service.logger[level] = (...args) => void logged.push(args);
  return {
    ...room,
    logged,
    news: (params: object = {}) => room.call("info.news", params, reader),
    /** Collects as if every source were due. */
    async collect() {
      await room.db.run("update info.collections set due_at = now()");
      return service.collect();
    },
    collectDue: () => service.collect(),
  };
}
const refused = (work: Promise<unknown>) =>
  work.then(
    () => "taken",
    (thrown: unknown) => (thrown as { type?: string }).type,
  );

describe.each(databases)("news on $name", ({ make }) => {
  let database: TestDatabase;
  let room: Awaited<ReturnType<typeof openInfo>>;
  beforeAll(async () => {
    database = await make();
    room = await openInfo(database, keys());
  });
  afterAll(async () => {
    await room.stop();
    await database.remove();
  });
  beforeEach(async () => {
    await room.db.run("delete from info.articles");
    await room.db.run("delete from info.collections");
    outside.requests.length = 0;
    Object.assign(shelf, { naver: [], newsdata: [], feed: feedOf("") });
  });

  it("brings the three sources together, newest first, in the fields of the app", async () => {
    shelf.naver = [naverItem(2)];
    shelf.newsdata = [newsdataItem(1)];
    shelf.feed = feedOf(rssItem(3));
    expect(await room.collect()).toBe(3);
    const { articles, meta, has_more: more, next_cursor: cursor } = await room.news();
    expect(articles.map(({ source }) => source)).toEqual(["newsdata", "naver", "rss"]);
    expect(articles[0]).toEqual({
      id: expect.stringMatching(/^newsdata_[0-9a-f]{12}$/),
      title: "Solar and wind power report 1",
      url: "https://news.example/newsdata/1",
      snippet: "energy from solar",
      source: "newsdata",
      source_name: "Example News",
      published_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
      thumbnail_url: "https://img.example/1.jpg",
      category: "energy",
      source_icon_url: "https://img.example/icon.png",
      video_url: null,
      keywords: ["solar", "wind"],
      ai_tag: null,
    });
    expect(articles[1]).toMatchObject({
      title: "재활용 소식 2",
      snippet: '분리배출 "이렇게" 달라져요',
      url: "https://news.example/naver/2",
      source_name: "news.example",
      category: "environment",
    });
    expect(articles[2]).toMatchObject({ title: "동네 쓰레기 소식 3", source_name: "초록신문" });
    expect({ more, cursor }).toEqual({ more: false, cursor: null });
    expect(meta).toMatchObject({ total_cached: 3, configured: true });
    expect(meta.cache_expires_in).toBeGreaterThan(290);
    expect(meta.cache_expires_in).toBeLessThanOrEqual(300);
    expect(meta.sources.map(({ trouble, configured }) => ({ trouble, configured }))).toEqual(
      Array(3).fill({ trouble: null, configured: true }),
    );
  });

  it("takes one report once, whatever brings it, and however often", async () => {
    shelf.naver = [naverItem(2, { originallink: "https://news.example/one?utm_source=naver#top" })];
    shelf.newsdata = [newsdataItem(1, { link: "https://news.example/one" })];
    shelf.feed = feedOf(
      rssItem(3).replace("동네 쓰레기 소식 3", "재활용: 소식 (2)!").replace("/rss/3", "/another-address"),
    );
    expect(await room.collect()).toBe(1);
    expect(await room.collect()).toBe(0);
    expect((await room.news()).articles.map(({ url }) => url)).toEqual(["https://news.example/one"]);
  });

  it("pages without a gap or a repeat, also within one millisecond and while news come in", async () => {
    const pubDate = minutesAgo(60).toUTCString();
    shelf.naver = Array.from({ length: 23 }, (_, n) => naverItem(n, { pubDate }));
    await room.collect();
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof room.news>> = await room.news({
        limit: 5,
        ...(cursor === null ? {} : { cursor }),
      });
      seen.push(...page.articles.map(({ id }) => id));
      if (page.has_more) expect(page.articles).toHaveLength(5);
      cursor = page.next_cursor;
      shelf.naver = [naverItem(100 + seen.length, { pubDate: minutesAgo(1).toUTCString() })];
      await room.collect();
    } while (cursor !== null);
    expect(seen).toHaveLength(23);
    expect(new Set(seen).size).toBe(23);
  });

  it("filters before it cuts the page", async () => {
    shelf.naver = Array.from({ length: 20 }, (_, n) => naverItem(n));
    shelf.newsdata = Array.from({ length: 4 }, (_, n) => newsdataItem(30 + n));
    await room.collect();
    const pages = [{ has_image: true }, { source: "newsdata" }, { category: "energy" }, { q: "SOLAR report" }];
    for (const filter of pages) {
      const first = await room.news({ ...filter, limit: 3 });
      expect([filter, first.articles.length, first.has_more, first.meta.total_cached]).toEqual([filter, 3, true, 4]);
      const rest = await room.news({ ...filter, limit: 3, cursor: first.next_cursor ?? "" });
      expect([filter, rest.articles.length, rest.has_more]).toEqual([filter, 1, false]);
    }
    expect((await room.news({ category: "all", source: "all" })).meta.total_cached).toBe(24);
    expect((await room.news({ q: "100%_" })).articles).toEqual([]);
  });

  it("keeps plain text and links that people may follow, and leaves out what has no title, link or date", async () => {
    const bad = (n: number, rest: object) => naverItem(n, { link: null, ...rest });
    shelf.naver = [
      naverItem(1, {
        title: "&lt;script&gt;alert(1)&lt;/script&gt;<img src=x onerror=alert(2)>종이팩 &amp;amp; 재활용\u0000\u202e",
        description: "<<b>script>alert(3)<</b>/script> a < b 본문",
      }),
      bad(2, { originallink: "javascript:alert(1)" }),
      bad(3, { originallink: "https://user:pass@news.example/3" }),
      bad(4, { originallink: "news.example/4" }),
      bad(5, { title: "<b></b>" }),
      bad(6, { pubDate: "yesterday" }),
      bad(7, { pubDate: minutesAgo(60 * 24 * 40).toUTCString() }),
      "no object",
    ] as Record<string, unknown>[];
    shelf.newsdata = [newsdataItem(8, { image_url: "data:image/png;base64,AAAA", pubDate: "2999-01-01 00:00:00" })];
    await room.collect();
    const { articles } = await room.news();
    expect(articles).toHaveLength(2);
    const [future, cleaned] = articles;
    expect(future!.thumbnail_url).toBeNull();
    expect(Date.parse(future!.published_at)).toBeLessThanOrEqual(Date.now());
    expect(cleaned!.title).toBe("종이팩 & 재활용");
    expect(cleaned!.snippet).not.toMatch(/<[a-z/]/i);
    expect(cleaned!.snippet).toContain("a < b 본문");
  });

  it.each<[string, Fault, string]>([
    ["429", { status: 429 }, "rate_limited"],
    ["500", { status: 500 }, "failed"],
    ["403", { status: 403 }, "refused"],
    ["a redirect, which would take the key along", { status: 302, location: "https://elsewhere.example/" }, "failed"],
    ["silence", { hang: true }, "timeout"],
    ["a cut connection", { cut: true }, "unreachable"],
    ["garbage", { garbage: "<html>maintenance</html>" }, "unreadable"],
    ["JSON of another shape", { garbage: '{"items":"none"}' }, "unreadable"],
    ["a body without end", { flood: true }, "unreadable"],
  ])("keeps what it has and says so when a source answers with %s", async (_what, fault, trouble) => {
    shelf.naver = [naverItem(1)];
    shelf.newsdata = [newsdataItem(2)];
    await room.collect();
    outside.break("/v1/search", ...Array.from({ length: 4 }, () => fault));
    shelf.newsdata = [newsdataItem(3)];
    room.logged.length = 0;
    expect(await room.collect()).toBe(1);
    outside.mend();
    const { articles, meta } = await room.news();
    expect(articles.map(({ source }) => source)).toEqual(["naver", "newsdata", "newsdata"]);
    expect(meta.sources[0]).toMatchObject({ id: "naver", trouble, collected_at: expect.any(String) });
    expect(JSON.stringify(room.logged)).toContain(trouble);
    for (const secret of [NAVER.id, NAVER.secret, NEWSDATA_KEY])
      expect(JSON.stringify([room.logged, meta])).not.toContain(secret);
    await room.collect();
    expect((await room.news()).meta.sources[0]).toMatchObject({ trouble: null });
  });

  it("asks no more of a source that refuses", async () => {
    outside.break("/v1/search", { status: 429 });
    await room.collect();
    expect(outside.requests.filter(({ path }) => path.startsWith("/v1/search"))).toHaveLength(1);
  });

  it("asks a source when it is due, once for all processes, and never beyond its day's limit", async () => {
    await Promise.all([room.collectDue(), room.collectDue(), room.collectDue()]);
    const naver = () => outside.requests.filter(({ path }) => path.startsWith("/v1/search")).length;
    const once = naver();
    expect(once).toBeGreaterThan(0);
    await room.collectDue();
    expect(naver()).toBe(once);
    await room.db.run("update info.collections set calls = 25000 where source = 'naver'");
    await room.collect();
    expect(naver()).toBe(once);
    await room.db.run("update info.collections set day = day - 1 where source = 'naver'");
    await room.collect();
    expect(naver()).toBe(2 * once);
  });

  it("removes what is old", async () => {
    shelf.naver = [naverItem(1), naverItem(2)];
    await room.collect();
    await room.db.run("update info.articles set published_at = now() - interval '31 days' where title like '%2'");
    await room.collect();
    expect((await room.news()).articles.map(({ title }) => title)).toEqual(["재활용 소식 1"]);
  });

  it("reads Atom, RSS 1.0 and EUC-KR", async () => {
    const at = minutesAgo(5).toISOString();
    const feeds: [NewsShelf["feed"], string][] = [
      [
        {
          type: "application/atom+xml",
          body: `<feed xmlns="http://www.w3.org/2005/Atom"><title>아톰</title><entry><title type="html">&lt;b&gt;원자&lt;/b&gt; 폐기물</title>
            <link rel="self" href="https://news.example/self"/><link href="https://news.example/atom"/><updated>${at}</updated></entry></feed>`,
        },
        "원자 폐기물",
      ],
      [
        {
          type: "text/xml",
          body: `<rdf:RDF><channel><title>알디에프</title></channel><item><title><![CDATA[비닐 <i>분리</i>]]></title>
            <link>https://news.example/rdf</link><dc:date>${at}</dc:date></item></rdf:RDF>`,
        },
        "비닐 분리",
      ],
      [
        {
          type: "application/xml",
          body: Buffer.concat([
            Buffer.from('<?xml version="1.0" encoding="EUC-KR"?><rss><channel><title>x</title><item><title>'),
            // 환경 in EUC-KR.
            Buffer.from([0xc8, 0xaf, 0xb0, 0xe6]),
            Buffer.from(`</title><link>https://news.example/euc</link><pubDate>${at}</pubDate></item></channel></rss>`),
          ]),
        },
        "환경",
      ],
    ];
    for (const [feed, title] of feeds) {
      shelf.feed = feed;
      expect(await room.collect()).toBe(1);
      expect((await room.news({ q: title })).articles.map(each => each.title)).toEqual([title]);
    }
    // A document that defines entities of its own grows to nothing.
    shelf.feed = {
      type: "text/xml",
      body: `<!DOCTYPE rss [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel><item><title>&b;&b;</title></item></channel></rss>`,
    };
    expect(await room.collect()).toBe(0);
  });

  it("refuses what it does not know, each with its own code", async () => {
    expect(await refused(room.news({ category: "sports" }))).toBe("INVALID_CATEGORY");
    expect(await refused(room.news({ source: "daum" }))).toBe("INVALID_SOURCE");
    for (const cursor of [
      "zzz",
      "1700000000000",
      Buffer.from("1_naver_x").toString("base64url"),
      "가".repeat(9),
      "' or 1=1",
    ])
      expect([cursor, await refused(room.news({ cursor }))]).toEqual([cursor, "INVALID_CURSOR_FORMAT"]);
    for (const limit of [0, 51, -1, 1.5])
      expect([limit, await refused(room.news({ limit }))]).toEqual([limit, "VALIDATION_FAILED"]);
    expect(await refused(room.call("info.news", {}))).toBe("UNAUTHENTICATED");
  });
});

describe("news without keys", () => {
  let database: TestDatabase;
  let room: Awaited<ReturnType<typeof openInfo>>;
  beforeAll(async () => {
    database = await databases[0]!.make();
    room = await openInfo(database, {});
  });
  afterAll(async () => {
    await room.stop();
    await database.remove();
  });
  it("are an empty list that says why", async () => {
    expect(await room.news()).toEqual({
      articles: [],
      next_cursor: null,
      has_more: false,
      meta: {
        total_cached: 0,
        cache_expires_in: 0,
        configured: false,
        sources: ["naver", "newsdata", "rss"].map(id => ({
          id,
          configured: false,
          collected_at: null,
          trouble: "not_configured",
        })),
      },
    });
  });
});
