import { fail } from "../../broker/errors.ts";
import { service } from "../../broker/service.ts";
import { findRegion } from "../../mixins/knowledge/find-region.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { searchItems } from "../../mixins/knowledge/search-items.ts";
import { describeFaq, describeItem, describeRegion, listWasteCategories } from "./describe-knowledge.ts";
import { info } from "./info.contract.ts";
import { newsCategories } from "./news-categories.ts";

export default service(info)({
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
  },
});
