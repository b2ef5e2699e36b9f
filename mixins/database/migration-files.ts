import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** One step of one room's schema. */
export interface MigrationFile {
  /** `<room>/<NNN-name>`, its identity for good. */
  name: string;
  path: string;
  sql: string;
  checksum: string;
}

const FILE = /^\d{3}-[a-z0-9]+(-[a-z0-9]+)*\.sql$/;
const PROJECT = new URL("../../", import.meta.url);

/**
 * All migrations of the house, in the order they run: messages first (every room writes to the outbox), then the rooms by name,
 * each by number. A room's schema is its own, so rooms do not depend on each other's.
 * @throws Error naming a file whose name is not `NNN-name.sql`
 */
export function readMigrationFiles(root: URL = PROJECT): MigrationFile[] {
  const cwd = fileURLToPath(root);
  const inside = (folder: string, room: (path: string) => string) =>
    globSync(`${folder}/migrations/*.sql`, { cwd })
      .map(path => path.replaceAll("\\", "/"))
      .sort()
      .map(path => readMigrationFile(cwd, path, room(path)));
  return [...inside("broker/channels", () => "messages"), ...inside("services/*", path => path.split("/")[1] ?? "")];
}

function readMigrationFile(cwd: string, path: string, room: string): MigrationFile {
  const file = basename(path);
  if (!FILE.test(file)) throw new Error(`${path}: a migration is named NNN-what-it-does.sql.`);
  // A checkout on Windows ends its lines differently and is no other migration.
  const sql = readFileSync(cwd + path, "utf8").replaceAll("\r\n", "\n");
  const checksum = createHash("sha256").update(sql).digest("hex");
  return { name: `${room}/${basename(file, ".sql")}`, path, sql, checksum };
}
