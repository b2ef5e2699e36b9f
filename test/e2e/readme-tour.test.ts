import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type House, startHouse } from "../house.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The first shell block after the heading, as a reader copies it. */
const tour = /\n## A tour with curl\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(
  readFileSync(join(root, "README.md"), "utf8"),
)?.[1];

let house: House;
let folder: string;
beforeAll(async () => {
  house = await startHouse();
  folder = mkdtempSync(join(tmpdir(), "eco2-tour-"));
  // The tour is walked where the project is, but leaves its cookies here.
  symlinkSync(join(root, "test"), join(folder, "test"));
}, 120_000);
afterAll(async () => {
  await house.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function walk(script: string): Promise<string> {
  const shell = spawn("bash", ["-u"], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  shell.stdin.end(script);
  await once(shell, "close");
  return output;
}

describe("the tour of the README", () => {
  it("works as printed: a person, a photo, the stages and the answer", async () => {
    expect(tour).toContain("http://127.0.0.1:3000");
    const output = await walk(tour!.replaceAll("http://127.0.0.1:3000", house.url));
    expect(output).toContain('"nickname":"mango"');
    expect(output).toMatch(/"key":"scan\/[0-9a-f]{32}\.jpg"/);
    const stages = [...output.matchAll(/^event: (\w+)$/gm)].map(([, stage]) => stage);
    expect([...new Set(stages)]).toEqual(["queued", "vision", "rule", "answer", "reward", "done"]);
    expect(output).toContain("재활용폐기물");
    expect(output).toContain("종이팩");
    expect(output).toMatch(/disposal_steps|1단계/);
    expect(output).not.toMatch(/curl: \(|SyntaxError|urn:eco2:error|command not found/);
  }, 60_000);
});
