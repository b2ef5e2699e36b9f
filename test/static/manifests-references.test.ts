import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { type Container, nameOf, podTemplateOf, selects } from "../manifests/objects.ts";
import { podsOf } from "../manifests/pods.ts";
import { definitionOf, madeBy, referencesOf, referencesOfChart } from "../manifests/references.ts";
import { type Deployed, environments, kubectl, objectsOf, render } from "../manifests/render.ts";
import { valueAt } from "../manifests/others-pods.ts";

const suite = kubectl === undefined ? describe.skip : describe;
const json = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../terraform/live/${file}`, import.meta.url), "utf8"));

suite.each(environments)("names in the manifests of %s", environment => {
  const apps = kubectl === undefined ? [] : render(environment);
  const objects = objectsOf(apps);
  const pods = podsOf(apps);
  const made = madeBy(apps, objects);
  const charts = apps.filter(({ spec }) => valueAt(spec, "source.chart") !== undefined);
  const ofKind = (kind: string) => objects.filter(object => object.kind === kind);

  it("all stand for something that an earlier wave made, or the same one", () => {
    const references = [...objects.flatMap(referencesOf), ...charts.flatMap(referencesOfChart)];
    expect(references.length).toBeGreaterThan(300);
    const faults = references.flatMap(({ by, to, wave }) => {
      const since = made.get(to);
      if (since === undefined) return [`${by} (wave ${wave}) names ${to}, which nothing makes`];
      return since > wave ? [`${by} (wave ${wave}) names ${to}, which wave ${since} makes`] : [];
    });
    expect(faults).toEqual([]);
  });

  it("have one owner each", () => {
    const owners = new Map<string, string[]>();
    for (const object of objects) {
      const key = `${object.apiVersion.split("/")[0] ?? ""} ${nameOf(object)}`;
      owners.set(key, [...(owners.get(key) ?? []), object.app.name]);
    }
    expect([...owners].filter(([, names]) => names.length > 1)).toEqual([]);
  });

  it("of custom resources are defined and worked on by then", () => {
    const waveOf = (name: string) => apps.find(app => app.name === name)?.wave ?? Number.POSITIVE_INFINITY;
    const custom = objects.filter(object => definitionOf(object) !== undefined);
    const early = custom.filter(object => waveOf(definitionOf(object)?.definedBy ?? "") > object.app.wave);
    expect(early.map(nameOf)).toEqual([]);
    // Only what another wave waits for has to be worked on by then; monitors may wait for their operator.
    expect(
      custom.filter(object => object.app.wave < waveOf(definitionOf(object)?.workedOnBy ?? "")).map(nameOf),
    ).toEqual([]);
  });

  it("of labels in Services, disruption budgets and monitors stand for pods", () => {
    const lost = [...ofKind("Service"), ...ofKind("PodDisruptionBudget"), ...ofKind("PodMonitor")].filter(object => {
      const { kind, metadata, spec = {} } = object;
      const selector =
        kind === "Service" ? { matchLabels: spec["selector"] as Record<string, string> } : (spec["selector"] as object);
      const namespaces = (valueAt(spec, "namespaceSelector.matchNames") as string[] | undefined) ?? [
        metadata.namespace,
      ];
      return !pods.some(pod => namespaces.includes(pod.namespace) && selects(selector, pod.labels));
    });
    expect(lost.map(nameOf)).toEqual([]);
  });

  it("of ports lead from Ingress to Service to a port that a container has open", () => {
    const faults = ofKind("Ingress").flatMap(ingress =>
      backendsOf(ingress).flatMap(({ service, port }) => faultOfBackend(objects, ingress, service, port)),
    );
    expect(faults).toEqual([]);
    expect(ofKind("Ingress").length).toBe(10);
  });

  it("of hosts within the cluster lead to a Service that has that port", () => {
    const faults = addressesIn(objects).flatMap(({ by, name, namespace, port }) => {
      const service = ofKind("Service").find(
        ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
      );
      if (!service)
        return made.has(`Service ${namespace}/${name}`) ? [] : [`${by}: there is no Service ${namespace}/${name}`];
      const ports = (valueAt(service, "spec.ports") as { port: number }[] | undefined) ?? [];
      return port === undefined || ports.some(each => each.port === port)
        ? []
        : [`${by}: ${namespace}/${name} has no port ${port}`];
    });
    expect(faults).toEqual([]);
  });

  it("of ServiceAccounts that have an AWS role are those that somebody makes", () => {
    const accounts = json("service-accounts.json") as { namespace: string; name: string }[];
    expect(accounts.filter(({ namespace, name }) => !made.has(`ServiceAccount ${namespace}/${name}`))).toEqual([]);
    const charted = charts.flatMap(({ name, namespace, spec }) => {
      const account = valueAt(
        spec,
        `source.helm.valuesObject.${name === "ebs-csi" ? "controller." : ""}serviceAccount.name`,
      ) as string | undefined;
      return account === undefined ? [] : [`${namespace}/${account}`];
    });
    const known = accounts.map(({ namespace, name }) => `${namespace}/${name}`);
    expect(known).toEqual(expect.arrayContaining(charted));
  });

  it("of parameters are those that Terraform makes or people set, and all of them are used", () => {
    const known = (json("parameters.json") as { name: string }[]).map(({ name }) => name);
    const used = ofKind("ExternalSecret").flatMap(secret =>
      ((valueAt(secret, "spec.data") as { remoteRef: { key: string } }[] | undefined) ?? []).map(
        ({ remoteRef }) => remoteRef.key,
      ),
    );
    const prefix = `/sesacthon/${environment}/`;
    expect(used.filter(key => !key.startsWith(prefix))).toEqual([]);
    expect([...new Set(used.map(key => key.slice(prefix.length)))].sort()).toEqual([...known].sort());
  });

  it("of values in templates of Secrets are read", () => {
    const faults = ofKind("ExternalSecret").flatMap(secret => {
      const read = ((valueAt(secret, "spec.data") as { secretKey: string }[] | undefined) ?? []).map(
        ({ secretKey }) => secretKey,
      );
      const text = JSON.stringify(valueAt(secret, "spec.target.template"));
      const wanted = [...text.matchAll(/(?<=[\s({])\.([a-z]+)/g)].map(([, name = ""]) => name);
      const unread = wanted.filter(name => !read.includes(name));
      const unused = read.filter(name => !wanted.includes(name));
      return unread.length + unused.length === 0 ? [] : [`${nameOf(secret)}: ${[...unread, ...unused].join(", ")}`];
    });
    expect(faults).toEqual([]);
  });
});

interface Backend {
  service: string;
  port: string | number | undefined;
}
function backendsOf(ingress: Deployed): Backend[] {
  const rules = valueAt(ingress, "spec.rules") as
    | { http: { paths: { backend: { service: { name: string; port: { name?: string; number?: number } } } }[] } }[]
    | undefined;
  return (rules ?? []).flatMap(({ http }) =>
    http.paths.map(({ backend: { service } }) => ({
      service: service.name,
      port: service.port.name ?? service.port.number,
    })),
  );
}

interface ServicePort {
  name: string;
  port: number;
  targetPort: string | number;
}
function faultOfBackend(
  objects: readonly Deployed[],
  { metadata }: Deployed,
  name: string,
  wanted: Backend["port"],
): string[] {
  const at = `${metadata.namespace ?? ""}/${name}`;
  // Grafana's Service is its chart's: port 80 by the name "service".
  if (at === "grafana/grafana") return wanted === "service" ? [] : [`${at} has no port ${String(wanted)}`];
  const service = objects.find(
    object =>
      object.kind === "Service" && object.metadata.namespace === metadata.namespace && object.metadata.name === name,
  );
  if (!service) return [`${at} is not there`];
  if (valueAt(service, "spec.type") !== "NodePort")
    return [`${at} is no NodePort, which targets of type instance need`];
  const port = (valueAt(service, "spec.ports") as ServicePort[] | undefined)?.find(
    each => each.name === wanted || each.port === wanted,
  );
  if (!port) return [`${at} has no port ${String(wanted)}`];
  // ArgoCD's pods are its own manifest's: 8080.
  if (at === "argocd/argocd-server-alb")
    return port.targetPort === 8080 ? [] : [`${at} leads to port ${port.targetPort}`];
  const open = objects.flatMap(object => {
    const template = podTemplateOf(object);
    const selected =
      template &&
      object.metadata.namespace === metadata.namespace &&
      selects({ matchLabels: service.spec?.["selector"] as Record<string, string> }, template.metadata.labels);
    return selected ? template.spec.containers.flatMap(({ ports = [] }) => ports) : [];
  });
  return open.some(each => each.name === port.targetPort || each.containerPort === port.targetPort)
    ? []
    : [`${at}: no container has ${port.targetPort} open`];
}

interface Address {
  by: string;
  name: string;
  namespace: string;
  port: number | undefined;
}
/** `name.namespace.svc[:port]` wherever it stands in a container, a Secret's template or a chart's values. */
function addressesIn(objects: readonly Deployed[]): Address[] {
  const texts = objects.flatMap(object => {
    const template = podTemplateOf(object);
    if (template)
      return template.spec.containers.map((container: Container) => ({
        by: nameOf(object),
        text: JSON.stringify(container),
      }));
    return object.kind === "ExternalSecret" ? [{ by: nameOf(object), text: JSON.stringify(object.spec) }] : [];
  });
  return texts.flatMap(({ by, text }) =>
    [...text.matchAll(/([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?(?::(\d+))?/g)].map(
      ([, name = "", namespace = "", port]) => ({
        by,
        name,
        namespace,
        port: port === undefined ? undefined : Number(port),
      }),
    ),
  );
}
