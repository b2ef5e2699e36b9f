import { describe, expect, it } from "@jest/globals";
import { houseContainers, settingsReadBy } from "../manifests/house-containers.ts";
import { behind, Network, portsOf } from "../manifests/network.ts";
import { type Pod, podsOf } from "../manifests/pods.ts";
import { environments, kubectl, objectsOf, render } from "../manifests/render.ts";

const suite = kubectl === undefined ? describe.skip : describe;

/** A setting that names somebody outside the cluster: a model, a store, a sign-in, data of others. */
const NAMES_OUTSIDE = /_(API_KEY|CLIENT_ID|BASE_URL|BUCKET)$/;
const OUTSIDE = "52.95.1.1";
const INSTANCE_FACTS = "169.254.169.254";

/** Who asks whom besides the house: `from → to:port`, each with its reason beside it in workloads/network-policies. */
const OTHERS = [
  "postgres/postgresql-standby → postgres/postgresql:5432",
  "postgres/postgresql-roles → postgres/postgresql:5432",
  "postgres/postgresql-backup → postgres/postgresql:5432",
  "postgres/migrate → postgres/postgresql:5432",
  "redis/redis-proxy → redis/redis:6379",
  "redis/redis → redis/redis:6379",
  "redis/redis → redis/redis:26379",
  "rabbitmq/rabbitmq → rabbitmq/rabbitmq:4369",
  "rabbitmq/rabbitmq → rabbitmq/rabbitmq:25672",
  "rabbitmq-system/messaging-topology-operator → rabbitmq/rabbitmq:15672",
  "platform-system/keda-operator → rabbitmq/rabbitmq:5672",
  "platform-system/keda-operator-metrics-apiserver → platform-system/keda-operator:9666",
  "grafana/grafana → prometheus/prometheus:9090",
  "prometheus/prometheus → prometheus/prometheus:9090",
  "prometheus/prometheus → prometheus/alertmanager:9093",
  "prometheus/prometheus → prometheus/alertmanager:8080",
  "prometheus/prometheus → prometheus/kube-state-metrics:8080",
  "prometheus/prometheus → prometheus/monitoring-operator:10250",
  "prometheus/prometheus → postgres/postgresql:9187",
  "prometheus/prometheus → postgres/postgresql-standby:9187",
  "prometheus/prometheus → redis/redis:9121",
  "prometheus/prometheus → redis/redis-proxy:8404",
  "prometheus/prometheus → rabbitmq/rabbitmq:15692",
  "prometheus/prometheus → kube-system/coredns:9153",
];
const OUTSIDE_CALLERS = [
  "postgres/postgresql-backup",
  "platform-system/external-secrets",
  "platform-system/external-dns",
  "platform-system/tell-failure",
  "prometheus/alertmanager",
];

