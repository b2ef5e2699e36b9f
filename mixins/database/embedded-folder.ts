import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { PGlite } from "@electric-sql/pglite";
import { unpackEmptyDatabase } from "./empty-database.ts";

/**
 * `shared_buffers`: the default of 128 MB is written through at every start, half a second and 120 MB for data that the system
 * caches anyway. `wal_level`: nobody replicates from here. `jit`: there is no compiler in here.
 */
const SETTINGS = ["shared_buffers=16MB", "wal_level=minimal", "max_wal_senders=0", "jit=off", "TimeZone=UTC"];
/** Segments of 16 MB, the default, would make every data folder that much larger. */
const INITDB = ["--wal-segsize=1"];

/** Opens the database in `folder`, and makes an empty one when there is none. */
export async function openFolder(folder: string): Promise<PGlite> {
  if (!existsSync(join(folder, "PG_VERSION"))) await createFolder(folder);
  return withoutTierUp(() => PGlite.create({ dataDir: folder, startParams: startParams() }));
}

/** Runs `initdb` in `folder`; five seconds and more. */
export async function initFolder(folder: string): Promise<void> {
  const database = await withoutTierUp(() =>
    PGlite.create({ dataDir: folder, startParams: startParams(), initDbStartParams: INITDB }),
  );
  await database.close();
}

/** Beside its place and then moved there: a start that was killed halfway leaves no half database to be mistaken for a whole one. */
async function createFolder(folder: string): Promise<void> {
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  if (!unpackEmptyDatabase(draft)) await initFolder(draft);
  renameSync(draft, folder);
}

const startParams = (): string[] => [...PGlite.defaultStartParams, ...SETTINGS.flatMap(setting => ["-c", setting])];

/**
 * Keeps V8 from optimising what is compiled meanwhile: one function of PostgreSQL is so large that optimising it takes a core for
 * two seconds and 600 MB, at every start, and is not worth it (queries are no faster). Functions compiled later are as before.
 */
async function withoutTierUp<T>(work: () => Promise<T>): Promise<T> {
  setFlagsFromString("--no-wasm-dynamic-tiering");
  setFlagsFromString("--no-wasm-tier-up");
  try {
    return await work();
  } finally {
    setFlagsFromString("--wasm-dynamic-tiering");
    setFlagsFromString("--wasm-tier-up");
  }
}
