import { LRUCache } from "lru-cache";
import { type Answers, FORGOTTEN_MS } from "./answers.ts";

const MAX_GROUPS = 10_000;

/** Answers of one process: those asked for most recently. */
export function memoryAnswers(): Answers {
  const kept = new LRUCache<string, Map<string, string>>({ max: MAX_GROUPS });
  const forgotten = new LRUCache<string, true>({ max: MAX_GROUPS, ttl: FORGOTTEN_MS });
  return {
    isOwn: true,
    async get(group, request) {
      return kept.get(group)?.get(request);
    },
    async keep(group, request, answer, ttlS) {
      if (forgotten.has(group)) return;
      const answers = kept.get(group);
      if (answers) answers.set(request, answer);
      else kept.set(group, new Map([[request, answer]]), { ttl: ttlS * 1000 });
    },
    async forget(groups) {
      for (const group of groups) {
        kept.delete(group);
        forgotten.set(group, true);
      }
    },
    async groups() {
      return [...kept.keys()];
    },
  };
}