suite.each(environments)("NetworkPolicies of %s", environment => {
  const objects = objectsOf(kubectl === undefined ? [] : render(environment));
  const network = new Network(objects);
  const namespaces = objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
  // Pods of kube-system and ArgoCD are others' to guard; some of them are the host's.
  const pods = podsOf(kubectl === undefined ? [] : render(environment));
  const guarded = pods.filter(({ namespace }) => namespaces.includes(namespace));
  const coredns = pods.find(({ name }) => name === "kube-system/coredns") as Pod;
  const house = houseContainers(objects).map(container => ({
    ...container,
    pod: pods.find(
      ({ name }) => name === `${container.object.metadata.namespace ?? ""}/${container.object.metadata.name}`,
    ) as Pod,
  }));
  const vpc = environment === "dev" ? "10.0" : "10.1";

  it("deny everything first, in every namespace", () => {
    const denied = objects.filter(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "default-deny");
    expect(denied.map(({ metadata }) => metadata.namespace ?? "").sort()).toEqual([...namespaces].sort());
    for (const { spec } of denied) expect(spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  });

  it("let pods reach exactly what their settings name, and what others need", () => {
    const wanted = house.flatMap(({ pod, env }) =>
      ["DATABASE_URL", "AMQP_URL", "REDIS_URL"].flatMap(name => {
        const { hostname, port } = new URL(env[name] ?? "http://nobody");
        const [service = "", namespace = ""] = hostname.split(".");
        return behind(objects, pods, service, namespace, Number(port)).map(
          to => `${pod.name} → ${to.pod.name}:${to.port}`,
        );
      }),
    );
    expect(wanted).toHaveLength(house.length * 3);
    const metrics = house.map(({ pod }) => `prometheus/prometheus → ${pod.name}:9464`);
    const smoke = house
      .filter(({ rooms }) => rooms.includes("api"))
      .map(({ pod }) => `platform-system/smoke-check → ${pod.name}:3000`);
    const names = guarded
      .filter(pod => network.allows(pod, coredns, 53))
      .map(({ name }) => `${name} → kube-system/coredns:53`);
    const open = guarded.flatMap(from =>
      [...guarded, coredns].flatMap(to =>
        portsOf(to)
          .filter(port => network.allows(from, to, port))
          .map(port => `${from.name} → ${to.name}:${port}`),
      ),
    );
    expect([...new Set(open)].sort()).toEqual(
      [...new Set([...wanted, ...metrics, ...smoke, ...names, ...OTHERS])].sort(),
    );
  });

  it("let everybody who asks somebody ask for names, by both protocols", () => {
    const mute = guarded.filter(
      pod =>
        pod.name !== "postgres/postgresql" &&
        !(network.allows(pod, coredns, 53, "UDP") && network.allows(pod, coredns, 53, "TCP")),
    );
    expect(mute.map(({ name }) => name)).toEqual([]);
  });

  it("let out of the cluster exactly who has somebody to call there", () => {
    const rooms = house.filter(({ rooms, env }) =>
      rooms.some(room => [...settingsReadBy(room)].some(name => NAMES_OUTSIDE.test(name) && name in env)),
    );
    // A domain's policy is one for its HTTP app and its worker.
    const domains = new Set(rooms.map(({ pod }) => pod.namespace));
    const wanted = [
      ...house.filter(({ pod }) => domains.has(pod.namespace)).map(({ pod }) => pod.name),
      ...OUTSIDE_CALLERS,
    ];
    expect(
      guarded
        .filter(pod => network.allows(pod, OUTSIDE, 443))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(wanted.sort());
    expect(
      guarded.filter(pod => [80, 8080, 5432].some(port => network.allows(pod, OUTSIDE, port))).map(({ name }) => name),
    ).toEqual([]);
  });

  it("let nobody ask an instance for its role", () => {
    expect(
      guarded.filter(pod => [80, 443].some(port => network.allows(pod, INSTANCE_FACTS, port))).map(({ name }) => name),
    ).toEqual([]);
  });

  it("let only operators reach the API server", () => {
    const talking = guarded.filter(pod => network.allows(pod, `${vpc}.101.10`, 6443)).map(({ name }) => name);
    expect(talking.filter(name => !/^(platform-system|rabbitmq-system|prometheus|grafana)\//.test(name))).toEqual([
      "rabbitmq/rabbitmq",
    ]);
    expect(talking.filter(name => house.some(({ pod }) => pod.name === name))).toEqual([]);
  });

  it("let in from the ALB's subnets what Ingresses lead to, and nothing from another machine", () => {
    const reached = (from: string) =>
      guarded
        .flatMap(pod =>
          portsOf(pod)
            .filter(port => network.allows(from, pod, port))
            .map(port => `${pod.name}:${port}`),
        )
        .sort();
    const gateways = house.filter(({ rooms }) => rooms.includes("api")).map(({ pod }) => `${pod.name}:3000`);
    const webhooks = reached(`${vpc}.101.10`);
    expect(webhooks).toEqual([
      "platform-system/cert-manager-webhook:10250",
      "platform-system/external-secrets-webhook:10250",
      "platform-system/keda-admission-webhooks:9443",
      "platform-system/keda-operator-metrics-apiserver:6443",
      "platform-system/pod-identity-webhook:8443",
      "prometheus/monitoring-operator:10250",
      "rabbitmq-system/messaging-topology-operator:9443",
    ]);
    expect(reached(`${vpc}.1.77`).filter(name => !webhooks.includes(name))).toEqual(
      [...gateways, "grafana/grafana:3000"].sort(),
    );
    expect(reached(OUTSIDE)).toEqual([]);
  });
});
