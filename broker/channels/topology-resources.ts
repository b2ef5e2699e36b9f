import type { Topology } from "./topology.ts";

/** The cluster that resources belong to, as the topology operator names it. */
export interface ClusterReference {
  name: string;
  namespace: string;
}
interface Resource {
  apiVersion: "rabbitmq.com/v1beta1";
  kind: "Exchange" | "Queue" | "Binding";
  metadata: { name: string; namespace: string };
  spec: Record<string, unknown>;
}

/** The topology as resources of RabbitMQ's topology operator, so that what the code needs and what the cluster has are one thing. */
export function topologyResources({ exchanges, queues, bindings }: Topology, cluster: ClusterReference): Resource[] {
  const resource = (kind: Resource["kind"], name: string, spec: Record<string, unknown>): Resource => ({
    apiVersion: "rabbitmq.com/v1beta1",
    kind,
    metadata: { name: resourceName(name), namespace: cluster.namespace },
    spec: { ...spec, rabbitmqClusterReference: cluster },
  });
  return [
    ...exchanges.map(({ name, type }) => resource("Exchange", name, { name, type, durable: true })),
    ...queues.map(({ name, arguments: all }) => {
      const { "x-queue-type": type, ...others } = all;
      return resource("Queue", name, { name, type, durable: true, arguments: others });
    }),
    ...bindings.map(({ exchange, queue }) =>
      resource("Binding", queue, { source: exchange, destination: queue, destinationType: "queue", routingKey: "" }),
    ),
  ];
}

/** Names of Kubernetes objects are DNS labels. */
const resourceName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-");
