import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { residentMb } from "./weigh.ts";

const LOOK_MS = 200;

/** Imports a file of sites into a folder by the command. @returns seconds, and megabytes that its process held at most */
export async function measureImport(file: string, dataDir: string): Promise<{ tookS: number; peakMb: number }> {
  const script = fileURLToPath(new URL("../scripts/import.ts", import.meta.url));
  const { PATH, HOME, TMPDIR, DATABASE_URL } = process.env;
  const env = { PATH, HOME, TMPDIR, DATA_DIR: dataDir, ...(DATABASE_URL === undefined ? {} : { DATABASE_URL }) };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [script, "locations", file], { env, stdio: ["ignore", "ignore", "inherit"] });
  let peakMb = 0;
  const watch = setInterval(() => {
    if (child.pid !== undefined && child.exitCode === null) peakMb = Math.max(peakMb, residentMb(child.pid));
  }, LOOK_MS);
  const [code] = (await once(child, "exit")) as [number | null];
  clearInterval(watch);
  if (code !== 0) throw new Error(`the import ended with ${String(code)}`);
  return { tookS: (performance.now() - startedAt) / 1000, peakMb };
}
