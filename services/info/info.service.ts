import { env } from "../../broker/env.ts";
import { fail } from "../../broker/errors.ts";
import { service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import { findRegion } from "../../mixins/knowledge/find-region.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { searchItems } from "../../mixins/knowledge/search-items.ts";
import { schedule } from "../../mixins/schedule.mixin.ts";
import { askBulkWaste } from "./ask-bulk-waste.ts";
import { collectNews } from "./collect-news.ts";
import { describeFaq, describeItem, describeRegion, listWasteCategories } from "./describe-knowledge.ts";
import { info } from "./info.contract.ts";
import { listNews } from "./list-news.ts";
import { newsCategories } from "./news-categories.ts";
import { listSources } from "./news-sources.ts";
import { outsideTools } from "./outside-tools.ts";

const NEWS_EVERY_MS = 60_000;

export default service(info)({
  mixins: [database("info"), schedule()],

  methods: {
    /** Collects what is due now. */
    collect(): Promise<number> {
      const { OUTSIDE_TIMEOUT_MS: timeoutMs, NEWS_TTL_DAYS: ttlDays } = env;
      return collectNews(sources, { db: this.db(), log: this.logger, timeoutMs, ttlDays });
    },
  },

  actions: {
    async about() {
      const { version, items, rules, regions, faq } = loadKnowledge();
      return {
        status: "ok",
        service: "info",
        version,
        items_indexed: items.length,
        rules: rules.length,
        regions: regions.length,
        faq_entries: faq.length,
      };
    },

    async item(ctx) {
      const knowledge = loadKnowledge();
      const item = knowledge.items.find(({ id }) => id === ctx.params.id);
      if (item === undefined)
        throw fail("ITEM_NOT_FOUND", "Ids are words like milk-carton; POST /info/search finds them by name.");
      return describeItem(item, knowledge);
    },

    async categories() {
      const knowledge = loadKnowledge();
      return {
        categories: newsCategories.map(each => ({ ...each })),
        waste_categories: listWasteCategories(knowledge),
        version: knowledge.version,
      };
    },

    async search(ctx) {
      const knowledge = loadKnowledge();
      const { query, limit = 5 } = ctx.params;
      return searchItems(query, limit).map(({ item, score, alias, ask }) => ({
        ...describeItem(item, knowledge),
        score,
        alias,
        ask,
      }));
    },

    async rules(ctx) {
      const found = findRegion(ctx.params.region);
      if (found.kind === "one") return describeRegion(found.region, loadKnowledge());
      if (found.kind === "none") throw fail("REGION_NOT_FOUND", "No municipality of this id or name is known here.");
      const names = found.regions.map(({ id, name }) => `${name} (${id})`).join(", ");
      throw fail("REGION_NOT_FOUND", `Several municipalities may be meant; known here: ${names}.`);
    },

    async faq(ctx) {
      const { faq, version } = loadKnowledge();
      const { category, skip = 0, limit = 10 } = ctx.params;
      const wanted = category === undefined || category === "" ? faq : faq.filter(each => each.category === category);
      return wanted.slice(skip, skip + limit).map(each => describeFaq(each, version));
    },

    async news(ctx) {
      return listNews(
        this.db(),
        ctx.params,
        sources.map(({ id }) => id),
      );
    },

    async weather(ctx) {
      return tools.weather(ctx.params.lat, ctx.params.lon);
    },

    async bulkWaste(ctx) {
      return askBulkWaste(ctx.params, loadKnowledge(), tools.fees);
    },

    async recyclablePrice(ctx) {
      return tools.prices(ctx.params.material);
    },
  },

  async started() {
    if (sources.length > 0) this.every(NEWS_EVERY_MS, "collect news", () => this.collect());
  },
});

const { NAVER_SEARCH_CLIENT_ID: clientId, NAVER_SEARCH_CLIENT_SECRET: clientSecret, NEWSDATA_API_KEY: apiKey } = env;
const sources = listSources({
  naver:
    clientId === undefined || clientSecret === undefined
      ? undefined
      : { baseUrl: env.NAVER_SEARCH_URL, clientId, clientSecret },
  newsdata: apiKey === undefined ? undefined : { baseUrl: env.NEWSDATA_URL, apiKey },
  rssUrls: env.NEWS_RSS_URLS,
});
const tools = outsideTools(env);
