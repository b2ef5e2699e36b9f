/** Types, lint and format, in this order; all are reported, any of them fails the command. */
import { onPinnedNode, pinnedNode, run } from "./toolchain.mjs";

const steps = [
  ["types", ["node_modules/typescript/bin/tsc", "--noEmit"]],
  ["lint", ["node_modules/eslint/bin/eslint.js", "."]],
  ["format", ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."]],
];

if (await onPinnedNode({ dev: true })) {
  const failed = [];
  for (const [name, args] of steps) {
    process.stdout.write(`── ${name}\n`);
    if ((await run(pinnedNode, args)) !== 0) failed.push(name);
  }
  process.stdout.write(failed.length === 0 ? "check: all fine\n" : `check: failed: ${failed.join(", ")}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
