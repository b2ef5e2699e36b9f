import type { ServerResponse } from "node:http";
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { fail } from "../../broker/errors.ts";
import type { HouseRedis } from "../../mixins/redis/redis.ts";
import { type LimitName, LIMITS } from "./limits.ts";

export interface RateLimitOptions {
  /** Share of the limits that holds here, in percent; 0: none at all. */
  percent: number;
  /** What processes count in together; undefined: each counts for itself. Asked at every request. */
  redis: () => HouseRedis | undefined;
}

const KEY_PREFIX = "limit:";

/**
 * Counts requests and refuses those beyond their limit. While Redis is gone, hung, full or read-only each process counts for itself:
 * a person may then ask as often at each of them, and nobody is refused for Redis' sake.
 */
export class RateLimits {
  readonly #options: RateLimitOptions;
  readonly #alone = new Map<LimitName, RateLimiterMemory>();
  #together: { redis: HouseRedis; limiters: Map<LimitName, RateLimiterRedis> } | undefined;

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /**
   * Counts one request, and writes what is left of the tightest limit into the answer (draft-ietf-httpapi-ratelimit-headers).
   * @param who the address or the person that the limits are of
   * @throws RATE_LIMITED with the seconds until it may be tried again
   */
  async take(res: ServerResponse, names: readonly LimitName[], who: string): Promise<void> {
    if (this.#options.percent === 0) return;
    for (const name of names) {
      const limiter = this.#limiter(name);
      const left = await limiter.consume(who).catch((thrown: unknown) => {
        if (thrown instanceof RateLimiterRes) return thrown;
        throw thrown;
      });
      const resetS = Math.max(1, Math.ceil(left.msBeforeNext / 1000));
      this.#tell(res, name, limiter, left.remainingPoints, resetS);
      if (left.consumedPoints > limiter.points)
        throw fail("RATE_LIMITED", `At most ${limiter.points} requests in ${limiter.duration} seconds.`, {
          retryAfterS: resetS,
        });
    }
  }

  #tell(res: ServerResponse, name: LimitName, limiter: RateLimiterAbstract, left: number, resetS: number): void {
    const before = /;r=(\d+)/.exec(String(res.getHeader("ratelimit") ?? ""))?.[1];
    if (before !== undefined && Number(before) <= left) return;
    res.setHeader("ratelimit-policy", `"${name}";q=${limiter.points};w=${limiter.duration}`);
    res.setHeader("ratelimit", `"${name}";r=${Math.max(0, left)};t=${resetS}`);
  }

  #limiter(name: LimitName): RateLimiterAbstract {
    const redis = this.#options.redis();
    if (redis === undefined || redis.trouble() !== undefined) return this.#ownLimiter(name);
    if (this.#together?.redis !== redis) this.#together = { redis, limiters: new Map() };
    const { limiters } = this.#together;
    const limiter =
      limiters.get(name) ??
      new RateLimiterRedis({
        ...this.#sizeOf(name),
        storeClient: redis.commands,
        keyPrefix: redis.key(KEY_PREFIX + name),
        // Trouble that begins in this very moment.
        insuranceLimiter: this.#ownLimiter(name),
      });
    limiters.set(name, limiter);
    return limiter;
  }

  #ownLimiter(name: LimitName): RateLimiterMemory {
    const limiter = this.#alone.get(name) ?? new RateLimiterMemory({ ...this.#sizeOf(name), keyPrefix: name });
    this.#alone.set(name, limiter);
    return limiter;
  }

  #sizeOf(name: LimitName): { points: number; duration: number } {
    const { points, perS } = LIMITS[name];
    return { points: Math.max(1, Math.round((points * this.#options.percent) / 100)), duration: perS };
  }
}
