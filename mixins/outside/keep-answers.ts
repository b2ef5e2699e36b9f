import { LRUCache } from "lru-cache";
import type { Asked } from "./ask-outside.ts";

/**
 * Keeps good answers of an outside source for a while, and asks once for all who ask at the same time. Failures are not kept: the next
 * one asks again.
 */
export function keepAnswers<T>({ ttlMs, max }: { ttlMs: number; max: number }) {
  const kept = new LRUCache<string, Promise<Asked<T>>>({ max, ttl: ttlMs });
  return (key: string, ask: () => Promise<Asked<T>>): Promise<Asked<T>> => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const asking = ask().then(asked => {
      if (!asked.ok) kept.delete(key);
      return asked;
    });
    kept.set(key, asking);
    return asking;
  };
}
