import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

const folder = fileURLToPath(new URL("../../.github/workflows/", import.meta.url));
interface Step {
  name: string;
  run?: string;
  uses?: string;
}
interface Workflow {
  permissions?: Record<string, string>;
  jobs: Record<string, { "timeout-minutes"?: number; permissions?: Record<string, string>; steps: Step[] }>;
}
const workflows = readdirSync(folder).map(file => ({
  file,
  workflow: parse(readFileSync(folder + file, "utf8")) as Workflow,
}));
const steps = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).flatMap(([job, { steps: own }]) =>
    own.map(step => ({ at: `${file} ${job}: ${step.name}`, ...step })),
  ),
);

describe("workflows", () => {
  it("make nothing of a stranger's text part of a command: it comes in by env", () => {
    expect(steps.length).toBeGreaterThan(8);
    expect(steps.filter(({ run = "" }) => run.includes("${{")).map(({ at }) => at)).toEqual([]);
  });

  it("use no action of others but by the hash of its commit", () => {
    expect(steps.filter(({ uses }) => uses !== undefined && !/@[0-9a-f]{40}$/.test(uses)).map(({ at }) => at)).toEqual(
      [],
    );
  });

  it("may read and no more, but for the job that names images in Git, and end by themselves", () => {
    for (const { file, workflow } of workflows) {
      expect([file, workflow.permissions]).toEqual([file, { contents: "read" }]);
      for (const [job, { permissions, "timeout-minutes": minutes }] of Object.entries(workflow.jobs)) {
        expect([job, permissions]).toEqual([job, job === "image" ? { contents: "write" } : undefined]);
        expect([job, typeof minutes]).toEqual([job, "number"]);
      }
    }
  });
});
