import { containersOf, selects, type PodSpec, type PodTemplate, type Toleration } from "./objects.ts";
import type { Node } from "./node-table.ts";
import { onEveryNode } from "./others-pods.ts";
import type { Pod } from "./pods.ts";

const UNITS: Record<string, number> = { Ki: 1 / 1024, Mi: 1, Gi: 1024 };
/** `250m` → 250, `2` → 2000 */
export const cpuM = (quantity = "0"): number =>
  quantity.endsWith("m") ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
/** `1Gi` → 1024 */
export const memoryMib = (quantity = "0"): number => {
  const unit = quantity.slice(-2);
  const factor = UNITS[unit];
  return factor === undefined ? Number(quantity) / 1024 ** 2 : Number(quantity.slice(0, -2)) * factor;
};

/** What the scheduler counts for a pod: its containers together, or the largest of those that run before, if that is more. */
export function requestsOf({ spec }: PodTemplate): { cpuM: number; memoryMib: number } {
  const read = ({ resources }: (typeof spec.containers)[number]) => ({
    cpuM: cpuM(resources?.requests?.cpu),
    memoryMib: memoryMib(resources?.requests?.memory),
  });
  const all = spec.containers.map(read);
  const before = (spec.initContainers ?? []).map(read);
  const most = (of: "cpuM" | "memoryMib") =>
    Math.max(
      all.reduce((sum, each) => sum + each[of], 0),
      ...before.map(each => each[of]),
    );
  return { cpuM: most("cpuM"), memoryMib: most("memoryMib") };
}

const tolerates = (
  { key, operator = "Equal", value = "", effect }: Toleration,
  taint: Node["taints"][number],
): boolean =>
  (key === undefined || key === taint.key) &&
  (effect === undefined || effect === taint.effect) &&
  (operator === "Exists" || value === taint.value);

/** Whether a pod may be on a node at all: its labels, its taints. @returns why not */
export function refusal({ nodeSelector = {}, tolerations = [], affinity }: PodSpec, node: Node): string | undefined {
  const missing = Object.entries(nodeSelector).filter(([key, value]) => node.labels[key] !== value);
  if (missing.length > 0) return `lacks the label ${missing.map(pair => pair.join("=")).join(",")}`;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms?.some(({ matchExpressions }) => selects({ matchExpressions }, node.labels)) === false)
    return "is not where its affinity wants";
  const taint = node.taints.find(each => !tolerations.some(toleration => tolerates(toleration, each)));
  return taint && `has the taint ${taint.key}=${taint.value}`;
}

interface Place {
  node: Node;
  pods: Pod[];
  cpuM: number;
  memoryMib: number;
}
export interface Schedule {
  /** What no node takes, each with every node's reason. */
  pending: string[];
  places: readonly Place[];
}

const repels = ({ template, namespace }: Pod, other: Pod): boolean =>
  namespace === other.namespace &&
  (template.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
    ({ labelSelector }) => selects(labelSelector, other.labels),
  );

/** Places every pod, as many as there can be of it, on the node with most room left, as kube-scheduler would. */
export function schedule(pods: readonly Pod[], nodes: readonly Node[]): Schedule {
  const places = nodes.map((node): Place => ({ node, pods: [], ...onEveryNode }));
  const pending: string[] = [];
  const bySize = [...pods].sort((a, b) => requestsOf(b.template).memoryMib - requestsOf(a.template).memoryMib);
  for (const pod of bySize.flatMap(each => Array.from({ length: each.most }, () => each))) {
    const wanted = requestsOf(pod.template);
    const reasons: string[] = [];
    const open = places.filter(place => {
      const why = whyNot(pod, wanted, place);
      if (why !== undefined) reasons.push(`${place.node.name} ${why}`);
      return why === undefined;
    });
    const [best] = open.sort((a, b) => b.node.memoryMib - b.memoryMib - (a.node.memoryMib - a.memoryMib));
    if (!best) pending.push(`${pod.name}: ${reasons.join("; ")}`);
    else {
      best.pods.push(pod);
      best.cpuM += wanted.cpuM;
      best.memoryMib += wanted.memoryMib;
    }
  }
  return { pending, places };
}

function whyNot(
  pod: Pod,
  wanted: { cpuM: number; memoryMib: number },
  { node, pods, cpuM, memoryMib }: Place,
): string | undefined {
  const refused = refusal(pod.template.spec, node);
  if (refused !== undefined) return refused;
  if (pods.some(other => repels(pod, other) || repels(other, pod))) return "has one that it keeps apart from";
  if (cpuM + wanted.cpuM > node.cpuM) return `has ${node.cpuM - cpuM}m CPU left`;
  return memoryMib + wanted.memoryMib > node.memoryMib ? `has ${node.memoryMib - memoryMib} MiB left` : undefined;
}

/** Containers of a pod that say no request: the scheduler would count them as nothing. */
export const withoutRequests = (template: PodTemplate): string[] =>
  containersOf(template)
    .filter(
      ({ resources }) =>
        resources?.requests?.cpu === undefined ||
        resources.requests.memory === undefined ||
        resources.limits?.memory === undefined,
    )
    .map(({ name }) => name);
