/** `npm run repl`: see repl.ts. */
import { onPinnedNode } from "./toolchain.mjs";

if (await onPinnedNode({ dev: false, dotEnv: true })) {
  const { folderOwner } = await import("../mixins/database/folder-lock.ts");
  const { neededServers } = await import("./cluster/find-servers.ts");
  process.env.LOG_LEVEL ??= "warn";
  // Where no house in one process has the folder, it is the one of `npm run cluster`, which knows where its servers are.
  if (!process.env.AMQP_URL && folderOwner(process.env.DATA_DIR || "data") === undefined)
    process.env.AMQP_URL = neededServers(process.env).find(({ setting }) => setting === "AMQP_URL")?.url;
  await import("./repl.ts");
}
