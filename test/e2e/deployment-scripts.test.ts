import { execFile } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What the scripts call; here each writes down that it was called, and fails where it is told to. */
const TOOLS = ["terraform", "aws", "ansible", "ansible-playbook", "kubectl", "session-manager-plugin", "curl"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eco2-deploy-"));
  mkdirSync(join(folder, "bin"));
  for (const tool of TOOLS) {
    const file = join(folder, "bin", tool);
    writeFileSync(
      file,
      `#!/bin/sh\necho "${tool} $*" >>"${folder}/calls"\ncase "${tool} $*" in $FAIL) exit 1 ;; esac\n[ "${tool} $2" = "aws describe-instances" ] && echo "i-1 i-2"\nexit 0\n`,
    );
    chmodSync(file, 0o755);
  }
  // The scripts as they are, with the files that they read; what they write stays here.
  for (const path of ["scripts/deployment", "manifests/environments", "manifests/images", "ansible"])
    cpSync(join(root, path), join(folder, "repo", path), { recursive: true });
  mkdirSync(join(folder, "repo/terraform/live/dev"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number;
  output: string;
}
const script = (name: string, args: string[], { fail = "nothing", input = "" } = {}): Promise<Ended> =>
  new Promise(resolve => {
    const child = execFile(
      "bash",
      [join(folder, "repo/scripts/deployment", name), ...args],
      {
        env: { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, HOME: folder, XDG_STATE_HOME: folder, FAIL: fail },
        timeout: 30_000,
      },
      (thrown, stdout, stderr) => resolve({ code: thrown === null ? 0 : Number(thrown.code), output: stdout + stderr }),
    );
    child.stdin?.end(input);
  });
const bootstrap = (args: string[], options = {}) => script("bootstrap_cluster.sh", args, options);
const destroy = (args: string[], options = {}) => script("destroy_cluster.sh", args, options);
const calls = (): string[] =>
  existsSync(join(folder, "calls")) ? readFileSync(join(folder, "calls"), "utf8").trim().split("\n") : [];
/** Says what Git has to name. */
const fillIn = (): void => {
  for (const [path, from, to] of [
    ["manifests/environments/dev/facts.yaml", "repository.invalid", "git.example"],
    ["manifests/images/dev/kustomization.yaml", "newTag: unset", "digest: sha256:0"],
  ] as const) {
    const file = join(folder, "repo", path);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(from, to));
  }
};
const short = (call: string): string =>
  call
    .replace(/ -chdir=\S+/, "")
    .split(" ")
    .slice(0, 2)
    .join(" ");

describe("bootstrap_cluster.sh", () => {
  it("shows the whole plan with --dry-run, and touches nothing", async () => {
    const { code, output } = await bootstrap(["dev", "--dry-run"]);
    expect(code).toBe(0);
    expect(output.match(/^ ?\d+\. .*/gm)?.map(line => line.trim())).toEqual([
      "1. tools are there",
      "2. what Git has to name is named",
      "3. the account",
      "4. plan of the machines",
      "5. machines, network, roles, buckets",
      "6. parameters that people set",
      "7. inventory",
      "8. Kubernetes and ArgoCD",
      "9. the waves, until everything is healthy",
      "10. the house answers",
    ]);
    expect(output).toContain("The repository has no address yet");
    expect(output).toContain("Nothing was done.");
    expect(calls()).toEqual([]);
  });

  it("refuses to begin with what nobody has named", async () => {
    const { code, output } = await bootstrap(["dev", "--yes"]);
    expect(code).toBe(1);
    expect(output).toContain("npm run manifests -- repository URL");
    expect(output).toContain("npm run manifests -- bump --env dev");
    expect(calls()).toEqual([]);
  });

  it("asks before it makes anything", async () => {
    fillIn();
    const { code } = await bootstrap(["dev"], { input: "no\n" });
    expect(code).toBe(1);
    expect(calls().map(short)).toEqual(["aws sts", "terraform init", "terraform plan"]);
  });

  it("goes through, and a run that was broken off goes on where it stopped", async () => {
    fillIn();
    const broken = await bootstrap(["dev", "--yes"], { fail: "ansible-playbook*" });
    expect(broken.code).toBe(1);
    expect(broken.output).toContain("Step 8 (Kubernetes and ArgoCD) failed. Run the same command again");
    const before = calls();
    expect(before.map(short)).toEqual([
      ...["aws sts", "terraform init", "terraform plan", "terraform apply", "terraform output", "terraform output"],
      "ansible-playbook site.yml",
    ]);
    const again = await bootstrap(["dev", "--yes"]);
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining("sesacthon-dev is up.") });
    expect(again.output).toContain("5. machines, network, roles, buckets: done before");
    expect(calls().slice(before.length).map(short)).toEqual([
      ...["ansible-playbook site.yml", "ansible masters", "curl --fail"],
    ]);
  });

  it.each([[[]], [["staging"]], [["dev", "--force"]]])("says how it is used when it is called with %j", async args => {
    const { code, output } = await bootstrap(args);
    expect([code, output]).toEqual([2, expect.stringContaining("usage: bootstrap_cluster.sh dev|prod")]);
  });
});

describe("destroy_cluster.sh", () => {
  it("ends nothing unless the cluster is called by its name, whatever else is said", async () => {
    for (const input of ["yes\n", "sesacthon-prod\n", ""])
      expect((await destroy(["dev", "--yes"], { input })).code).toBe(1);
    expect(calls()).toEqual([]);
  });

  it("takes the controllers' things away first, leaves the backups, and then ends the machines", async () => {
    const { code, output } = await destroy(["dev", "--yes"], { input: "sesacthon-dev\n" });
    expect([code, output]).toEqual([0, expect.stringContaining("Its backups are in s3://dev-sesacthon-dev-backups.")]);
    const order = calls().map(short);
    expect(order[0]).toBe("ansible masters");
    expect(order.filter(call => call === "aws ec2")).toHaveLength(3);
    expect(order.slice(-2)).toEqual(["terraform plan", "terraform apply"]);
    const backups = calls().filter(call => call.includes("state rm"));
    expect(backups).toHaveLength(5);
    expect(backups.every(call => call.endsWith(".backups"))).toBe(true);
    expect(order.lastIndexOf("terraform state")).toBeLessThan(order.lastIndexOf("terraform plan"));
  });

  it("shows its plan with --dry-run", async () => {
    const { code, output } = await destroy(["dev", "--dry-run"]);
    expect([code, output]).toEqual([0, expect.stringContaining("Nothing was done.")]);
    expect(calls()).toEqual([]);
  });
});
