import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/**
 * What `initdb` makes, packed: running it in wasm takes five seconds of a core and half a gigabyte, unpacking this a fraction.
 * The layout of the files belongs to one version of PGlite; for any other there is no packed one and `initdb` runs.
 * The file: length of the index (u32), index as JSON, then the contents one after the other, all through zstd.
 */
interface Index {
  folders: string[];
  files: [path: string, bytes: number][];
}

/** The three databases in it are nearly the same: a window over all of it (2^25 bytes) finds that. */
const WINDOW_LOG = 25;

const pgliteVersion = (): string => {
  const manifest = fileURLToPath(new URL("../../node_modules/@electric-sql/pglite/package.json", import.meta.url));
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
};

/** Where the packed database for the installed PGlite lies, or would lie. */
export const packedPath = (): string =>
  fileURLToPath(new URL(`./empty-pglite-${pgliteVersion()}.zst`, import.meta.url));

/** Unpacks an empty database into `folder`, which must not exist yet. @returns false when there is none for this PGlite */
export function unpackEmptyDatabase(folder: string): boolean {
  const path = packedPath();
  if (!existsSync(path)) return false;
  const packed = zstdDecompressSync(readFileSync(path), { params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG } });
  const start = 4 + packed.readUInt32BE(0);
  const { folders, files } = JSON.parse(packed.toString("utf8", 4, start)) as Index;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const path of folders) mkdirSync(join(folder, path), { mode: 0o700 });
  let at = start;
  for (const [path, bytes] of files) {
    writeFileSync(join(folder, path), packed.subarray(at, at + bytes), { mode: 0o600 });
    at += bytes;
  }
  return true;
}

/** Packs a database that was closed properly, for `unpackEmptyDatabase`. */
export function packEmptyDatabase(folder: string): Buffer {
  const paths = globSync("**", { cwd: folder })
    .map(path => path.replaceAll("\\", "/"))
    .sort();
  const isFolder = (path: string) => statSync(join(folder, path)).isDirectory();
  const contents = paths.filter(path => !isFolder(path)).map(path => [path, readFileSync(join(folder, path))] as const);
  const index: Index = {
    folders: paths.filter(path => path !== "." && isFolder(path)),
    files: contents.map(([path, content]) => [path, content.length]),
  };
  const head = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return zstdCompressSync(Buffer.concat([length, head, ...contents.map(([, content]) => content)]), {
    params: {
      [constants.ZSTD_c_compressionLevel]: 19,
      [constants.ZSTD_c_windowLog]: WINDOW_LOG,
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
}
