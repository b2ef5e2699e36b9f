import { containersOf, podTemplateOf } from "./objects.ts";
import { valueAt, valuesOf } from "./others-pods.ts";
import type { App, Deployed } from "./render.ts";

/** Something that is named: `Secret auth/keys`, or of a Secret one of its keys: `Secret auth/keys#AUTH_PRIVATE_KEY`. */
export interface Reference {
  by: string;
  to: string;
  wave: number;
}
type Say = (kind: string, name: string, namespace?: string) => void;

const field = (object: Deployed, path: string): unknown => valueAt(object, path);

/** What an object names that must have been made before it, or with it. */
export function referencesOf(object: Deployed): Reference[] {
  const { kind, metadata, app } = object;
  const found: Reference[] = [];
  const by = `${app.name}: ${kind} ${metadata.name}`;
  const say: Say = (to, name, namespace = metadata.namespace ?? "") =>
    found.push({ by, to: `${to} ${namespace === "" ? "" : `${namespace}/`}${name}`, wave: app.wave });
  if (metadata.namespace !== undefined) say("Namespace", metadata.namespace, "");
  podReferences(object, say);
  sayers[kind]?.(object, say);
  return found;
}

function podReferences(object: Deployed, say: Say): void {
  const template = podTemplateOf(object);
  if (!template) return;
  const { spec } = template;
  if (spec.serviceAccountName !== undefined) say("ServiceAccount", spec.serviceAccountName);
  if (spec.priorityClassName?.startsWith("system-") === false) say("PriorityClass", spec.priorityClassName, "");
  for (const { name } of spec.imagePullSecrets ?? []) say("Secret", name);
  for (const { secret, configMap } of spec.volumes ?? []) {
    if (secret) say("Secret", secret.secretName);
    if (configMap) say("ConfigMap", configMap.name);
  }
  for (const { env = [], envFrom = [] } of containersOf(template)) {
    for (const { valueFrom } of env) {
      if (valueFrom?.secretKeyRef) say("Secret", `${valueFrom.secretKeyRef.name}#${valueFrom.secretKeyRef.key}`);
      if (valueFrom?.configMapKeyRef)
        say("ConfigMap", `${valueFrom.configMapKeyRef.name}#${valueFrom.configMapKeyRef.key}`);
    }
    for (const { secretRef, configMapRef } of envFrom) {
      if (secretRef) say("Secret", secretRef.name);
      if (configMapRef) say("ConfigMap", configMapRef.name);
    }
  }
  for (const claim of (field(object, "spec.volumeClaimTemplates") as
    { spec: { storageClassName: string } }[] | undefined) ?? [])
    say("StorageClass", claim.spec.storageClassName, "");
}

interface Named {
  name: string;
  namespace?: string;
  kind?: string;
}
const clusterOf = (object: Deployed, say: Say) => {
  const { name, namespace } = (field(object, "spec.rabbitmqClusterReference") as Named | undefined) ?? { name: "?" };
  say("RabbitmqCluster", name, namespace);
};
const bindingOf = (object: Deployed, say: Say) => {
  const { kind = "", name } = (field(object, "roleRef") as Named | undefined) ?? { name: "?" };
  // Roles that every API server has of itself.
  if (!name.startsWith("system:") && name !== "extension-apiserver-authentication-reader")
    say(kind, name, kind === "ClusterRole" ? "" : undefined);
  for (const subject of (field(object, "subjects") as Named[] | undefined) ?? [])
    if (subject.kind === "ServiceAccount") say("ServiceAccount", subject.name, subject.namespace);
};
const scalerOf = (object: Deployed, say: Say) => {
  const { kind = "Deployment", name } = (field(object, "spec.scaleTargetRef") as Named | undefined) ?? { name: "?" };
  say(kind, name);
};
const webhookOf = (object: Deployed, say: Say) => {
  for (const webhook of (field(object, "webhooks") as { clientConfig: { service: Named } }[] | undefined) ?? [])
    say("Service", webhook.clientConfig.service.name, webhook.clientConfig.service.namespace);
};

const sayers: Record<string, (object: Deployed, say: Say) => void> = {
  ServiceAccount: (object, say) => {
    for (const { name } of (field(object, "imagePullSecrets") as Named[] | undefined) ?? []) say("Secret", name);
  },
  RoleBinding: bindingOf,
  ClusterRoleBinding: bindingOf,
  HorizontalPodAutoscaler: scalerOf,
  ScaledObject: (object, say) => {
    scalerOf(object, say);
    for (const { authenticationRef } of (field(object, "spec.triggers") as
      { authenticationRef?: Named }[] | undefined) ?? [])
      if (authenticationRef) say("TriggerAuthentication", authenticationRef.name);
  },
  TriggerAuthentication: (object, say) => {
    for (const { name, key } of (field(object, "spec.secretTargetRef") as
      { name: string; key: string }[] | undefined) ?? [])
      say("Secret", `${name}#${key}`);
  },
  ExternalSecret: (object, say) =>
    say("ClusterSecretStore", (field(object, "spec.secretStoreRef.name") as string | undefined) ?? "?", ""),
  Certificate: (object, say) => say("Issuer", (field(object, "spec.issuerRef.name") as string | undefined) ?? "?"),
  MutatingWebhookConfiguration: webhookOf,
  APIService: (object, say) => {
    const { name, namespace } = (field(object, "spec.service") as Named | undefined) ?? { name: "?" };
    say("Service", name, namespace);
  },
  RabbitmqCluster: (object, say) =>
    say("StorageClass", (field(object, "spec.persistence.storageClassName") as string | undefined) ?? "?", ""),
  Vhost: clusterOf,
  User: (object, say) => {
    clusterOf(object, say);
    const secret = (field(object, "spec.importCredentialsSecret.name") as string | undefined) ?? "?";
    say("Secret", `${secret}#username`);
    say("Secret", `${secret}#password`);
  },
  Permission: (object, say) => {
    clusterOf(object, say);
    say("User", (field(object, "spec.userReference.name") as string | undefined) ?? "?");
  },
  Exchange: clusterOf,
  Queue: clusterOf,
  Binding: clusterOf,
  Ingress: (object, say) => {
    say("IngressClass", (field(object, "spec.ingressClassName") as string | undefined) ?? "?", "");
    for (const { http } of (field(object, "spec.rules") as
      { http: { paths: { backend: { service: { name: string } } }[] } }[] | undefined) ?? [])
      for (const { backend } of http.paths) say("Service", backend.service.name);
  },
  AlertmanagerConfig: (object, say) => {
    for (const { slackConfigs = [] } of (field(object, "spec.receivers") as
      { slackConfigs?: { apiURL: { name: string; key: string } }[] }[] | undefined) ?? [])
      for (const { apiURL } of slackConfigs) say("Secret", `${apiURL.name}#${apiURL.key}`);
  },
};

