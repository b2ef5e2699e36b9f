import type { ServiceBroker } from "moleculer";
import type { Contract } from "../../broker/contract.ts";
import type { State } from "../../broker/readiness.ts";
import { houseRedis } from "../../mixins/redis/house-redis.ts";

/**
 * Asks every room of the house whether it can work: it must be there, and if it has an action `ready`, that one must answer, with the
 * states of what the room stands on (`{ database: "ok" }`). What does not answer in time counts as down.
 * Redis is never down: what it does for the house, the house does worse without it, and no other process would do it better.
 * @returns the state of every room and of everything that rooms named
 */
export async function checkReadiness(
  broker: ServiceBroker,
  contracts: readonly Contract[],
  timeoutMs: number,
): Promise<Record<string, State>> {
  const states: Record<string, State> = {};
  const note = (name: string, state: State) => {
    if (states[name] !== "down") states[name] = state;
  };
  await Promise.all(
    contracts.map(async ({ name, actions }) => {
      const [first] = Object.keys(actions);
      if (first === undefined || !isThere(broker, `${name}.${first}`)) {
        note(name, "down");
        return;
      }
      const canTell = isThere(broker, `${name}.ready`);
      try {
        const answer = canTell
          ? await broker.call<Record<string, State> | null, object>(`${name}.ready`, {}, { timeout: timeoutMs })
          : {};
        for (const [dependency, state] of Object.entries(answer ?? {}))
          note(dependency, state === "ok" ? "ok" : "down");
        note(name, "ok");
      } catch {
        note(name, "down");
      }
    }),
  );
  const redis = houseRedis();
  if (redis) states["redis"] = redis.trouble() === undefined ? "ok" : "degraded";
  return states;
}

/** Asks the registry itself: looking for an endpoint to call would log every room that has no such action. */
const isThere = (broker: ServiceBroker, action: string): boolean => broker.registry.actions.isAvailable(action);
