import type { Service } from "moleculer";
import { mixin } from "../broker/service.ts";

interface Plan {
  timers: Set<NodeJS.Timeout>;
  running: Set<Promise<void>>;
}

/** Gives a room `every`: housekeeping at an interval, never overlapping itself, that a failure does not end. */
export function schedule() {
  // By service, not in one variable: the same file may be loaded by several brokers of one process.
  const plans = new WeakMap<Service, Plan>();
  return mixin({
    methods: {
      /**
       * Runs `work` about every `everyMs`, the first time after a tenth of it; jittered, so that processes do not run in step.
       * @param name for the log
       */
      every(everyMs: number, name: string, work: () => Promise<unknown>): void {
        const plan = plans.get(this) ?? { timers: new Set(), running: new Set() };
        plans.set(this, plan);
        const { timers, running } = plan;
        const runIn = (delayMs: number): void => {
          const timer = setTimeout(
            () => {
              timers.delete(timer);
              const run = work()
                .catch((cause: unknown) => this.logger.error({ err: cause, job: name }, "housekeeping failed"))
                .then(() => {
                  running.delete(run);
                  runIn(everyMs);
                });
              running.add(run);
            },
            delayMs * (0.9 + Math.random() * 0.2),
          );
          timer.unref();
          timers.add(timer);
        };
        runIn(everyMs / 10);
      },
    },
    async stopped(this: Service) {
      const plan = plans.get(this);
      if (!plan) return;
      await Promise.all(plan.running);
      for (const timer of plan.timers) clearTimeout(timer);
    },
  });
}
