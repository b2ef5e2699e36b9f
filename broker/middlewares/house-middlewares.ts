import type { Middleware } from "moleculer";
import { env } from "../env.ts";
import { internalPort } from "./internal-port.ts";
import { measureActions } from "./measure-actions.ts";

/** What every call and every process of the house goes through. */
export function houseMiddlewares(): Middleware[] {
  const internal =
    env.METRICS_PORT === undefined
      ? []
      : [measureActions, internalPort({ host: env.METRICS_HOST, port: env.METRICS_PORT })];
  return [...internal];
}
