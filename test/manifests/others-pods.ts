/**
 * Pods that this repository makes but does not write out: those of charts and operators (charts can't be fetched here, so where their
 * values go is what their documentation says), of kubeadm, of ArgoCD's own manifest and of Calico.
 */
import type { App } from "./render.ts";
import type { Affinity, KubeObject, PodSpec, PodTemplate, Resources, Toleration } from "./objects.ts";

export interface OthersPod {
  name: string;
  namespace: string;
  app: string;
  replicas: number;
  template: PodTemplate;
  daemon?: true;
}
interface Placement {
  nodeSelector?: Record<string, string>;
  tolerations?: Toleration[];
  resources?: Resources;
}
interface ChartPod {
  name: string;
  /** Where in the values its placement stands; "" is the top. */
  at: string;
  labels: Record<string, string>;
  /** Where else the chart reads its resources from. */
  resourcesAt?: string;
  replicasAt?: string;
}

const named = (name: string, instance?: string): Record<string, string> => ({
  "app.kubernetes.io/name": name,
  ...(instance === undefined ? {} : { "app.kubernetes.io/instance": instance }),
});

/** By Application: every pod its chart makes. What a chart leaves out here would be placed nowhere by anybody. */
export const chartPods: Record<string, readonly ChartPod[]> = {
  "cert-manager": [
    { name: "cert-manager", at: "", labels: named("cert-manager") },
    { name: "cert-manager-webhook", at: "webhook", labels: named("webhook") },
    { name: "cert-manager-cainjector", at: "cainjector", labels: named("cainjector") },
    { name: "cert-manager-startupapicheck", at: "startupapicheck", labels: named("startupapicheck") },
  ],
  "secrets-operator": [
    { name: "external-secrets", at: "", labels: named("external-secrets") },
    { name: "external-secrets-webhook", at: "webhook", labels: named("external-secrets-webhook") },
    {
      name: "external-secrets-cert-controller",
      at: "certController",
      labels: named("external-secrets-cert-controller"),
    },
  ],
  "ebs-csi": [
    {
      name: "ebs-csi-controller",
      at: "controller",
      labels: { app: "ebs-csi-controller" },
      replicasAt: "controller.replicaCount",
    },
  ],
  "alb-controller": [
    {
      name: "aws-load-balancer-controller",
      at: "",
      labels: named("aws-load-balancer-controller"),
      replicasAt: "replicaCount",
    },
  ],
  "external-dns": [{ name: "external-dns", at: "", labels: named("external-dns") }],
  "monitoring-operator": [
    { name: "monitoring-operator", at: "prometheusOperator", labels: { app: "kube-prometheus-stack-operator" } },
    {
      name: "admission-create",
      at: "prometheusOperator.admissionWebhooks.patch",
      labels: { app: "kube-prometheus-stack-admission-create" },
    },
    {
      name: "admission-patch",
      at: "prometheusOperator.admissionWebhooks.patch",
      labels: { app: "kube-prometheus-stack-admission-patch" },
    },
    {
      name: "prometheus",
      at: "prometheus.prometheusSpec",
      labels: named("prometheus"),
      replicasAt: "prometheus.prometheusSpec.replicas",
    },
    {
      name: "alertmanager",
      at: "alertmanager.alertmanagerSpec",
      labels: named("alertmanager"),
      replicasAt: "alertmanager.alertmanagerSpec.replicas",
    },
    { name: "kube-state-metrics", at: "kube-state-metrics", labels: named("kube-state-metrics") },
  ],
  grafana: [{ name: "grafana", at: "", labels: named("grafana"), replicasAt: "replicas" }],
  keda: [
    {
      name: "keda-operator",
      at: "",
      labels: { app: "keda-operator", ...named("keda-operator") },
      resourcesAt: "resources.operator",
    },
    {
      name: "keda-operator-metrics-apiserver",
      at: "",
      labels: { app: "keda-operator-metrics-apiserver", ...named("keda-operator-metrics-apiserver") },
      resourcesAt: "resources.metricServer",
    },
    {
      name: "keda-admission-webhooks",
      at: "",
      labels: { app: "keda-admission-webhooks", ...named("keda-admission-webhooks") },
      resourcesAt: "resources.webhooks",
    },
  ],
};

