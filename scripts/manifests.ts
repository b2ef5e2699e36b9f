/**
 * `npm run manifests -- topology | bump | repository`: the only three things in manifests/ that a command writes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { topologyResources } from "../broker/channels/topology-resources.ts";
import { topologyOf } from "../broker/channels/topology.ts";
import { contracts } from "../services/contracts.ts";

const HELP = `npm run manifests -- topology          queues, exchanges and bindings from the contracts, for wave 32
npm run manifests -- repository <url>  the address that ArgoCD reads this repository at
npm run manifests -- bump              the image that domains run, in Git
  --env dev|prod
  --domains <a,b|all>        auth, my, scan, character, location, image, chat, hooks
  --repository <registry>/eco2
  --build <version>-<commit> the rest of the tag: <domain>-<env>-<build>
  --digest sha256:<64 hex>
`;
const manifests = fileURLToPath(new URL("../manifests/", import.meta.url));
const ENVIRONMENTS = ["dev", "prod"];

function fail(message: string): never {
  process.stderr.write(`${message}\n\n${HELP}`);
  process.exit(2);
}

/** Rewrites one file; `change` gets its text and returns the new one. */
function rewrite(file: string, change: (text: string) => string): void {
  const before = readFileSync(manifests + file, "utf8");
  const after = change(before);
  if (after !== before) writeFileSync(manifests + file, after);
  process.stdout.write(`${after === before ? "same   " : "changed"} manifests/${file}\n`);
}

function writeTopology(): void {
  const resources = topologyResources(topologyOf(contracts), { name: "rabbitmq", namespace: "rabbitmq" });
  rewrite("workloads/rabbitmq-topology/base/topology.yaml", () => resources.map(each => stringify(each)).join("---\n"));
}

function setRepository(url: string | undefined): void {
  if (url === undefined || !/^(https:\/\/|git@)\S+\.git$/.test(url) || url.includes(".invalid/"))
    fail("repository: say https://…/eco2.git or git@…:…/eco2.git");
  for (const environment of ENVIRONMENTS) {
    rewrite(`environments/${environment}/facts.yaml`, text => text.replace(/^( {2}repository: ).*$/m, `$1${url}`));
    rewrite(`clusters/${environment}/root-app.yaml`, text => text.replace(/^( {4}repoURL: ).*$/m, `$1${url}`));
  }
}

interface Bump {
  env?: string | undefined;
  domains?: string | undefined;
  repository?: string | undefined;
  build?: string | undefined;
  digest?: string | undefined;
}
function bump({ env = "", domains = "", repository = "", build = "", digest = "" }: Bump): void {
  if (!ENVIRONMENTS.includes(env)) fail("bump: --env is dev or prod");
  if (!/^[a-z0-9.:-]+\/[a-z0-9._/-]*eco2$/.test(repository)) fail("bump: --repository is <registry>/…/eco2");
  if (!/^\d+\.\d+\.\d+-[0-9a-f]{6,}$/.test(build)) fail("bump: --build is <version>-<commit>, 0.1.0-1a2b3c");
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    fail("bump: --digest is sha256:<64 hex>; a tag alone can change under its name");
  rewrite(`images/${env}/kustomization.yaml`, text => {
    const known = [...text.matchAll(/name: eco2\/([a-z]+)/g)].map(([, name = ""]) => name);
    const wanted = domains === "all" ? known : domains.split(",");
    const unknown = wanted.filter(name => !known.includes(name));
    if (unknown.length > 0) fail(`bump: there is no domain "${unknown.join(", ")}"; there are ${known.join(", ")}`);
    return wanted.reduce(
      (all, domain) =>
        all.replace(
          new RegExp(`^ {2}- \\{ name: eco2/${domain},.*$`, "m"),
          `  - { name: eco2/${domain}, newName: ${repository}, newTag: ${domain}-${env}-${build}, digest: "${digest}" }`,
        ),
      text,
    );
  });
}

const text = { type: "string" } as const;
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      env: text,
      domains: text,
      repository: text,
      build: text,
      digest: text,
      help: { type: "boolean", short: "h" },
    },
  });
  const [verb, argument] = positionals;
  if (values.help === true || verb === undefined) process.stdout.write(HELP);
  else if (verb === "topology") writeTopology();
  else if (verb === "repository") setRepository(argument);
  else if (verb === "bump") bump(values);
  else fail(`There is no "${verb}".`);
} catch (thrown) {
  fail((thrown as Error).message);
}
