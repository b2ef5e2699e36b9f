import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";

const folder = fileURLToPath(new URL("../../terraform/", import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter(path => path.endsWith(".tf"))
  .map(path => ({ path, text: readFileSync(folder + path, "utf8") }));

/** The blocks of a kind, as `terraform fmt` leaves them: from their line to the brace at its beginning. */
const blocksOf = (kind: string) =>
  files.flatMap(({ path, text }) =>
    [...text.matchAll(new RegExp(`^${kind} (?:"([\\w-]+)" )?"([\\w-]+)" \\{\\n([\\s\\S]*?)^\\}`, "gm"))].map(
      ([, type = "", name = "", body = ""]) => ({ at: `${path}: ${kind} ${name}`, type, body }),
    ),
  );

describe("terraform", () => {
  it("says of every variable what it is, and of every output what it is for", () => {
    const [variables, outputs] = [blocksOf("variable"), blocksOf("output")];
    expect([variables.length > 30, outputs.length > 10]).toEqual([true, true]);
    expect(variables.filter(({ body }) => !/^ {2}type +=/m.test(body)).map(({ at }) => at)).toEqual([]);
    const described = /^ {2}description = "./m;
    expect([...variables, ...outputs].filter(({ body }) => !described.test(body)).map(({ at }) => at)).toEqual([]);
  });

  it("opens nothing for the world but the web at the load balancer", () => {
    const rules = blocksOf("resource").filter(({ type }) => type === "aws_vpc_security_group_ingress_rule");
    expect(rules.filter(({ body }) => body.includes("cidr_ip")).map(({ at }) => at)).toEqual([
      "modules/network/main.tf: resource alb_web",
    ]);
    // Rules written into a group would be owned twice, and are not looked at here.
    expect(files.filter(({ text }) => /^\s+(ingress|egress) \{/m.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it("takes the facts of both environments from the same tables, and differs in values alone", () => {
    const live = (environment: string) =>
      (files.find(({ path }) => path === `live/${environment}/main.tf`)?.text ?? "").replaceAll(
        /"[^"]*"|\[[^\]]*\]|\b(true|false|\d+)\b/g,
        "…",
      );
    expect(live("dev")).toContain("nodes_file");
    expect(live("dev")).toBe(live("prod"));
  });

  it("names accounts, buckets and the load balancer's group as the manifests do", () => {
    for (const environment of ["dev", "prod"]) {
      const facts = readFileSync(`${folder}../manifests/environments/${environment}/facts.yaml`, "utf8");
      const settings = readFileSync(`${folder}../manifests/workloads/apis/${environment}/settings.env`, "utf8");
      const root = files.find(({ path }) => path === `live/${environment}/main.tf`)?.text ?? "";
      const cluster = /cluster += "([\w-]+)"/.exec(root)?.[1] ?? "";
      expect(facts).toContain(`cluster: ${cluster}\n`);
      expect(facts).toContain(`albSecurityGroup: ${cluster}-alb\n`);
      expect(facts).toContain(`backups: ${environment}-${cluster}-backups\n`);
      expect(facts).toContain(`domain: ${/domain += "([\w.]+)"/.exec(root)?.[1] ?? "?"}\n`);
      expect(settings).toContain(`S3_BUCKET=${environment}-${cluster}-images\n`);
      const origins = /app_origins += \[([^\]]*)\]/.exec(root)?.[1]?.replaceAll(/["\s]/g, "");
      expect(settings).toContain(`ALLOWED_ORIGINS=${origins ?? "?"}\n`);
    }
  });
});
