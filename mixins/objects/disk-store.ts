import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { access, constants, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { assertKey, type ObjectStore, storeCalls, type StoredObject } from "./object-store.ts";

/** Objects as files of one folder. Processes of one machine may share it. */
export function diskStore(folder: string): ObjectStore {
  const root = resolve(folder);
  const scratchDir = join(root, "incoming");
  const pathOf = (key: string): string => {
    assertKey(key);
    return join(root, key);
  };

  return {
    intake: { by: "house", scratchDir },

    put: (key, bytes) =>
      orUnavailable(async () => {
        const path = pathOf(key);
        const unfinished = join(scratchDir, randomUUID());
        await mkdir(scratchDir, { recursive: true, mode: 0o700 });
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        try {
          await writeDurably(unfinished, bytes);
          await rename(unfinished, path);
        } finally {
          await rm(unfinished, { force: true });
        }
        await syncFolder(dirname(path));
        return describe(await stat(path));
      }),

    get: (key, signal) =>
      orMissing(async () => {
        const file = await open(pathOf(key), "r");
        const body = file.createReadStream(signal === undefined ? {} : { signal });
        return { ...describe(await file.stat()), body };
      }),

    head: key => orMissing(async () => describe(await stat(pathOf(key)))),

    remove: key => orUnavailable(() => rm(pathOf(key), { force: true })),

    ping: () =>
      orUnavailable(async () => {
        await mkdir(root, { recursive: true, mode: 0o700 });
        await access(root, constants.W_OK);
      }),

    close: () => undefined,
  };
}

/** Size and time of writing tell one version from another without reading the file. */
const describe = ({ size, mtimeMs }: Stats): StoredObject => ({
  sizeBytes: size,
  etag: `${size.toString(16)}-${Math.trunc(mtimeMs * 1000).toString(16)}`,
});

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const { orMissing, orUnavailable } = storeCalls(
  thrown => (thrown as NodeJS.ErrnoException).code === "ENOENT",
  // Only the system's own failures mean that the store is down.
  thrown => (thrown as NodeJS.ErrnoException).syscall !== undefined,
);
