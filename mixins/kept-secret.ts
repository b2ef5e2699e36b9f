import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { env } from "../broker/env.ts";

/**
 * A secret that nobody configured: made once, then kept in `DATA_DIR/<name>`, readable by the owner alone.
 * Several processes that start together on a fresh folder all get the same one.
 * @param name file name inside DATA_DIR, e.g. `image-signing.secret`
 * @param make makes the text of a fresh secret; called at most once, and its value is not used when another process was quicker
 * @throws the system's error when the folder can't be written, and an Error when the file is there but empty
 */
export function keptSecret(name: string, make: () => string): string {
  if (!/^[a-z][a-z0-9.-]*$/.test(name)) throw new Error(`Not a file name for a kept secret: ${name}`);
  const path = join(env.DATA_DIR, name);
  const found = read(path);
  if (found !== undefined) return found;
  mkdirSync(env.DATA_DIR, { recursive: true, mode: 0o700 });
  publish(join(env.DATA_DIR, `.${name}.${randomUUID()}`), path, make());
  const kept = read(path);
  if (kept === undefined) throw new Error(`${path} vanished while it was made`);
  return kept;
}

/** A link is all or nothing and never replaces: the first process wins, and no reader sees half a key. */
function publish(draft: string, path: string, text: string): void {
  writeDurably(draft, text);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (isCode(error, "EEXIST")) return;
    // Some file systems (exFAT, many network mounts) know no hard links.
    if (!["EPERM", "ENOTSUP", "ENOSYS"].some(code => isCode(error, code))) throw error;
    writeDurably(path, text);
  } finally {
    unlinkSync(draft);
  }
}

function read(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
  if (text.trim() === "") throw new Error(`${path} is empty: restore it from a backup, or remove it to make a new one`);
  // A restored backup may have lost its mode.
  chmodSync(path, 0o600);
  return text;
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
