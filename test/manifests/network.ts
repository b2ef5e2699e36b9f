import { isIPv4 } from "node:net";
import { type LabelSelector, podTemplateOf, selects } from "./objects.ts";
import type { Pod } from "./pods.ts";
import type { Deployed } from "./render.ts";

interface Peer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: { cidr: string; except?: string[] };
}
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: { port: number | string; protocol?: string }[];
}
interface Policy {
  namespace: string;
  podSelector: LabelSelector;
  policyTypes: string[];
  ingress?: Rule[];
  egress?: Rule[];
}
/** The other end of a connection: a pod, or an address that is none. */
export type End = Pod | string;

const numberOf = (address: string): number => address.split(".").reduce((all, part) => all * 256 + Number(part), 0);
function isWithin(address: string, cidr: string): boolean {
  const [network = "", bits = "32"] = cidr.split("/");
  if (!isIPv4(address) || !isIPv4(network)) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(network) / size);
}

/** What NetworkPolicies let through, as the documentation of Kubernetes says: both ends have to allow it, each if any policy is for it. */
export class Network {
  readonly #policies: Policy[];
  readonly #namespaces: Map<string, Record<string, string>>;

  constructor(objects: readonly Deployed[]) {
    this.#policies = objects
      .filter(({ kind }) => kind === "NetworkPolicy")
      .map(({ metadata, spec }) => ({
        namespace: metadata.namespace ?? "",
        ...(spec as unknown as Omit<Policy, "namespace">),
      }));
    const labelled = objects
      .filter(({ kind }) => kind === "Namespace")
      .map(({ metadata }) => [metadata.name, metadata.labels ?? {}] as const);
    this.#namespaces = new Map(
      [["kube-system", {}] as const, ["argocd", {}] as const, ...labelled].map(([name, labels]) => [
        name,
        { ...labels, "kubernetes.io/metadata.name": name },
      ]),
    );
  }

  allows(from: End, to: End, port: number, protocol = "TCP"): boolean {
    const out = typeof from === "string" || this.#lets(from, "Egress", to, port, protocol);
    return out && (typeof to === "string" || this.#lets(to, "Ingress", from, port, protocol));
  }

  #lets(pod: Pod, direction: "Ingress" | "Egress", other: End, port: number, protocol: string): boolean {
    const own = this.#policies.filter(
      ({ namespace, podSelector, policyTypes }) =>
        namespace === pod.namespace && policyTypes.includes(direction) && selects(podSelector, pod.labels),
    );
    if (own.length === 0) return true;
    return own.some(policy =>
      (direction === "Ingress" ? policy.ingress : policy.egress)?.some(
        ({ from, to, ports }) =>
          (ports?.some(each => each.port === port && (each.protocol ?? "TCP") === protocol) ?? true) &&
          ((from ?? to)?.some(peer => this.#means(peer, other, policy.namespace)) ?? true),
      ),
    );
  }

  #means({ podSelector, namespaceSelector, ipBlock }: Peer, end: End, namespace: string): boolean {
    if (typeof end === "string")
      return (
        ipBlock !== undefined &&
        isWithin(end, ipBlock.cidr) &&
        !(ipBlock.except ?? []).some(cidr => isWithin(end, cidr))
      );
    if (ipBlock) return false;
    const inPlace =
      namespaceSelector === undefined
        ? end.namespace === namespace
        : selects(namespaceSelector, this.#namespaces.get(end.namespace));
    return inPlace && selects(podSelector ?? {}, end.labels);
  }
}

/** Ports that the pods of others listen on, as their documentation says. */
const othersPorts: Record<string, readonly number[]> = {
  "kube-system/coredns": [53, 9153],
  "rabbitmq/rabbitmq": [4369, 5672, 15672, 15692, 25672],
  "prometheus/prometheus": [9090, 8080],
  "prometheus/alertmanager": [9093, 8080],
  "prometheus/kube-state-metrics": [8080],
  "prometheus/monitoring-operator": [10250],
  "grafana/grafana": [3000],
  "platform-system/cert-manager": [9402],
  "platform-system/cert-manager-webhook": [10250, 9402],
  "platform-system/external-secrets": [8080],
  "platform-system/external-secrets-webhook": [10250, 8080],
  "platform-system/keda-operator": [9666, 8080],
  "platform-system/keda-operator-metrics-apiserver": [6443, 8080],
  "platform-system/keda-admission-webhooks": [9443],
  "rabbitmq-system/messaging-topology-operator": [9443, 8080],
  "rabbitmq-system/rabbitmq-cluster-operator": [9782],
};
/** Every port that a pod listens on. */
export const portsOf = ({ name, template }: Pod): readonly number[] =>
  othersPorts[name] ??
  template.spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));

/** Pods behind a Service, with the port that theirs leads to. */
export function behind(
  objects: readonly Deployed[],
  pods: readonly Pod[],
  name: string,
  namespace: string,
  port: number,
): { pod: Pod; port: number }[] {
  // RabbitMQ's Service is its operator's.
  if (name === "rabbitmq") return pods.filter(pod => pod.name === "rabbitmq/rabbitmq").map(pod => ({ pod, port }));
  const service = objects.find(
    object => object.kind === "Service" && object.metadata.name === name && object.metadata.namespace === namespace,
  );
  const selector = service?.spec?.["selector"] as Record<string, string> | undefined;
  const target = (service?.spec?.["ports"] as { port: number; targetPort: string }[] | undefined)?.find(
    each => each.port === port,
  )?.targetPort;
  return objects.flatMap(object => {
    const template = podTemplateOf(object);
    if (
      !template ||
      !selector ||
      object.metadata.namespace !== namespace ||
      !selects({ matchLabels: selector }, template.metadata.labels)
    )
      return [];
    const open = template.spec.containers.flatMap(({ ports = [] }) => ports).find(each => each.name === target);
    const pod = pods.find(each => each.name === `${namespace}/${object.metadata.name}`);
    return open && pod ? [{ pod, port: open.containerPort }] : [];
  });
}
