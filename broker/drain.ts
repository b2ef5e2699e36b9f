import type { ServiceBroker } from "moleculer";
import { env } from "./env.ts";

/** Takes nothing new, and resolves when what is in hand is finished; what is not by `graceMs` is given up. */
export type Drain = (graceMs: number) => Promise<void>;

/** Requests are finished before messages: somebody may be waiting for a request that needs messages to be answered. */
const ORDER = ["requests", "messages"] as const;
type Kind = (typeof ORDER)[number];

const drains = new WeakMap<ServiceBroker, { kind: Kind; drain: Drain }[]>();

/**
 * Lets a part of the house finish its work in hand before any room of the process stops, since finishing may need other rooms.
 * SHUTDOWN_MS is the time for all of it.
 */
export function drainBeforeStop(broker: ServiceBroker, kind: Kind, drain: Drain): void {
  const known = drains.get(broker);
  if (known) known.push({ kind, drain });
  else {
    const parts = [{ kind, drain }];
    drains.set(broker, parts);
    broker.middlewares.add({ name: "Drain", stopping: () => drainAll(parts) });
  }
}

async function drainAll(parts: readonly { kind: Kind; drain: Drain }[]): Promise<void> {
  const endsAt = Date.now() + env.SHUTDOWN_MS;
  for (const now of ORDER) {
    const graceMs = Math.max(0, endsAt - Date.now());
    await Promise.all(parts.filter(({ kind }) => kind === now).map(({ drain }) => drain(graceMs)));
  }
}
