import type { Log } from "../../broker/logger.ts";
import type { Database } from "../../mixins/database/database.ts";
import type { Trouble } from "../../mixins/outside/ask-outside.ts";
import { cleanArticle } from "./clean-article.ts";
import type { Source } from "./news-sources.ts";
import { type Article, claimCollection, noteCollection, removeOldArticles, storeArticles } from "./news.store.ts";

interface Tools {
  db: Database;
  log: Log;
  timeoutMs: number;
  /** Articles older than this are removed, and not taken in. */
  ttlDays: number;
}
const DAY_MS = 86_400_000;

/**
 * Asks every source that is due, cleans what comes and stores what is new. Safe in many processes at once: whoever claims a source asks
 * it, the others find it claimed. A source that fails keeps its articles and is asked again when it is next due.
 * @returns how many articles are new
 */
export async function collectNews(sources: readonly Source[], tools: Tools): Promise<number> {
  let stored = 0;
  for (const source of sources) {
    const { id, everyS, callsADay, queries } = source;
    if (!(await claimCollection(tools.db, { source: id, everyS, callsADay, calls: queries.length }))) continue;
    const { articles, trouble } = await askSource(source, tools);
    const fresh = await tools.db.transaction(tx => storeArticles(tx, articles));
    await noteCollection(tools.db, id, trouble);
    stored += fresh;
    // One word: addresses and errors of the network carry keys.
    if (trouble === null) tools.log.info({ source: id, read: articles.length, fresh }, "news collected");
    else tools.log.warn({ source: id, trouble, fresh }, "a source of news gave nothing, or not all");
  }
  await removeOldArticles(tools.db, tools.ttlDays);
  return stored;
}

async function askSource({ id, queries }: Source, { timeoutMs, ttlDays }: Tools) {
  const now = new Date();
  const articles: Article[] = [];
  let trouble: Trouble | null = null;
  // One after the other: sources count requests by the second too.
  for (const { category, ask } of queries) {
    const asked = await ask(timeoutMs);
    if (!asked.ok) {
      trouble = asked.reason;
      if (trouble === "rate_limited" || trouble === "refused") break;
      continue;
    }
    const cleaned = asked.body.map(raw => cleanArticle(raw, id, category, now));
    articles.push(...cleaned.filter(each => each !== null));
  }
  const oldest = now.getTime() - ttlDays * DAY_MS;
  return { articles: articles.filter(each => each.published_at.getTime() >= oldest), trouble };
}
