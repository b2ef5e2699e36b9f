import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { topologyResources } from "../../broker/channels/topology-resources.ts";
import { topologyOf } from "../../broker/channels/topology.ts";
import { type ActionContract, routesOf } from "../../broker/contract.ts";
import { readEnv, Settings } from "../../broker/env.ts";
import { contracts } from "../../services/contracts.ts";
import { ingressRules } from "../manifests/ingress-rules.ts";
import { allRooms, houseContainers, settingsReadBy } from "../manifests/house-containers.ts";
import { containersOf, nameOf, podTemplateOf } from "../manifests/objects.ts";
import { valueAt } from "../manifests/others-pods.ts";
import { isScaler, scaledMost } from "../manifests/pods.ts";
import { environments, kubectl, objectsOf, render } from "../manifests/render.ts";

const suite = kubectl === undefined ? describe.skip : describe;
const root = new URL("../../", import.meta.url);

/** Settings whose default is right in a cluster too. A setting that is not here has to be given to the rooms that read it. */
const DEFAULT_WILL_DO = new Set([
  ...[
    "ACCESS_TTL_MIN",
    "REFRESH_TTL_MIN",
    "IMAGE_TTL_DAYS",
    "SCAN_TTL_DAYS",
    "CHAT_TTL_DAYS",
    "BODY_LIMIT_KB",
    "RATE_LIMIT_PERCENT",
    "AMQP_HEARTBEAT_S",
  ],
  ...["MODEL_TIMEOUT_MS", "MODEL_CONCURRENCY", "OPENAI_BASE_URL", "GEMINI_BASE_URL", "GEMINI_API_KEY"],
  // The sources' own addresses; without their keys there is no news, weather, fee or price.
  ...["DATA_GO_KR_KEY", "DATA_GO_KR_URL", "BULK_WASTE_URL", "RECYCLABLE_PRICE_URL"],
  ...["NAVER_SEARCH_URL", "NEWSDATA_URL", "NEWS_TTL_DAYS", "OUTSIDE_TIMEOUT_MS"],
  ...["NAVER_SEARCH_CLIENT_ID", "NAVER_SEARCH_CLIENT_SECRET", "NEWSDATA_API_KEY", "NEWS_RSS_URLS"],
  // The providers' own addresses; Kakao's console asks for no secret as it is set up.
  ...["GOOGLE_ISSUER", "GOOGLE_AUTHORIZE_URL", "GOOGLE_TOKEN_URL", "GOOGLE_PROFILE_URL", "OAUTH_TIMEOUT_MS"],
  ...["KAKAO_CLIENT_SECRET", "KAKAO_AUTHORIZE_URL", "KAKAO_TOKEN_URL", "KAKAO_PROFILE_URL"],
  ...["NAVER_AUTHORIZE_URL", "NAVER_TOKEN_URL", "NAVER_PROFILE_URL"],
  // Set by the image: a folder that is gone with the pod.
  "DATA_DIR",
  // One gateway a pod.
  "REUSE_PORT",
  // AWS itself, as the pod's own role.
  ...["S3_ENDPOINT", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"],
]);

suite.each(environments)("the house in %s", environment => {
  const apps = kubectl === undefined ? [] : render(environment);
  const objects = objectsOf(apps);
  const containers = houseContainers(objects);
  const gateways = containers.filter(({ rooms }) => rooms.includes("api"));

  it("runs in seven HTTP apps and the workers", () => {
    expect(gateways.map(({ object }) => object.metadata.name).sort()).toEqual(
      ["auth", "character", "chat", "image", "location", "my", "scan"].map(domain => `${domain}-api`),
    );
    expect(containers.filter(({ rooms }) => !rooms.includes("api")).map(({ object }) => object.metadata.name)).toEqual([
      "image-worker",
      "scan-worker",
    ]);
  });

  it("has every room running somewhere, and names none that is not there", () => {
    const running = [...new Set(containers.flatMap(({ rooms }) => rooms))].sort();
    expect(running).toEqual(allRooms());
  });

  it("gives every process settings that it starts with in production", () => {
    const faults = containers.flatMap(({ by, env }) => readEnv(env).faults.map(fault => `${by}: ${fault}`));
    expect(faults).toEqual([]);
    expect(containers.map(({ env }) => env["NODE_ENV"])).toEqual(containers.map(() => "production"));
  });

  it("gives every process what its rooms read, and nothing that no setting is called", () => {
    const known = Object.keys(Settings.properties);
    const faults = containers.flatMap(({ by, rooms, env }) => {
      const wanted = new Set(rooms.flatMap(room => [...settingsReadBy(room)]));
      const missing = [...wanted].filter(name => !(name in env) && !DEFAULT_WILL_DO.has(name));
      const unknown = Object.keys(env).filter(name => !known.includes(name));
      return [
        ...missing.map(name => `${by} lacks ${name}`),
        ...unknown.map(name => `${by} sets ${name}, which is no setting`),
      ];
    });
    expect(faults).toEqual([]);
    expect([...DEFAULT_WILL_DO].filter(name => !known.includes(name))).toEqual([]);
  });

  it("gives keys to nobody who does not read them", () => {
    const secret = [
      "AUTH_PRIVATE_KEY",
      "GOOGLE_CLIENT_SECRET",
      "NAVER_CLIENT_SECRET",
      "IMAGE_SIGNING_SECRET",
      "OPENAI_API_KEY",
    ];
    const faults = containers.flatMap(({ by, rooms, env }) => {
      const read = new Set(rooms.flatMap(room => [...settingsReadBy(room)]));
      return secret.filter(name => name in env && !read.has(name)).map(name => `${by} holds ${name}`);
    });
    expect(faults).toEqual([]);
  });

  it("is asked on the ports that it listens on, and given time to finish", () => {
    for (const { by, env, container, object } of containers) {
      const ports = Object.fromEntries(
        (container.ports ?? []).map(({ name, containerPort }) => [name, String(containerPort)]),
      );
      expect([by, ports["metrics"]]).toEqual([by, env["METRICS_PORT"]]);
      if (ports["http"] !== undefined) expect([by, ports["http"]]).toEqual([by, env["PORT"]]);
      const wait =
        /setTimeout\(\(\) => \{\}, ([\d_]+)\)/.exec(
          JSON.stringify(valueAt(container, "lifecycle.preStop") ?? ""),
        )?.[1] ?? "0";
      const needed = Number(wait.replaceAll("_", "")) / 1000 + Number(env["SHUTDOWN_MS"]) / 1000 + 5;
      expect(podTemplateOf(object)?.spec.terminationGracePeriodSeconds ?? 30).toBeGreaterThanOrEqual(needed);
    }
  });

  it("answers every route of the contracts at the app that runs its room", () => {
    const roomsOf = new Map(gateways.map(({ object, rooms }) => [object.metadata.name, rooms]));
    const rules = ingressRules(objects);
    const faults = contracts.flatMap(contract =>
      Object.values<ActionContract>(contract.actions)
        .flatMap(routesOf)
        .flatMap(route => {
          const path = route.split(" ")[1] ?? "";
          const app = rules.find(rule => rule.takes(`/api/v1${path}`))?.service;
          return app !== undefined && roomsOf.get(app)?.includes(contract.name) === true
            ? []
            : [`${path} of ${contract.name} goes to ${app ?? "nobody"}`];
        }),
    );
    expect(faults).toEqual([]);
    for (const path of ["/", "/api/v1/docs", "/api/v1/openapi.json"])
      expect(rules.find(rule => rule.takes(path))?.service).toBe("my-api");
  });

  it("is scaled by one scaler for each Deployment without a number, after it is there", () => {
    const scalers = objects.filter(isScaler);
    const unnumbered = objects.filter(({ kind, spec }) => kind === "Deployment" && spec?.["replicas"] === undefined);
    expect([...scaledMost(objects).keys()].sort()).toEqual(unnumbered.map(nameOf).sort());
    expect(scalers).toHaveLength(unnumbered.length);
    for (const scaler of scalers)
      expect(scaler.app.wave).toBeGreaterThan(Math.max(...unnumbered.map(({ app }) => app.wave)));
  });

  it("scales workers by every queue that they consume", () => {
    const inQueues = objects
      .filter(({ kind }) => kind === "ScaledObject")
      .flatMap(scaled =>
        (valueAt(scaled, "spec.triggers") as { type: string; metadata: Record<string, string> }[]).map(
          ({ metadata }) => metadata["queueName"],
        ),
      );
    const workers = containers.filter(({ rooms }) => !rooms.includes("api")).flatMap(({ rooms }) => rooms);
    const consumed = topologyOf(contracts)
      .bindings.map(({ queue }) => queue)
      .filter(queue => workers.includes(queue.split(".")[0] ?? ""));
    expect(inQueues.sort()).toEqual(consumed.sort());
  });
});

describe("workloads/rabbitmq-topology", () => {
  it("is what the contracts need: npm run manifests -- topology writes it", () => {
    const text = readFileSync(new URL("manifests/workloads/rabbitmq-topology/base/topology.yaml", root), "utf8");
    const written = parseAllDocuments(text).map(document => document.toJS() as unknown);
    expect(written).toEqual(topologyResources(topologyOf(contracts), { name: "rabbitmq", namespace: "rabbitmq" }));
  });
});

suite.each(environments)("containers in %s", environment => {
  const objects = objectsOf(kubectl === undefined ? [] : render(environment));
  const templates = objects.flatMap(object => {
    const template = podTemplateOf(object);
    return template ? [{ object, template }] : [];
  });
  const containers = templates.flatMap(({ object, template }) =>
    containersOf(template).map(container => ({ by: `${nameOf(object)}: ${container.name}`, container, template })),
  );

  it("run images that cannot change under their name", () => {
    const faults = containers.filter(({ container: { image } }) => {
      // Filled in by `npm run manifests -- bump`: until then they are not there at all.
      if (image === "registry.invalid/eco2:unset") return false;
      if (image.includes("/eco2:")) return !/:[a-z]+-(dev|prod)-[0-9a-z.-]+@sha256:[0-9a-f]{64}$/.test(image);
      return (
        /:(latest|stable|main|edge)\b/.test(image) || !/:v?\d+\.\d+(\.\d+)?[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image)
      );
    });
    expect(faults.map(({ by, container }) => `${by}: ${container.image}`)).toEqual([]);
  });

  it("are nobody, write nowhere and gain nothing", () => {
    const faults = containers.filter(({ container: { securityContext = {} }, template }) => {
      const pod = template.spec.securityContext ?? {};
      const drop = valueAt(securityContext, "capabilities.drop") as string[] | undefined;
      return (
        pod["runAsNonRoot"] !== true ||
        securityContext["readOnlyRootFilesystem"] !== true ||
        securityContext["allowPrivilegeEscalation"] !== false ||
        drop?.includes("ALL") !== true
      );
    });
    expect(faults.map(({ by }) => by)).toEqual([]);
  });

  it("have no token of the API server unless they talk to it", () => {
    const talking = new Set(["metrics-server", "pod-identity-webhook"]);
    const accounts = objects.filter(({ kind }) => kind === "ServiceAccount");
    const open = templates.filter(({ object, template }) => {
      const account = accounts.find(
        each =>
          each.metadata.namespace === object.metadata.namespace &&
          each.metadata.name === template.spec.serviceAccountName,
      );
      return (
        valueAt(template.spec, "automountServiceAccountToken") !== false &&
        valueAt(account, "automountServiceAccountToken") !== false
      );
    });
    expect(open.map(({ object }) => object.metadata.name).filter(name => !talking.has(name))).toEqual([]);
  });
});
