/** Makes the packed empty database for the installed PGlite anew; to be run when its version changes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initFolder } from "../mixins/database/embedded-folder.ts";
import { packedPath, packEmptyDatabase } from "../mixins/database/empty-database.ts";

const folder = mkdtempSync(join(tmpdir(), "eco2-initdb-"));
try {
  await initFolder(join(folder, "database"));
  const packed = packEmptyDatabase(join(folder, "database"));
  writeFileSync(packedPath(), packed);
  process.stdout.write(`${packedPath()}: ${packed.length} bytes\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
