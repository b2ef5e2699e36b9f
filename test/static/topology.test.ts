import { describe, expect, it } from "@jest/globals";
import { topologyResources } from "../../broker/channels/topology-resources.ts";
import { deadQueueName, queuesOf, retryQueueName, topologyOf } from "../../broker/channels/topology.ts";
import { contracts } from "../../services/contracts.ts";

const topology = topologyOf(contracts);
const names = topology.queues.map(queue => queue.name);

describe("the topology of the house", () => {
  it("has an exchange for every channel and a queue for every consumer of it", () => {
    const channels = contracts.flatMap(contract => Object.keys(contract.channels));
    expect(topology.exchanges.map(exchange => exchange.name)).toEqual([...channels].sort());
    for (const { exchange, queue } of topology.bindings) {
      expect(channels).toContain(exchange);
      expect(names).toContain(queue);
    }
  });

  it("leaves no channel without a consumer: its messages would stay in the outbox for ever", () => {
    const consumed = new Set(topology.bindings.map(({ exchange }) => exchange));
    expect(topology.exchanges.filter(({ name }) => !consumed.has(name))).toEqual([]);
  });

  it("sends what leaves a queue by itself to a queue that is there", () => {
    for (const { arguments: args } of topology.queues) {
      const target = args["x-dead-letter-routing-key"];
      if (target !== undefined) expect(names).toContain(target);
    }
  });

  it("has a ladder and dead letters for every consumer, all quorum queues", () => {
    const queues = queuesOf("scan.scan.requested");
    expect(queues.map(queue => queue.name)).toEqual([
      "scan.scan.requested",
      ...[1_000, 10_000, 60_000].map(waitMs => retryQueueName("scan.scan.requested", waitMs)),
      deadQueueName("scan.scan.requested"),
    ]);
    for (const queue of topology.queues) expect(queue.arguments["x-queue-type"]).toBe("quorum");
  });

  it("makes one resource for each thing, with names that Kubernetes takes", () => {
    const resources = topologyResources(topology, { name: "rabbitmq", namespace: "rabbitmq" });
    expect(resources).toHaveLength(topology.exchanges.length + topology.queues.length + topology.bindings.length);
    const addresses = resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const { metadata } of resources) expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});
