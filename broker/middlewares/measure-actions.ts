import type { Middleware, Service } from "moleculer";
import { familyOf } from "../errors.ts";
import { callDurations, startClock } from "../metrics.ts";

const durations = callDurations({
  name: "eco2_action_duration_seconds",
  help: "Actions that this process worked on. outcome: ok, or whose fault it was",
  labels: ["action", "outcome"],
});

/** Measures every action where it is worked on. Moleculer's own metrics cost up to half of the throughput. */
export const measureActions: Middleware = {
  name: "MeasureActions",
  localAction(next, schema) {
    const action = schema.name ?? "";
    // The gateway's requests are measured by their routes.
    if (action === "api.rest") return next;
    return async function (this: Service, ctx) {
      const clock = startClock();
      try {
        const result: unknown = await next.call(this, ctx);
        durations.observe({ action, outcome: "ok" }, clock());
        return result;
      } catch (thrown) {
        durations.observe({ action, outcome: familyOf(thrown) }, clock());
        throw thrown;
      }
    };
  },
};
