import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { nameOf, type KubeObject } from "../manifests/objects.ts";
import { valueAt, valuesOf } from "../manifests/others-pods.ts";
import { build, CLUSTER_WIDE, environments, kubectl, objectsOf, render } from "../manifests/render.ts";

const suite = kubectl === undefined ? describe.skip : describe;
const manifests = fileURLToPath(new URL("../../manifests/", import.meta.url));
const files = readdirSync(manifests, { recursive: true, encoding: "utf8" }).filter(file =>
  /\.(ya?ml|env|sql|sh|conf|cfg)$/.test(file),
);
const textOf = (file: string) => readFileSync(manifests + file, "utf8");

describe("waves", () => {
  const base = files.filter(file => /^clusters\/base\/\d/.test(file));
  it("are the numbers of their files", () => {
    const wrong = base.filter(file => {
      const number = Number(/(\d+)-/.exec(file)?.[1]);
      return !textOf(file).includes(`argocd.argoproj.io/sync-wave: "${number}"`);
    });
    expect(wrong).toEqual([]);
  });
  it("are those of the platform, and what it lacked", () => {
    const numbers = base.map(file => /(\d+)-/.exec(file)?.[1]);
    const platform = ["00", "02", "03", "06", "10", "11", "15", "16", "20", "21", "27", "28", "60", "70"];
    const added = ["07", "08", "09", "12", "22", "29", "30", "31", "32", "64", "65"];
    expect(numbers.sort()).toEqual([...platform, ...added].sort());
  });
  it("are told in manifests/README.md, each with its reason", () => {
    const readme = textOf("README.md");
    const untold = base
      .map(file => file.replace("clusters/base/", "").replace(".yaml", ""))
      .filter(name => !readme.includes(`\`${name}\``));
    expect(untold).toEqual([]);
  });
});

