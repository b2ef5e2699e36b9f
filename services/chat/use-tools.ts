import { familyOf } from "../../broker/errors.ts";
import type { Delivery } from "../../broker/service.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { sayPlaces } from "./say-places.ts";
import { sayWeather } from "./say-weather.ts";
import type { Intent } from "../../mixins/assistant/read-intents.ts";
import type { ToolResult } from "../../mixins/assistant/tool-results.ts";
import type { Place, Turn } from "./turns.store.ts";
import type { Understanding } from "../../mixins/assistant/understand.ts";

interface Log {
  warn(data: object, text: string): void;
}

/** Undefined: it has nothing to add to what the knowledge says. */
type Tool = (turn: Turn, understanding: Understanding, delivery: Delivery) => Promise<ToolResult | undefined>;

const MOST_LINES = 5;
const MOST_ARTICLES = 3;

const MOST_PLACES = 3;
/** What people see by REST another room asks for in the name of the person whose turn it is. */
const asPerson = (userId: string) => ({ meta: { caller: { userId, sessionId: "", provider: "" } } });

const missing = (tool: Intent, reason: string): ToolResult => ({
  tool,
  available: false,
  reason: reason === "not_configured" ? "not configured" : "no answer",
});

/** What is asked of other rooms for an intent. What the knowledge alone answers (waste, general) needs no tool. */
const TOOLS: Partial<Record<Intent, Tool>> = {
  async character({ user_id: userId }, _understanding, delivery) {
    const owned = await delivery.call("character.owned", { user_id: userId });
    const total = loadKnowledge().characters.length;
    return { tool: "character", available: true, names: owned.map(({ name }) => name), total };
  },
  async weather({ location }, _understanding, delivery) {
    if (location === null) return { tool: "weather", available: false, reason: "needs location" };
    const told = await delivery.call("info.weather", { lat: location.latitude, lon: location.longitude });
    return told.available ? { tool: "weather", available: true, ...sayWeather(told) } : missing("weather", told.reason);
  },
  async bulk_waste(_turn, { things, regionId, asksFee }, delivery) {
    if (!asksFee || regionId === null) return undefined;
    const item = loadKnowledge().items.find(({ id }) => id === things[0]?.hits[0]?.itemId)?.name;
    const { fees } = await delivery.call("info.bulkWaste", {
      region: regionId,
      ...(item === undefined ? {} : { item }),
    });
    if (!fees.available || fees.list.length === 0) return undefined;
    const lines = fees.list.slice(0, MOST_LINES).map(fee => `${fee.item}: ${fee.won.toLocaleString("ko")}원`);
    return { tool: "bulk_waste", available: true, lines, source: fees.source.title };
  },
  async recyclable_price(_turn, _understanding, delivery) {
    const told = await delivery.call("info.recyclablePrice", {});
    if (!told.available) return missing("recyclable_price", told.reason);
    const lines = told.prices
      .slice(0, MOST_LINES)
      .map(
        ({ material, price, unit }) => `${material}: ${price.toLocaleString("ko")}원${unit === null ? "" : `/${unit}`}`,
      );
    return { tool: "recyclable_price", available: true, lines, source: told.source.title };
  },
  async news({ user_id: userId }, _understanding, delivery) {
    const { articles, meta } = await delivery.call("info.news", { limit: MOST_ARTICLES }, asPerson(userId));
    if (!meta.configured) return missing("news", "not_configured");
    if (articles.length === 0) return missing("news", "no_news");
    const lines = articles.map(({ title, source_name: source, url }) => `- ${title} (${source}) ${url}`);
    const sources = [...new Set(articles.map(({ source_name: source }) => source))];
    return { tool: "news", available: true, lines: ["요즘 환경 소식이에요.", ...lines], source: sources.join(", ") };
  },
  web_search: async () => missing("web_search", "not_configured"),
  image_generation: async () => missing("image_generation", "not_configured"),
  async collection_point({ location }, { things }, delivery) {
    if (location === null) return { tool: "collection_point", available: false, reason: "needs location" };
    const item = things[0]?.hits[0]?.itemId;
    const found = await delivery.call("location.collectionPoints", {
      ...placeOf(location),
      limit: MOST_PLACES,
      ...(item === undefined ? {} : { item }),
    });
    return sayPlaces("collection_point", found.sites, found.collects[0] ?? "수거함");
  },
  async location({ location, user_id: userId }, _understanding, delivery) {
    if (location === null) return { tool: "location", available: false, reason: "needs location" };
    const sites = await delivery.call(
      "location.centers",
      { ...placeOf(location), store_category: "all", pickup_category: "all" },
      asPerson(userId),
    );
    return sayPlaces("location", sites.slice(0, MOST_PLACES), "가게");
  },
};

const placeOf = ({ latitude, longitude }: Place) => ({ lat: latitude, lon: longitude });

/** Uses the tools that the intents of a message ask for, all at the same time. One that fails is told as not answering; the answer goes on. */
export async function useTools(
  understanding: Understanding,
  turn: Turn,
  delivery: Delivery,
  log: Log,
): Promise<ToolResult[]> {
  const used = understanding.intents.flatMap(({ intent }) => {
    const tool = TOOLS[intent];
    return tool === undefined ? [] : [{ intent, tool }];
  });
  const results = await Promise.all(
    used.map(async ({ intent, tool }): Promise<ToolResult | undefined> => {
      try {
        return await tool(turn, understanding, delivery);
      } catch (cause) {
        if (familyOf(cause) === "ours") throw cause;
        log.warn({ err: cause, tool: intent }, "a tool does not answer");
        return { tool: intent, available: false, reason: "no answer" };
      }
    }),
  );
  return results.filter(result => result !== undefined);
}
