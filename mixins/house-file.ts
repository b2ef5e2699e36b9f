import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Where a running house can be reached: `DATA_DIR/house.json`. The gateway announces itself once it listens, as
 * `this.withdraw = announceHouse(env.DATA_DIR, url)`, and calls `withdraw()` when it stops; commands and tests on the same folder
 * look it up with `findHouse`. It is a signpost, no lock: a killed house leaves it behind.
 */
export interface RunningHouse {
  pid: number;
  /** Origin on this machine with the real port, e.g. `http://127.0.0.1:3000`; never PUBLIC_URL. */
  url: string;
}

const fileIn = (dataDir: string): string => join(dataDir, "house.json");

/**
 * Puts the signpost up. The last gateway to start on a folder wins.
 * @returns takes it down again, unless another process has put its own there since
 */
export function announceHouse(dataDir: string, url: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const path = fileIn(dataDir);
  const draft = `${path}.${process.pid.toString()}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, url } satisfies RunningHouse));
  // Renamed into place: nobody ever reads half of it.
  renameSync(draft, path);
  return () => {
    if (readHouse(path)?.pid === process.pid) rmSync(path, { force: true });
  };
}

/** The house that runs on this folder, as far as can be told without asking it: its process is alive. */
export function findHouse(dataDir: string): RunningHouse | undefined {
  const house = readHouse(fileIn(dataDir));
  return house && isAlive(house.pid) ? house : undefined;
}

function readHouse(path: string): RunningHouse | undefined {
  try {
    const { pid, url } = JSON.parse(readFileSync(path, "utf8")) as Partial<Record<string, unknown>>;
    return typeof pid === "number" && typeof url === "string" ? { pid, url } : undefined;
  } catch {
    return undefined; // not there, or not ours: both mean that no house is known
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