/** @returns what stands at `path` ("a.b.c"; "": all) of a chart's values */
export function valueAt(values: unknown, path: string): unknown {
  let value = values;
  for (const key of path === "" ? [] : path.split(".")) value = (value as Record<string, unknown> | undefined)?.[key];
  return value;
}

interface ChartSource {
  source?: {
    chart?: string;
    path?: string;
    helm?: { valuesObject?: Record<string, unknown> };
    kustomize?: { patches?: { target: { kind: string }; patch: string }[] };
  };
}
export const valuesOf = (app: App): Record<string, unknown> =>
  (app.spec as ChartSource).source?.helm?.valuesObject ?? {};

const podOf = (labels: Record<string, string>, { nodeSelector, tolerations, resources }: Placement): PodTemplate => ({
  metadata: { labels },
  spec: {
    containers: [{ name: "main", image: "", ...(resources && { resources }) }],
    ...(nodeSelector && { nodeSelector }),
    ...(tolerations && { tolerations }),
  },
});

/** The pods of an Application's chart, placed as its values say. */
export function podsOfChart(app: App): OthersPod[] {
  const values = valuesOf(app);
  return (chartPods[app.name] ?? []).map(({ name, at, labels, resourcesAt, replicasAt }) => {
    const placement = (valueAt(values, at) as Placement | undefined) ?? {};
    const resources =
      resourcesAt === undefined ? placement.resources : (valueAt(values, resourcesAt) as Resources | undefined);
    return {
      name,
      namespace: app.namespace,
      app: app.name,
      replicas: replicasAt === undefined ? 1 : ((valueAt(values, replicasAt) as number | undefined) ?? 1),
      template: podOf(labels, { ...placement, ...(resources && { resources }) }),
    };
  });
}

interface RabbitmqSpec {
  replicas: number;
  resources: Resources;
  tolerations: Toleration[];
  affinity: Affinity;
}
/** The pods that the cluster operator makes of a RabbitmqCluster. */
export function podsOfRabbitmq({ metadata, spec }: KubeObject, app: App): OthersPod {
  const { replicas, resources, tolerations, affinity } = spec as unknown as RabbitmqSpec;
  const template = podOf(named(metadata.name), { resources, tolerations });
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? "",
    app: app.name,
    replicas,
    template: { ...template, spec: { ...template.spec, affinity, priorityClassName: "data" } },
  };
}

const onControlPlane: PodSpec = {
  containers: [],
  nodeSelector: { role: "control-plane" },
  tolerations: [
    { key: "role", value: "control-plane", effect: "NoSchedule" },
    { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
  ],
};
const pod = (
  name: string,
  namespace: string,
  replicas: number,
  cpu: string,
  memory: string,
  spec: PodSpec,
  labels: Record<string, string>,
): OthersPod => ({
  name,
  namespace,
  app: "others",
  replicas,
  template: {
    metadata: { labels },
    spec: { ...spec, containers: [{ name, image: "", resources: { requests: { cpu, memory } } }] },
  },
});

/** Operators of wave 29 and 30 (requests: their own manifests), CoreDNS with kubeadm's tolerations, ArgoCD pinned by Ansible. */
export const fixedPods: readonly OthersPod[] = [
  pod(
    "rabbitmq-cluster-operator",
    "rabbitmq-system",
    1,
    "200m",
    "500Mi",
    onControlPlane,
    named("rabbitmq-cluster-operator"),
  ),
  pod(
    "messaging-topology-operator",
    "rabbitmq-system",
    1,
    "100m",
    "100Mi",
    onControlPlane,
    named("messaging-topology-operator"),
  ),
  pod(
    "coredns",
    "kube-system",
    2,
    "100m",
    "70Mi",
    {
      containers: [],
      tolerations: [
        { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule", operator: "Exists" },
        { key: "CriticalAddonsOnly", operator: "Exists" },
      ],
    },
    { "k8s-app": "kube-dns" },
  ),
  pod("argocd", "argocd", 7, "50m", "128Mi", onControlPlane, named("argocd-server")),
  // API server, controller manager, scheduler and etcd, as static pods.
  pod("control-plane", "kube-system", 1, "650m", "1100Mi", onControlPlane, {}),
];

/** On every node, whatever its taints: calico-node, kube-proxy, ebs-csi-node and node-exporter. */
export const onEveryNode = { cpuM: 250 + 0 + 30 + 20, memoryMib: 150 + 40 + 120 + 32 };