describe("files of the manifests", () => {
  it("hold no Secret and no address with a password in it", () => {
    const faults = files.filter(file => {
      const text = textOf(file);
      return (
        /^kind: Secret$/m.test(text) ||
        /:\/\/[^\s/:@{]*:[^\s@{/]+@/.test(text) ||
        /(password|secret|token):\s*["']?[A-Za-z0-9+/]{12,}["']?\s*$/im.test(text)
      );
    });
    expect(faults).toEqual([]);
  });
  it("leave the CNI to Ansible", () => {
    expect(
      files.filter(file => /kind: (IPPool|Installation|FelixConfiguration)|tigera|calico/i.test(textOf(file))),
    ).toEqual([]);
  });
  it("name no account and no role of AWS by number", () => {
    expect(files.filter(file => /arn:aws|\b\d{12}\b/.test(textOf(file)))).toEqual([]);
  });
});

suite.each(environments)("the platform in %s", environment => {
  const apps = kubectl === undefined ? [] : render(environment);
  const objects = objectsOf(apps);
  const ofKind = (kind: string) => objects.filter(object => object.kind === kind);
  const chart = (name: string) => valuesOf(apps.find(app => app.name === name) ?? apps[0]!);

  it("can tell whether a wave is healthy, so that the next one waits", () => {
    const settings = ofKind("ConfigMap").find(({ metadata }) => metadata.name === "argocd-cm")?.data ?? {};
    const kinds = new Set(
      objects
        .filter(
          ({ apiVersion }) =>
            !/^(v1|apps|batch|policy|autoscaling|networking\.k8s\.io|.*\.authorization\.k8s\.io|rbac.*|storage.*|scheduling.*|apiregistration.*|admissionregistration.*)(\/|$)/.test(
              apiVersion,
            ),
        )
        .map(({ apiVersion, kind }) => `${apiVersion.split("/")[0] ?? ""}_${kind}`),
    );
    // What has no state to wait for.
    const stateless = new Set([
      "argoproj.io_AppProject",
      "monitoring.coreos.com_PodMonitor",
      "monitoring.coreos.com_PrometheusRule",
      "monitoring.coreos.com_AlertmanagerConfig",
      "keda.sh_TriggerAuthentication",
      "cert-manager.io_Issuer",
    ]);
    const mute = ["argoproj.io_Application", "argoproj.io_ApplicationSet", ...kinds].filter(
      kind => !stateless.has(kind) && settings[`resource.customizations.health.${kind}`] === undefined,
    );
    expect(mute).toEqual([]);
    expect(Object.keys(settings).filter(key => !/^[-._a-zA-Z0-9]+$/.test(key))).toEqual([]);
  });

  it("is kept to Git, all of it", () => {
    const roots = build(`manifests/clusters/${environment}/apps`);
    for (const { metadata, spec } of roots) {
      const automated = valueAt(spec, "syncPolicy.automated") as { prune: boolean; selfHeal: boolean };
      expect([metadata.name, automated]).toEqual([
        metadata.name,
        { prune: metadata.name !== `${environment}-crds`, selfHeal: true },
      ]);
    }
  });

  it("has its definitions from one owner: what wave 0 brings, no chart brings again", () => {
    const sources = valueAt(
      apps.find(({ name }) => name === "crds"),
      "spec.sources",
    ) as { repoURL: string }[];
    expect(sources.map(({ repoURL }) => repoURL.split("/").at(-1)).sort()).toEqual([
      "aws-load-balancer-controller",
      "external-secrets",
      "keda",
      "prometheus-operator",
    ]);
    expect(chart("secrets-operator")["installCRDs"]).toBe(false);
    expect(valueAt(chart("monitoring-operator"), "crds.enabled")).toBe(false);
    expect(valueAt(chart("keda"), "crds.install")).toBe(false);
    // The only chart that brings its own, as a template; and skipCrds does not touch templates.
    expect(valueAt(chart("cert-manager"), "crds.enabled")).toBe(true);
    for (const { name, spec } of apps)
      if (valueAt(spec, "source.chart") !== undefined)
        expect([name, valueAt(spec, "source.helm.skipCrds")]).toEqual([name, true]);
    expect(ofKind("CustomResourceDefinition")).toEqual([]);
  });

  it("takes no version that can change under its name", () => {
    const moving = apps.flatMap(({ name, spec, path }) => {
      if (path !== undefined || name === "argocd") return [];
      const all = (valueAt(spec, "sources") ?? [valueAt(spec, "source")]) as { targetRevision: string }[];
      return all
        .filter(({ targetRevision }) => !/^v?\d+\.\d+\.\d+$/.test(targetRevision))
        .map(({ targetRevision }) => `${name}: ${targetRevision}`);
    });
    expect(moving).toEqual([]);
  });

  it("lets each project do what its Applications need and no more", () => {
    const projects = new Map(
      ofKind("AppProject").map(project => [project.metadata.name, project.spec as unknown as Project]),
    );
    const faults = apps
      .filter(({ name }) => name !== "argocd")
      .flatMap(app => {
        const project = projects.get(app.project);
        if (!project) return [`${app.name}: there is no project ${app.project}`];
        const repositories = (
          (valueAt(app.spec, "sources") ?? [valueAt(app.spec, "source")]) as { repoURL: string }[]
        ).map(({ repoURL }) => repoURL);
        const namespaces = new Set([app.namespace, ...app.objects.flatMap(({ metadata }) => metadata.namespace ?? [])]);
        const kinds = app.objects.filter(({ kind }) => CLUSTER_WIDE.has(kind)).map(({ kind }) => kind);
        return [
          ...repositories.filter(url => !project.sourceRepos.includes(url)).map(url => `${app.name}: ${url}`),
          ...[...namespaces]
            .filter(name => !project.destinations.some(({ namespace }) => namespace === name))
            .map(name => `${app.name}: namespace ${name}`),
          ...kinds
            .filter(kind => !project.clusterResourceWhitelist?.some(each => each.kind === kind))
            .map(kind => `${app.name}: ${kind}`),
        ];
      });
    expect(faults).toEqual([]);
    expect([...projects.values()].filter(project => JSON.stringify(project).includes('"*"'))).toEqual([]);
  });

  it("gives nobody all rights, and none at all to those who are merely signed in", () => {
    const bindings = [...ofKind("ClusterRoleBinding"), ...ofKind("RoleBinding")];
    expect(
      bindings.filter(binding => /cluster-admin|system:(un)?authenticated/.test(JSON.stringify(binding))).map(nameOf),
    ).toEqual([]);
    const roles = [...ofKind("ClusterRole"), ...ofKind("Role")];
    const rules = roles.flatMap(role =>
      (role["rules"] as { verbs: string[]; resources: string[]; apiGroups: string[] }[]).map(rule => ({
        role: nameOf(role),
        ...rule,
      })),
    );
    expect(rules.filter(({ verbs, apiGroups }) => verbs.includes("*") || apiGroups.includes("*"))).toEqual([]);
    expect(
      rules.filter(
        ({ resources, verbs }) =>
          resources.includes("secrets") ||
          (resources.includes("*") && !verbs.every(verb => ["get", "list", "watch"].includes(verb))),
      ),
    ).toEqual([]);
  });

  it("runs hooks that may run again, in the order migrations, traffic, check", () => {
    const hooks = objects.flatMap(object => {
      const hook = object.metadata.annotations?.["argocd.argoproj.io/hook"];
      return hook === undefined ? [] : [{ object, hook }];
    });
    expect(hooks.map(({ object, hook }) => `${object.metadata.name} ${hook}`).sort()).toEqual([
      "migrate PreSync",
      "postgresql-roles PostSync",
      "smoke-check PostSync",
      "tell-failure SyncFail",
    ]);
    const known = /^argocd\.argoproj\.io\/(hook|hook-delete-policy|sync-wave|sync-options)$/;
    const misspelt = objects.flatMap(({ metadata }) =>
      Object.keys(metadata.annotations ?? {}).filter(
        name => name.startsWith("argocd.argoproj.io/") && !known.test(name),
      ),
    );
    expect(misspelt).toEqual([]);
    for (const { object } of hooks) {
      expect(object.metadata.annotations?.["argocd.argoproj.io/hook-delete-policy"]).toBe("BeforeHookCreation");
      expect(valueAt(object, "spec.activeDeadlineSeconds")).toBeGreaterThan(0);
    }
    // What hooks run changes nothing that is already so.
    expect(
      /\b(drop|truncate|delete from|flushall|flushdb)\b/i.test(textOf("workloads/postgresql/base/files/roles.sql")),
    ).toBe(false);
  });

  it("keeps what holds the only copy of something when it leaves Git", () => {
    const holding = objects.filter(
      ({ kind, spec }) =>
        ["Namespace", "RabbitmqCluster", "Vhost", "Queue", "Exchange", "Binding"].includes(kind) ||
        spec?.["volumeClaimTemplates"] !== undefined,
    );
    expect(holding.length).toBeGreaterThan(40);
    expect(
      holding
        .filter(
          ({ metadata }) => metadata.annotations?.["argocd.argoproj.io/sync-options"] !== "Prune=false,Delete=false",
        )
        .map(nameOf),
    ).toEqual([]);
    expect(ofKind("StorageClass").map(storage => storage["reclaimPolicy"])).toEqual(["Retain"]);
  });

  it("ends TLS at the ALB, and nothing behind it sends people back there", () => {
    const parameters = ofKind("ConfigMap").find(({ metadata }) => metadata.name === "argocd-cmd-params-cm")?.data;
    expect(parameters?.["server.insecure"]).toBe("true");
    for (const { metadata } of ofKind("Ingress")) {
      const annotations = metadata.annotations ?? {};
      expect(annotations["alb.ingress.kubernetes.io/backend-protocol"]).toBe("HTTP");
      expect(annotations["alb.ingress.kubernetes.io/ssl-redirect"]).toBe("443");
      expect(annotations["alb.ingress.kubernetes.io/group.name"]).toBe("ecoeco-main");
      expect(annotations["managed-by"]).toBe("external-dns");
    }
  });

  it("reaches people at the hosts that its settings tell them", () => {
    const hosts = new Set(
      ofKind("Ingress").flatMap(ingress =>
        (valueAt(ingress, "spec.rules") as { host: string }[]).map(({ host }) => host),
      ),
    );
    const domain = environment === "dev" ? "dev.growbin.app" : "growbin.app";
    expect([...hosts].sort()).toEqual([`api.${domain}`, `argocd.${domain}`, `grafana.${domain}`]);
    const settings = ofKind("ConfigMap").filter(({ metadata }) => metadata.name.startsWith("settings-"));
    expect(settings.map(({ data }) => data?.["PUBLIC_URL"])).toEqual(settings.map(() => `https://api.${domain}`));
    expect(
      valueAt(chart("grafana"), "grafana.ini.server.root_url") ??
        (chart("grafana")["grafana.ini"] as { server: { root_url: string } }).server.root_url,
    ).toBe(`https://grafana.${domain}`);
    expect(valueAt(chart("external-dns"), "domainFilters")).toEqual([domain]);
  });

  it("asks Redis for a password everywhere, and PostgreSQL too", () => {
    const redis = ofKind("ConfigMap").find(({ metadata }) => metadata.name.startsWith("redis-"))?.data ?? {};
    expect(redis["start-redis.sh"]).toMatch(/requirepass .*masterauth/s);
    expect(redis["start-sentinel.sh"]).toContain("requirepass");
    const rules = (
      ofKind("ConfigMap").find(({ metadata }) => metadata.name.startsWith("postgresql-"))?.data?.["pg_hba.conf"] ?? ""
    )
      .split("\n")
      .filter(line => line.startsWith("host"));
    expect(rules.filter(line => !line.endsWith("scram-sha-256"))).toEqual([]);
    const urls = ofKind("ExternalSecret")
      .flatMap(secret => Object.values((valueAt(secret, "spec.target.template.data") ?? {}) as Record<string, string>))
      .filter(text => /^(redis|amqp|postgres):/.test(text));
    expect(urls.filter(url => !/:\{\{ \.\w+ \| urlquery \}\}@/.test(url))).toEqual([]);
  });
});

interface Project {
  sourceRepos: string[];
  destinations: { namespace: string }[];
  clusterResourceWhitelist?: { kind: string }[];
}

suite("dev and prod", () => {
  /** Where they may differ: sizes, counts, names that carry the environment, and its own facts. */
  const allowed = [
    /^(spec\.)?(replicas|minReplicas|maxReplicas)$/,
    /resources\.(requests|limits)\.(cpu|memory|storage)$/,
    /^spec\.persistence\.storage$/,
    /args\.(5|7|9)$/, // PostgreSQL's connections, memory and WAL
    /containers\.\d\.env\.\d\.(name|value)$/, // replicas and quorum of Redis, bucket of the backups
    /containers\.\d\.args\.1$/, // the environment, told in notices of failure
    /metadata\.labels\.environment$/,
    /^spec\.rules\.\d\.host$/,
    /security-groups$/,
    /remoteRef\.key$/,
    /ipBlock\.cidr$/,
    /^data\.(PUBLIC_URL|CDN_URL|COOKIE_DOMAIN|FRONTEND_URL|ALLOWED_ORIGINS|S3_BUCKET|url)$/,
    /image$/, // filled in by npm run manifests -- bump
    /sourceRepos\.0$/,
  ];
  const flatten = (value: unknown, path = ""): [string, unknown][] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => flatten(inner, path === "" ? key : `${path}.${key}`))
      : [[path, value]];
  /** Names with a hash of their content count by what is before it. */
  const plain = (text: unknown) =>
    typeof text === "string" ? text.replace(/^(settings|redis|postgresql)-[0-9a-z]{10}$/, "$1") : text;
  const read = (environment: (typeof environments)[number]) =>
    new Map(
      objectsOf(render(environment)).map((object): [string, KubeObject] => [
        String(plain(object.metadata.name)) + nameOf({ ...object, metadata: { ...object.metadata, name: "" } }),
        { ...object, app: undefined },
      ]),
    );

  it("are the same objects and differ where that is said", () => {
    const [dev, prod] = [read("dev"), read("prod")];
    expect([...dev.keys()].sort()).toEqual([...prod.keys()].sort());
    const differences = [...dev].flatMap(([key, object]) => {
      const other = new Map(flatten(prod.get(key)));
      const mine = new Map(flatten(object));
      return [...new Set([...mine.keys(), ...other.keys()])]
        .filter(path => plain(mine.get(path)) !== plain(other.get(path)))
        .filter(path => !allowed.some(pattern => pattern.test(path)))
        .map(path => `${key} ${path}`);
    });
    expect(differences).toEqual([]);
  });
});
