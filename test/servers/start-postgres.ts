import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Client } from "pg";
import { endServer, freePort, type OwnServer, signalServer, untilUp } from "./started-server.ts";

const CONNECT_TIMEOUT_MS = 2_000;
const START_TIMEOUT_MS = 30_000;

/** True when the server answers and lets us make databases of our own. */
export async function canUsePostgres(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  try {
    await client.connect();
    const { rows } = await client.query<{ able: boolean }>(
      "select rolcreatedb or rolsuper as able from pg_roles where rolname = current_user",
    );
    return rows[0]?.able === true;
  } catch {
    return false; // no server, no such role, wrong password: for us it is not there
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const hasPostgres = (): boolean => findBinaries() !== undefined;

/**
 * Starts a server of our own in a temporary folder from installed binaries; undefined where there are none.
 * @param settings of the server, e.g. `{ max_connections: "20" }`
 */
export async function startPostgres(settings: Record<string, string> = {}): Promise<OwnServer | undefined> {
  const bin = findBinaries();
  if (bin === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "eco2-postgres-"));
  const owner = serverUser();
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const initdb = spawnSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
    {
      ...owner,
      cwd: folder,
      encoding: "utf8",
    },
  );
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}`);
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  // Everything is thrown away at the end, so nothing needs to survive a power cut.
  const all = { fsync: "off", full_page_writes: "off", synchronous_commit: "off", ...settings };
  const named = Object.entries({ ...all, unix_socket_directories: folder });
  const args = [
    ...["-D", data, "-p", String(port), "-h", "127.0.0.1"],
    ...named.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  let server: ChildProcess | undefined;

  const run = async () => {
    server = spawn(join(bin, "postgres"), args, { ...owner, cwd: folder, stdio: "ignore", detached: true });
    await untilUp(server, () => canUsePostgres(url), START_TIMEOUT_MS);
  };
  const end = async (signal: NodeJS.Signals) => {
    if (server) await endServer(server, signal);
  };
  const fastShutdown = () => end("SIGINT");
  const stop = async () => {
    await fastShutdown();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await run();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    url,
    port,
    stop,
    kill: () => end("SIGKILL"),
    async restart() {
      await fastShutdown();
      await run();
    },
    signal: signal => server && signalServer(server, signal),
  };
}

/** The newest PostgreSQL on the path or where Debian puts it. */
function findBinaries(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...versions.map(version => join(debian, version, "bin")),
  ];
  return folders.find(folder => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** PostgreSQL refuses to run as root: then it runs as the user its package made, or as nobody. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  const entry = users.find(line => line.startsWith("postgres:")) ?? users.find(line => line.startsWith("nobody:"));
  const [, , uid, gid] = (entry ?? "").split(":").map(Number);
  if (uid === undefined || gid === undefined)
    throw new Error("PostgreSQL cannot run as root, and there is no user for it");
  return { uid, gid };
}
