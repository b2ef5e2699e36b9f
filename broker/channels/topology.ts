import type { Contract } from "../contract.ts";
import { DELIVERY_LIMIT, queueName, RETRY_LADDER_MS } from "./carrier.ts";

export interface Exchange {
  name: string;
  type: "fanout";
}
export interface Queue {
  name: string;
  arguments: Record<string, string | number>;
}
export interface Binding {
  exchange: string;
  queue: string;
}
/** Everything durable that the channels need at RabbitMQ. */
export interface Topology {
  exchanges: Exchange[];
  queues: Queue[];
  bindings: Binding[];
}

/** How the topology comes to be: `declare` makes it, `check` expects it (the cluster's operator made it). */
export type TopologyMode = "declare" | "check";

export const retryQueueName = (queue: string, waitMs: number): string => `${queue}.retry.${waitMs / 1000}s`;
export const deadQueueName = (queue: string): string => `${queue}.dead`;

/** Where a queue's messages go when they leave it by themselves; the default exchange routes to a queue by its name. */
const leavingTo = (queue: string) => ({
  "x-dead-letter-exchange": "",
  "x-dead-letter-routing-key": queue,
  // Without it a message can be lost on its way to the other queue; it asks for reject-publish.
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish",
});

/** A consumer's queues: its own, the steps of its retry ladder, and its dead letters. Every argument is explicit. */
export function queuesOf(queue: string): Queue[] {
  return [
    {
      name: queue,
      arguments: { "x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT, ...leavingTo(deadQueueName(queue)) },
    },
    ...RETRY_LADDER_MS.map(waitMs => ({
      name: retryQueueName(queue, waitMs),
      arguments: { "x-queue-type": "quorum", "x-message-ttl": waitMs, ...leavingTo(queue) },
    })),
    { name: deadQueueName(queue), arguments: { "x-queue-type": "quorum", "x-overflow": "reject-publish" } },
  ];
}

/** The topology of a set of doors: one fanout exchange per channel, and the queues of each that consumes it. */
export function topologyOf(contracts: readonly Contract[]): Topology {
  const bindings = contracts.flatMap(({ name, consumes = {} }) =>
    Object.keys(consumes).map(channel => ({ exchange: channel, queue: queueName(name, channel) })),
  );
  const channels = new Set([
    ...contracts.flatMap(({ channels = {} }) => Object.keys(channels)),
    ...bindings.map(({ exchange }) => exchange),
  ]);
  return {
    exchanges: [...channels].sort().map(name => ({ name, type: "fanout" })),
    queues: bindings.flatMap(({ queue }) => queuesOf(queue)),
    bindings,
  };
}
