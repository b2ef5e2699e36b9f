/**
 * `npm run topology`: what the channels need at RabbitMQ, computed from the contracts.
 * `npm run topology -- --crs`: the same as resources of RabbitMQ's topology operator.
 */
import { stringify } from "yaml";
import { topologyResources } from "../broker/channels/topology-resources.ts";
import { topologyOf, type Topology } from "../broker/channels/topology.ts";
import { table } from "../broker/repl/table.ts";
import { contracts } from "../services/contracts.ts";
import { readOptions } from "./read-options.ts";

const HELP = `npm run topology            exchanges, queues with their arguments, and bindings, as tables
npm run topology -- --crs   the same as resources of RabbitMQ's topology operator
  --cluster <name>          name of the RabbitmqCluster (rabbitmq)
  --namespace <name>        its namespace (rabbitmq)
`;

const say = (line = ""): void => void process.stdout.write(`${line}\n`);

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  say(`${title} (${rows.length})`);
  for (const line of table(head, rows)) say(`  ${line}`);
  say();
}

function show({ exchanges, queues, bindings }: Topology): void {
  section(
    "exchanges",
    ["NAME", "TYPE"],
    exchanges.map(({ name, type }) => [name, type]),
  );
  const args = (all: Record<string, string | number>): string =>
    Object.entries(all)
      .map(([name, value]) => `${name.replace("x-", "")}=${value === "" ? "''" : value}`)
      .join(" ");
  section(
    "queues",
    ["NAME", "ARGUMENTS"],
    queues.map(queue => [queue.name, args(queue.arguments)]),
  );
  section(
    "bindings",
    ["EXCHANGE", "QUEUE"],
    bindings.map(({ exchange, queue }) => [exchange, queue]),
  );
}

const options = {
  crs: { type: "boolean", default: false },
  cluster: { type: "string", default: "rabbitmq" },
  namespace: { type: "string", default: "rabbitmq" },
  help: { type: "boolean", short: "h", default: false },
} as const;
const { crs, cluster, namespace, help } = readOptions(options, HELP);
const topology = topologyOf(contracts);
if (help) process.stdout.write(HELP);
else if (!crs) show(topology);
else
  say(
    topologyResources(topology, { name: cluster, namespace })
      .map(resource => stringify(resource))
      .join("---\n"),
  );
