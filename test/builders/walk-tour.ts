import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@jest/globals";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The first shell block after the heading, as a reader copies it. */
const tour = /\n## A tour with curl\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(
  readFileSync(join(root, "README.md"), "utf8"),
)?.[1];

/** Walks the README's tour at a house and expects what it promises: a person, a photo, the stages and the answer. */
export async function walkTour(url: string): Promise<void> {
  expect(tour).toContain("http://127.0.0.1:3000");
  const folder = mkdtempSync(join(tmpdir(), "eco2-tour-"));
  try {
    // The tour is walked where the project is, but leaves its cookies here.
    symlinkSync(join(root, "test"), join(folder, "test"));
    const output = await shell(tour!.replaceAll("http://127.0.0.1:3000", url), folder);
    expect(output).toContain('"nickname":"mango"');
    expect(output).toMatch(/"key":"scan\/[0-9a-f]{32}\.jpg"/);
    const stages = [...output.matchAll(/^event: (\w+)$/gm)].map(([, stage]) => stage);
    expect([...new Set(stages)]).toEqual(["queued", "vision", "rule", "answer", "reward", "done"]);
    expect(output).toContain("재활용폐기물");
    expect(output).toContain("종이팩");
    expect(output).toMatch(/disposal_steps|1단계/);
    expect(output).not.toMatch(/curl: \(|SyntaxError|urn:eco2:error|command not found/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function shell(script: string, cwd: string): Promise<string> {
  const bash = spawn("bash", ["-u"], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [bash.stdout, bash.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  bash.stdin.end(script);
  await once(bash, "close");
  return output;
}
