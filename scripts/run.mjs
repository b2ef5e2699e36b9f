/** `node scripts/run.mjs <script.ts> [arguments]`: runs a script of the project on the pinned Node. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { onPinnedNode } from "./toolchain.mjs";

if (await onPinnedNode({ dev: false, dotEnv: true })) {
  const [node, , script = "", ...args] = process.argv;
  const path = resolve(script);
  // The script sees its own arguments where it expects them.
  process.argv = [node, path, ...args];
  await import(pathToFileURL(path).href);
}
