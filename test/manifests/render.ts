import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "./objects.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const environments = ["dev", "prod"] as const;
export type Environment = (typeof environments)[number];

export interface App {
  /** Without its environment: `apis`. */
  name: string;
  wave: number;
  project: string;
  /** Namespace of what does not name one. */
  namespace: string;
  spec: Record<string, unknown>;
  /** Folder of this repository that it deploys; undefined: a chart or another repository. */
  path: string | undefined;
  objects: readonly KubeObject[];
}
/** What Ansible applies before the root app. */
export const BEFORE_ALL_WAVES = -1;

/** kubectl, which has kustomize in it: the one on PATH, else the one that .ci/run fetched. */
export const kubectl = [
  process.env["PATH"]?.split(":").map(folder => join(folder, "kubectl")),
  join(homedir(), ".cache/eco2-check/bin/kubectl"),
]
  .flat()
  .find(file => file !== undefined && existsSync(file));

/** @returns the objects that `kubectl kustomize` makes of a folder of this repository, with the namespace their Application gives them */
export function build(folder: string, namespace?: string): KubeObject[] {
  const { status, stdout, stderr } = spawnSync(kubectl ?? "kubectl", ["kustomize", folder], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`kubectl kustomize ${folder}: ${stderr}`);
  const objects = parseAllDocuments(stdout).map(document => document.toJS() as KubeObject);
  for (const { metadata, kind } of objects)
    if (namespace !== undefined && !CLUSTER_WIDE.has(kind)) metadata.namespace ??= namespace;
  return objects;
}

export const CLUSTER_WIDE = new Set([
  "Namespace",
  "ClusterRole",
  "ClusterRoleBinding",
  "PriorityClass",
  "StorageClass",
  "APIService",
  "MutatingWebhookConfiguration",
  "ClusterSecretStore",
]);

interface ApplicationSpec {
  project: string;
  source?: { path?: string; repoURL?: string; chart?: string };
  destination: { namespace: string };
}

/** Every Application of an environment with what it deploys, in the order of waves; first what Ansible applies before them. */
export function render(environment: Environment): App[] {
  const bootstrap: App = {
    name: "argocd",
    wave: BEFORE_ALL_WAVES,
    project: "none",
    namespace: "argocd",
    spec: {},
    path: `manifests/argocd/${environment}`,
    objects: build(`manifests/argocd/${environment}`),
  };
  const apps = build(`manifests/clusters/${environment}/apps`).map(({ metadata, spec }): App => {
    const { project, source, destination } = spec as unknown as ApplicationSpec;
    const own = source?.chart === undefined && source?.path?.startsWith("manifests/") === true;
    const path = own ? source.path : undefined;
    return {
      name: metadata.name.replace(`${environment}-`, ""),
      wave: Number(metadata.annotations?.["argocd.argoproj.io/sync-wave"]),
      project,
      namespace: destination.namespace,
      spec: spec ?? {},
      path,
      objects: path === undefined ? [] : build(path, destination.namespace),
    };
  });
  return [bootstrap, ...apps.sort((a, b) => a.wave - b.wave)];
}

export interface Deployed extends KubeObject {
  app: App;
}
/** Every object of every Application. */
export const objectsOf = (apps: readonly App[]): Deployed[] =>
  apps.flatMap(app => app.objects.map(object => ({ ...object, app })));
