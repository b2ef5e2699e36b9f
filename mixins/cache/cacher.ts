import { Cachers, type Context, type Middleware, type Service, type ServiceBroker } from "moleculer";
import type { CacheContract } from "../../broker/contract.ts";
import { fail } from "../../broker/errors.ts";
import { counter } from "../../broker/metrics.ts";
import type { Meta } from "../../broker/service.ts";
import type { Answers } from "./answers.ts";

/** What a room's action says of its cache: the contract's, and whether strangers are refused. */
type ActionCache = CacheContract & { signedIn: boolean };

const asked = counter({
  name: "eco2_cache_requests_total",
  help: "Answers looked for in the cache. outcome: hit, miss, or failed",
  labels: ["action", "outcome"],
});
const VALUE = "value";

/**
 * Moleculer's cacher for actions whose contract has a `cache`. It never makes an action fail or keep anybody waiting: without an answer
 * kept, or with a store in trouble, the action works as if there were no cache. Other cachers of Moleculer pass the store's errors on.
 * @param answers the store; undefined while it does not work
 */
export class AnswerCacher extends Cachers.Base<object> {
  readonly #answers: () => Answers | undefined;

  constructor(answers: () => Answers | undefined) {
    super({});
    this.#answers = answers;
  }

  override init(broker: ServiceBroker): void {
    super.init(broker);
    this.connected = true;
    broker.localBus.on("$transporter.connected", () => {
      if (this.#answers()?.isOwn) void this.clean();
    });
  }

  override middleware(): Middleware {
    return {
      name: "AnswerCacher",
      localAction: (next, action) => {
        const cache = action.cache as ActionCache | boolean | undefined;
        if (typeof cache !== "object" || !("ttlS" in cache)) return next;
        const name = action.name ?? "";
        const answer = (work: () => Promise<unknown>, ctx: Context<Record<string, unknown>, Meta>) =>
          this.#answer(name, cache, work, ctx);
        return function (this: Service, ctx) {
          return answer(() => next.call(this, ctx) as Promise<unknown>, ctx as Context<Record<string, unknown>, Meta>);
        };
      },
    };
  }

  async #answer(
    action: string,
    cache: ActionCache,
    work: () => Promise<unknown>,
    ctx: Context<Record<string, unknown>, Meta>,
  ): Promise<unknown> {
    const owner = ownerOf(cache, ctx);
    const answers = this.#answers();
    // Without the caller that it needs the action refuses, cached or not.
    if (owner === undefined || answers === undefined || (cache.signedIn && !ctx.meta.caller)) return work();
    const group = `${action}:${owner}`;
    const request = requestOf(cache, ctx);
    const kept = await this.#look(answers, action, group, request);
    if (kept !== undefined) {
      ctx.cachedResult = true;
      return JSON.parse(kept) as unknown;
    }
    const result = await work();
    const text = JSON.stringify(result) as string | undefined;
    // Nobody waits for it, and whether it is kept is no matter of the caller's.
    if (text !== undefined) answers.keep(group, request, text, cache.ttlS).catch(this.#note);
    return result;
  }

  async #look(answers: Answers, action: string, group: string, request: string): Promise<string | undefined> {
    try {
      const kept = await answers.get(group, request);
      asked.inc({ action, outcome: kept === undefined ? "miss" : "hit" });
      return kept;
    } catch (thrown) {
      asked.inc({ action, outcome: "failed" });
      this.#note(thrown);
      return undefined;
    }
  }

  /** The store logs its own trouble. */
  readonly #note = (thrown: unknown): void => {
    this.logger.debug("the cache did not work", thrown instanceof Error ? thrown.message : thrown);
  };

  /** Forgets groups: by their names, or for operators (`cache clear`) by a pattern with `*`. */
  override async clean(match: string | string[] = "**"): Promise<void> {
    const answers = this.#answers();
    if (answers === undefined) return;
    try {
      const matches = [match].flat();
      const patterns = matches.filter(each => each.includes("*")).map(asPattern);
      const found = patterns.length === 0 ? [] : await answers.groups();
      const wanted = found.filter(group => patterns.some(pattern => pattern.test(group)));
      await answers.forget([...wanted, ...matches.filter(each => !each.includes("*"))]);
    } catch (thrown) {
      this.#note(thrown);
    }
  }

  override async getCacheKeys(): Promise<{ key: string }[]> {
    return ((await this.#answers()?.groups()) ?? []).map(key => ({ key }));
  }

  // What Moleculer asks of any cacher, for code that keeps something under a key of its own.
  override async get(key: string): Promise<Record<string, unknown> | null> {
    const kept = await this.#answers()?.get(key, VALUE);
    return kept === undefined ? null : (JSON.parse(kept) as Record<string, unknown>);
  }
  override async set(key: string, data: unknown, ttlS = 60): Promise<void> {
    await this.#answers()?.keep(key, VALUE, JSON.stringify(data), ttlS);
  }
  override getWithTTL(): Promise<never> {
    return Promise.reject(fail("INTERNAL", "answers are not refreshed before their time"));
  }
  override lock(): Promise<never> {
    return Promise.reject(fail("INTERNAL", "answers are not locked: two that are worked out at once are the same"));
  }
  override tryLock(): Promise<never> {
    return this.lock();
  }
  override async del(key: string | string[]): Promise<void> {
    await this.#answers()?.forget([key].flat());
  }
  override async close(): Promise<void> {
    await Promise.resolve();
  }
}

const ownerOf = (cache: ActionCache, { meta, params }: Context<Record<string, unknown>, Meta>): string | undefined => {
  if (cache.of === "everyone") return "everyone";
  const owner = cache.of === "caller" ? meta.caller?.userId : params["user_id"];
  return typeof owner === "string" ? owner : undefined;
};

/** The parameters in an order that does not depend on who wrote them, and what else of the caller a handler can see. */
function requestOf(cache: ActionCache, { meta, params }: Context<Record<string, unknown>, Meta>): string {
  return JSON.stringify([cache.of === "caller" ? meta.caller?.provider : null, inOrder(params)]);
}

const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const parts = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(parts.map(([name, part]) => [name, inOrder(part)]));
};

const asPattern = (match: string): RegExp =>
  new RegExp(`^${match.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll(/\*+/g, ".*")}$`);
