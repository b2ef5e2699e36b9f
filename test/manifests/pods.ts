import { objectsOf, type App, type Deployed } from "./render.ts";
import { podTemplateOf, type PodTemplate } from "./objects.ts";
import { fixedPods, podsOfChart, podsOfRabbitmq } from "./others-pods.ts";

export interface Pod {
  /** `scan/scan-worker`. */
  name: string;
  namespace: string;
  labels: Record<string, string>;
  template: PodTemplate;
  /** As many as there can be: a scaler's most, where one scales it. */
  most: number;
  app: string;
}

interface Scaler {
  scaleTargetRef: { kind?: string; name: string };
  maxReplicas?: number;
  maxReplicaCount?: number;
}
export const isScaler = ({ kind }: Deployed): boolean => kind === "HorizontalPodAutoscaler" || kind === "ScaledObject";
/** `Deployment scan/scan-worker` → the most pods its scaler may make. */
export function scaledMost(objects: readonly Deployed[]): Map<string, number> {
  return new Map(
    objects.filter(isScaler).map(({ metadata, spec }) => {
      const { scaleTargetRef, maxReplicas, maxReplicaCount } = spec as unknown as Scaler;
      return [
        `${scaleTargetRef.kind ?? "Deployment"} ${metadata.namespace ?? ""}/${scaleTargetRef.name}`,
        maxReplicas ?? maxReplicaCount ?? 1,
      ];
    }),
  );
}

/** Every kind of pod that an environment runs, ours and others', with how many of it there can be. */
export function podsOf(apps: readonly App[]): Pod[] {
  const objects = objectsOf(apps);
  const most = scaledMost(objects);
  const ours = objects.flatMap(object => {
    const template = podTemplateOf(object);
    const { metadata, kind, spec, app } = object;
    if (template)
      return [
        {
          name: `${metadata.namespace ?? ""}/${metadata.name}`,
          namespace: metadata.namespace ?? "",
          labels: template.metadata.labels ?? {},
          template,
          most: most.get(`${kind} ${metadata.namespace ?? ""}/${metadata.name}`) ?? Number(spec?.["replicas"] ?? 1),
          app: app.name,
        },
      ];
    return kind === "RabbitmqCluster" ? [fromOthers(podsOfRabbitmq(object, app))] : [];
  });
  const others = [...apps.flatMap(podsOfChart), ...fixedPods].map(fromOthers);
  return [...ours, ...others];
}

const fromOthers = ({ name, namespace, template, replicas, app }: ReturnType<typeof podsOfRabbitmq>): Pod => ({
  name: `${namespace}/${name}`,
  namespace,
  labels: template.metadata.labels ?? {},
  template,
  most: replicas,
  app,
});
