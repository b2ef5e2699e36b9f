import { readFileSync } from "node:fs";
import type { Environment } from "./render.ts";

interface Row {
  name: string;
  type: string;
  count: Record<Environment, number>;
  labels: Record<string, string>;
  taints: Node["taints"];
}
interface Table {
  types: Record<string, { cpu_m: number; memory_mib: number }>;
  /** What the kubelet keeps for the machine itself. */
  reserved: { cpu_m: number; memory_mib: number };
  nodes: Row[];
}
/** The one table of machines: Terraform makes them by it, Ansible labels and taints them by it. */
const table = JSON.parse(readFileSync(new URL("../../terraform/live/nodes.json", import.meta.url), "utf8")) as Table;

export interface Node {
  name: string;
  labels: Record<string, string>;
  taints: readonly { key: string; value: string; effect: string }[];
  /** What pods may have of it. */
  cpuM: number;
  memoryMib: number;
}

/** The machines of an environment: each row of the node table as often as it counts there. */
export function nodesOf(environment: Environment): Node[] {
  return table.nodes.flatMap(row => {
    const type = table.types[row.type] ?? { cpu_m: 0, memory_mib: 0 };
    const count = row.count[environment];
    return Array.from({ length: count }, (_, index): Node => {
      const name = count === 1 ? row.name : `${row.name}-${index + 1}`;
      return {
        name,
        labels: { ...row.labels, "kubernetes.io/hostname": name },
        taints: row.taints,
        cpuM: type.cpu_m - table.reserved.cpu_m,
        memoryMib: type.memory_mib - table.reserved.memory_mib,
      };
    });
  });
}
