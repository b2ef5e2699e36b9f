import { onPinnedNode } from "./toolchain.mjs";

if (process.argv.includes("--help")) {
  process.stdout.write(`npm start             the whole house in this process; settings in .env.example
npm start -- --repl   the same with Moleculer's command line (only warnings are logged)
`);
} else if (await onPinnedNode({ dev: false, dotEnv: true })) {
  if (process.argv.includes("--repl")) process.env.LOG_LEVEL ??= "warn";
  await import("./house.ts");
}
