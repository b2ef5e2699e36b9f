import { PGlite } from "@electric-sql/pglite";

/**
 * The default of 128 MB is written through at every start: half a second and 120 MB of memory for data that the system caches anyway.
 * `wal_level` minimal, since nobody replicates from here.
 */
const SETTINGS = ["shared_buffers=16MB", "wal_level=minimal", "max_wal_senders=0", "jit=off", "TimeZone=UTC"];

export async function openFolder(folder: string): Promise<PGlite> {
  return PGlite.create({
    dataDir: folder,
    startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap(setting => ["-c", setting])],
  });
}
