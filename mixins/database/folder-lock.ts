import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Who holds a folder. `startedAt` tells a process from a later one that got the same pid; "" where the system does not say. */
export interface FolderOwner {
  pid: number;
  startedAt: string;
  /** One per lock, so that a lock is never mistaken for its successor. */
  token: string;
}

export interface FolderLock {
  release(): void;
}

const LOCK_FILE = "lock.json";

/**
 * Takes the folder for this process (and makes it when it is missing). Two processes on one embedded database would lose each
 * other's rows silently. The lock of a process that is gone is taken over; of several that try, one wins.
 * Pids are those of one machine: a folder shared between machines or containers is not protected.
 * @throws Error with `code: "FOLDER_IN_USE"` and `pid`
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, LOCK_FILE);
  const mine = claim(path);
  if ("token" in mine) return { release: () => releaseIfOurs(path, mine.token) };
  const message =
    mine.heldBy.pid === process.pid
      ? `The data folder ${resolve(folder)} is already open in this process (pid ${process.pid}).`
      : `The data folder ${resolve(folder)} is in use by another process (pid ${mine.heldBy.pid}). Stop that one first, or set DATA_DIR to another folder.`;
  throw Object.assign(new Error(message), { code: "FOLDER_IN_USE", pid: mine.heldBy.pid });
}

/** The living process that holds the folder, if any. */
export function folderOwner(folder: string): FolderOwner | undefined {
  const owner = readOwner(join(folder, LOCK_FILE));
  return owner !== undefined && isAlive(owner) ? owner : undefined;
}

/**
 * Creates the lock file, or tells who has it. A dead owner's file may be removed only by whoever holds the claim on that very lock,
 * which is a lock of the same kind beside it: so nobody can remove the lock of the one who was faster.
 */
function claim(path: string): { token: string } | { heldBy: FolderOwner } {
  const me: FolderOwner = { pid: process.pid, startedAt: startOf(process.pid), token: randomUUID() };
  for (;;) {
    if (createWhole(path, JSON.stringify(me))) return { token: me.token };
    const owner = readOwner(path);
    if (owner === undefined) continue; // released between the two lines above
    if (isAlive(owner)) return { heldBy: owner };
    const removal = claim(`${path}.${owner.token}`);
    if ("heldBy" in removal) return removal;
    if (readOwner(path)?.token === owner.token) unlinkSync(path);
    releaseIfOurs(`${path}.${owner.token}`, removal.token);
  }
}

/** Puts the file there with all its content or not at all: nobody ever reads half a lock. False when there is one already. */
function createWhole(path: string, content: string): boolean {
  const draft = `${path}.${randomUUID()}.new`;
  writeFileSync(draft, content);
  try {
    linkSync(draft, path);
    return true;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // Some file systems (exFAT, many network mounts) know no hard links.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw thrown;
    return createExclusively(path, content);
  } finally {
    unlinkSync(draft);
  }
}

function createExclusively(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "wx" });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  }
}

function readOwner(path: string): FolderOwner | undefined {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw thrown;
  }
  return parseOwner(content);
}

/** A file that is no lock of ours (emptied by a full disk or a power cut) is owned by nobody alive. */
function parseOwner(content: string): FolderOwner {
  const nobody: FolderOwner = { pid: 0, startedAt: "", token: "unreadable" };
  try {
    const read = JSON.parse(content) as Partial<FolderOwner> | null;
    const { pid, startedAt, token } = read ?? {};
    return Number.isInteger(pid) && typeof token === "string" && /^[\w-]{1,64}$/.test(token)
      ? { pid: pid as number, startedAt: startedAt ?? "", token }
      : nobody;
  } catch {
    return nobody;
  }
}

function isAlive({ pid, startedAt }: FolderOwner): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // EPERM: it lives, and belongs to somebody else.
    if ((thrown as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  return startedAt === "" || now === "" || now === startedAt;
}

/** Boot and moment of the process's start on Linux; elsewhere "", and a pid alone has to do. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22, counted after the name, which may itself hold spaces and parentheses; a zombie holds nothing any more.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "ended" : `${boot}/${fields[19] ?? ""}`;
  } catch {
    return "";
  }
}

function releaseIfOurs(path: string, token: string): void {
  if (readOwner(path)?.token === token) unlinkSync(path);
}
