import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { unavailable } from "./object-store.ts";

/** Gives `work` the path of a file that may be written, and removes it afterwards, whatever happened. */
export async function withScratchFile<T>(scratchDir: string, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await makeFolder(scratchDir);
  try {
    return await work(join(folder, "file"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeFolder(scratchDir: string): Promise<string> {
  try {
    await mkdir(scratchDir, { recursive: true, mode: 0o700 });
    return await mkdtemp(join(scratchDir, "up-"));
  } catch (thrown) {
    throw unavailable(thrown);
  }
}

/** Removes what killed processes left behind. Younger files may be in use by a neighbour. @returns how many */
export async function clearScratch(scratchDir: string, olderThanMs: number): Promise<number> {
  const names = await readdir(scratchDir).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const path = join(scratchDir, name);
    const found = await stat(path).catch(() => undefined);
    if (!found || Date.now() - found.mtimeMs < olderThanMs) continue;
    await rm(path, { recursive: true, force: true });
    removed++;
  }
  return removed;
}
