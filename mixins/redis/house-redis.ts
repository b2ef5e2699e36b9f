import type { Middleware, ServiceBroker } from "moleculer";
import { env } from "../../broker/env.ts";
import { fail } from "../../broker/errors.ts";
import { worksBetterWith } from "../../broker/readiness.ts";
import { type HouseRedis, openRedis } from "./redis.ts";

let current: HouseRedis | undefined;
let holders = 0;
let forget = (): void => undefined;

/** The Redis of this process; undefined where REDIS_URL is not set: then memory does. */
export const houseRedis = (): HouseRedis | undefined => current;

/** Opens Redis with the first broker of the process and closes it after the last one's rooms have stopped. */
export const keepRedis: Middleware = {
  name: "KeepRedis",
  created(broker: ServiceBroker) {
    if (env.REDIS_URL === undefined) return;
    holders++;
    if (current) return;
    current = openRedis({ url: env.REDIS_URL, namespace: env.NAMESPACE }, broker.getLogger("redis"));
    forget = worksBetterWith("redis", async () => {
      if (current?.trouble() !== undefined) throw fail("SERVICE_UNAVAILABLE");
    });
  },
  async stopped() {
    if (current === undefined || --holders > 0) return;
    const closing = current;
    current = undefined;
    forget();
    await closing.close();
  },
};
