/**
 * `npm run topology`: what the channels need at RabbitMQ, computed from the contracts.
 * `npm run topology -- --crs`: the same as resources of RabbitMQ's topology operator.
 */
import { stringify } from "yaml";
import { topologyResources } from "../broker/channels/topology-resources.ts";
import { topologyOf, type Topology } from "../broker/channels/topology.ts";
import { contracts } from "../services/contracts.ts";
import { readOptions } from "./read-options.ts";

const HELP = `npm run topology            exchanges, queues with their arguments, and bindings, as tables
npm run topology -- --crs   the same as resources of RabbitMQ's topology operator
  --cluster <name>          name of the RabbitmqCluster (rabbitmq)
  --namespace <name>        its namespace (rabbitmq)
`;

const say = (line = ""): void => void process.stdout.write(`${line}\n`);

function table(title: string, rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? "").length)));
  say(`${title} (${rows.length - 1})`);
  for (const row of rows) say(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
  say();
}

function show({ exchanges, queues, bindings }: Topology): void {
  table("exchanges", [["NAME", "TYPE"], ...exchanges.map(({ name, type }) => [name, type])]);
  const args = (all: Record<string, string | number>): string =>
    Object.entries(all)
      .map(([name, value]) => `${name.replace("x-", "")}=${value === "" ? "''" : value}`)
      .join(" ");
  table("queues", [["NAME", "ARGUMENTS"], ...queues.map(queue => [queue.name, args(queue.arguments)])]);
  table("bindings", [["EXCHANGE", "QUEUE"], ...bindings.map(({ exchange, queue }) => [exchange, queue])]);
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
