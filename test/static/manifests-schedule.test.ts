import { describe, expect, it } from "@jest/globals";
import { nodesOf } from "../manifests/node-table.ts";
import { podTemplateOf } from "../manifests/objects.ts";
import { chartPods } from "../manifests/others-pods.ts";
import { podsOf } from "../manifests/pods.ts";
import { environments, kubectl, objectsOf, render } from "../manifests/render.ts";
import { refusal, schedule, withoutRequests } from "../manifests/schedule.ts";

const suite = kubectl === undefined ? describe.skip : describe;

describe("the node table", () => {
  it("has the fourteen nodes of the platform in dev, and in prod what quorum and replicas need", () => {
    expect(nodesOf("dev")).toHaveLength(14);
    const count = (type: string) => nodesOf("prod").filter(({ labels }) => labels["infra-type"] === type).length;
    expect({ rabbitmq: count("rabbitmq"), postgresql: count("postgresql"), redis: count("redis") }).toEqual({
      rabbitmq: 3,
      postgresql: 2,
      redis: 3,
    });
    expect(nodesOf("prod").filter(({ labels }) => labels["role"] === "api")).toHaveLength(14);
  });

  it("has no label that kubelets may not give themselves", () => {
    const labels = nodesOf("dev").flatMap(node =>
      Object.keys(node.labels).filter(label => label !== "kubernetes.io/hostname"),
    );
    expect(labels.filter(label => /kubernetes\.io|k8s\.io/.test(label))).toEqual([]);
  });
});

suite.each(environments)("pods of %s", environment => {
  const apps = kubectl === undefined ? [] : render(environment);
  const nodes = nodesOf(environment);
  const pods = podsOf(apps);
  const placesOf = (name: string) => {
    const pod = pods.find(each => each.name === name);
    return nodes
      .filter(node => pod && refusal(pod.template.spec, node) === undefined)
      .map(node => node.name.replace(/-\d$/, ""));
  };

  it("all find a node, at the most that scalers may make of them", () => {
    expect(schedule(pods, nodes).pending).toEqual([]);
  });

  it("say what they need, and how much memory at most", () => {
    const silent = objectsOf(apps).flatMap(object => {
      const template = podTemplateOf(object);
      return template ? withoutRequests(template).map(container => `${object.metadata.name}: ${container}`) : [];
    });
    expect(silent).toEqual([]);
  });

  it("leave the control plane a fifth of itself", () => {
    const master = schedule(pods, nodes).places.find(({ node }) => node.labels["role"] === "control-plane");
    expect((master?.cpuM ?? 0) / (master?.node.cpuM ?? 1)).toBeLessThan(0.8);
  });

  // Each of these was pending, or on the wrong node, in the platform before this one.
  it("of PostgreSQL go to its own node only, not to that of Redis", () => {
    expect(new Set(placesOf("postgres/postgresql"))).toEqual(new Set(["k8s-postgresql"]));
    expect(new Set(placesOf("redis/redis"))).toEqual(new Set(["k8s-redis"]));
  });
  it("of RabbitMQ find their nodes by label and tolerate their taint", () => {
    expect(new Set(placesOf("rabbitmq/rabbitmq"))).toEqual(new Set(["k8s-rabbitmq"]));
  });
  it("of CoreDNS find an untainted node besides the control plane", () => {
    expect(nodes.filter(({ taints }) => taints.length === 0).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["k8s-worker-storage", "k8s-worker-ai"]),
    );
  });
  it("of every chart are known here, with their placement", () => {
    const charts = apps.filter(({ spec }) => (spec["source"] as { chart?: string } | undefined)?.chart !== undefined);
    expect(charts.map(({ name }) => name).sort()).toEqual(Object.keys(chartPods).sort());
    const homeless = pods.filter(({ app, template }) => app in chartPods && template.spec.nodeSelector === undefined);
    expect(homeless.map(({ name }) => name)).toEqual([]);
  });
  it("of the vision worker run on the AI node", () => {
    expect(placesOf("scan/scan-worker")).toEqual(["k8s-worker-ai"]);
    expect(placesOf("image/image-worker")).toEqual(["k8s-worker-storage"]);
  });
});
