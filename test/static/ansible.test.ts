import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

const folder = fileURLToPath(new URL("../../ansible/", import.meta.url));
const read = (path: string): string => readFileSync(folder + path, "utf8");
const table = JSON.parse(readFileSync(`${folder}../terraform/live/nodes.json`, "utf8")) as {
  reserved: { cpu_m: number; memory_mib: number };
  nodes: { group: string }[];
};
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(path => /\.(yml|j2)$/.test(path));
const quantity = (text: string): number => parseInt(text, 10);

describe("ansible", () => {
  it("has every role that a playbook names, and no other", () => {
    const plays = ["site.yml", "rejoin.yml"].flatMap(file => parse(read(file)) as { roles?: string[] }[]);
    const named = new Set(plays.flatMap(({ roles = [] }) => roles));
    expect(readdirSync(`${folder}roles`).sort()).toEqual([...named].sort());
    for (const role of named) expect(existsSync(`${folder}roles/${role}/tasks/main.yml`)).toBe(true);
  });

  it("gives the kubelet what the table of machines leaves for the machine itself", () => {
    const kubelet = (name: string) =>
      parse(
        new RegExp(`^${name}: (\\{.*\\})$`, "m").exec(read("roles/control_plane/templates/kubeadm.yml.j2"))?.[1] ?? "",
      ) as Record<string, string>;
    const [kube, system, hard] = [kubelet("kubeReserved"), kubelet("systemReserved"), kubelet("evictionHard")];
    expect(quantity(kube["cpu"]!) + quantity(system["cpu"]!)).toBe(table.reserved.cpu_m);
    const memory = [kube["memory"]!, system["memory"]!, hard["memory.available"]!].map(quantity);
    expect(memory.reduce((sum, each) => sum + each, 0)).toBe(table.reserved.memory_mib);
  });

  it("speaks only of facts that Terraform's output gives", () => {
    const given = readFileSync(`${folder}../terraform/modules/cluster/outputs.tf`, "utf8");
    for (const fact of ["cluster", "stage", "region", "pod_cidr", "issuer", "issuer_bucket", "service_roles"])
      expect(given).toMatch(new RegExp(`^ +${fact} +=`, "m"));
    for (const fact of ["address", "provider_id", "node_labels", "node_taints", "parameter_path", "transfer_bucket"])
      expect(given).toMatch(new RegExp(`^ +${fact} +=`, "m"));
    expect(table.nodes.some(({ group }) => group === "masters")).toBe(true);
  });

  it("is the one owner of the network of pods", () => {
    expect(files.filter(path => read(path).toLowerCase().includes("calico_version")).sort()).toEqual([
      "group_vars/all.yml",
      "roles/cni/tasks/main.yml",
      "roles/cni/templates/kustomization.yml.j2",
    ]);
    const clusters = readdirSync(`${folder}../manifests/clusters`, { recursive: true, encoding: "utf8" });
    expect(clusters.filter(path => /calico|cni/i.test(path))).toEqual([]);
  });

  it("pins what it installs, and asks nobody for a secret", () => {
    const vars = parse(read("group_vars/all.yml")) as Record<string, string>;
    expect(vars["kubernetes_version"]).toMatch(/^1\.33\.\d+$/);
    expect(vars["calico_version"]).toMatch(/^v\d+\.\d+\.\d+$/);
    expect(files.filter(path => /vars_prompt|:latest\b|state: latest/.test(read(path)))).toEqual([]);
  });
});