/** What charts and operators make that others name, as their documentation says; by Application. */
const madeByOthers: Record<string, readonly string[]> = {
  "secrets-operator": ["ServiceAccount platform-system/external-secrets"],
  "ebs-csi": ["ServiceAccount kube-system/ebs-csi-controller-sa"],
  "alb-controller": ["ServiceAccount kube-system/aws-load-balancer-controller", "IngressClass alb"],
  "external-dns": ["ServiceAccount platform-system/external-dns"],
  "monitoring-operator": ["Service prometheus/monitoring-prometheus", "Service prometheus/monitoring-alertmanager"],
  grafana: ["Service grafana/grafana"],
};

/** The keys of a Secret that an ExternalSecret makes; also what it is found by as a whole. */
function madeFrom(object: Deployed): string[] {
  const { kind, metadata } = object;
  const at = metadata.namespace === undefined ? "" : `${metadata.namespace}/`;
  const keyed = (secret: string, keys: string[]) => [
    `Secret ${at}${secret}`,
    ...keys.map(key => `Secret ${at}${secret}#${key}`),
  ];
  if (kind === "ExternalSecret")
    return keyed(
      (field(object, "spec.target.name") as string | undefined) ?? "?",
      Object.keys((field(object, "spec.target.template.data") as object | undefined) ?? {}),
    );
  if (kind === "Certificate")
    return keyed((field(object, "spec.secretName") as string | undefined) ?? "?", ["tls.crt", "tls.key", "ca.crt"]);
  if (kind === "ConfigMap") return Object.keys(object.data ?? {}).map(key => `ConfigMap ${at}${metadata.name}#${key}`);
  if (kind === "RabbitmqCluster")
    return [
      `Service ${at}${metadata.name}`,
      `Service ${at}${metadata.name}-nodes`,
      `Secret ${at}${metadata.name}-default-user`,
    ];
  return [];
}

/** Everything there is, with the wave from which on it is there. */
export function madeBy(apps: readonly App[], objects: readonly Deployed[]): Map<string, number> {
  const made = new Map<string, number>(["default", "kube-system", "argocd"].map(name => [`Namespace ${name}`, -1]));
  const note = (what: string, wave: number) =>
    made.set(what, Math.min(made.get(what) ?? Number.POSITIVE_INFINITY, wave));
  for (const object of objects) {
    const { kind, metadata, app } = object;
    note(`${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`, app.wave);
    for (const what of madeFrom(object)) note(what, app.wave);
  }
  for (const app of apps) for (const what of madeByOthers[app.name] ?? []) note(what, app.wave);
  return made;
}

/** Names of a chart's values that other objects must bear: storage classes and Secrets. */
export function referencesOfChart(app: App): Reference[] {
  const found: Reference[] = [{ by: app.name, to: `Namespace ${app.namespace}`, wave: app.wave }];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "storageClassName") found.push({ by: app.name, to: `StorageClass ${String(inner)}`, wave: app.wave });
      if (key === "existingSecret")
        found.push({ by: app.name, to: `Secret ${app.namespace}/${String(inner)}`, wave: app.wave });
      walk(inner);
    }
  };
  walk(valuesOf(app));
  return found;
}

/** Kinds of others' definitions: by which Application they are defined, and by which they are worked on. */
export const definitions: Record<string, { definedBy: string; workedOnBy: string }> = {
  "external-secrets.io": { definedBy: "crds", workedOnBy: "secrets-operator" },
  "monitoring.coreos.com": { definedBy: "crds", workedOnBy: "monitoring-operator" },
  "keda.sh": { definedBy: "crds", workedOnBy: "keda" },
  "cert-manager.io": { definedBy: "cert-manager", workedOnBy: "cert-manager" },
  "rabbitmq.com": { definedBy: "topology-operator", workedOnBy: "topology-operator" },
  "argoproj.io": { definedBy: "argocd", workedOnBy: "argocd" },
};
/** RabbitmqCluster alone of its group is the cluster operator's. */
export const definitionOf = ({ apiVersion, kind }: Deployed): { definedBy: string; workedOnBy: string } | undefined =>
  kind === "RabbitmqCluster"
    ? { definedBy: "rabbitmq-operator", workedOnBy: "rabbitmq-operator" }
    : definitions[apiVersion.split("/")[0] ?? ""];
