import { onPinnedNode } from "./toolchain.mjs";

if (await onPinnedNode({ dev: true })) await import("../test/chaos/run.ts");
