import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./builders/until.ts";
import { houseEnvironment } from "./house.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** `npm run cluster` in a process of its own, its output not on a terminal. */
export interface Cluster {
  readonly dataDir: string;
  /** Everything that it wrote. */
  output(): string;
  /** Waits until it wrote that. @returns the match */
  said(what: RegExp): Promise<RegExpExecArray>;
  /** The process that a member runs in now. */
  pidOf(name: string): number;
  /** @returns its exit code */
  end(signal: NodeJS.Signals): Promise<number | null>;
  ended: Promise<number | null>;
  /** Ends what still runs, and removes its folder. */
  clear(): Promise<void>;
}

export function startCluster(env: Record<string, string>, args: string[] = []): Cluster {
  const dataDir = mkdtempSync(join(tmpdir(), "eco2-cluster-"));
  const child = spawn(process.execPath, ["scripts/cluster.ts", ...args], {
    cwd: root,
    env: { ...houseEnvironment(dataDir, env), NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = (once(child, "close") as Promise<[number | null]>).then(([code]) => code);
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    dataDir,
    output: () => output,
    async said(what) {
      await until(() => what.test(output) || child.exitCode !== null);
      const match = what.exec(output);
      if (!match) throw new Error(`the cluster ended and never said ${String(what)}:\n${output}`);
      return match;
    },
    pidOf(name) {
      const pids = [
        ...output.matchAll(new RegExp(`^ *${name} .*?(\\d+) +up`, "gm")),
        ...output.matchAll(new RegExp(`${name} is up again \\(pid (\\d+)\\)`, "g")),
      ];
      return Number(pids.at(-1)?.[1]);
    },
    end,
    ended,
    async clear() {
      await end("SIGTERM");
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
