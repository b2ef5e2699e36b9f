import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The code under test starts from its defaults, whatever the settings of the house on this machine are. */
function inherited(): Record<string, string | undefined> {
  const kept =
    /^(PATH|HOME|USER|SHELL|TERM|COLORTERM|LANG|LC_.*|TZ|TMPDIR|CI|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|NODE_COMPILE_CACHE|TEST_.*|CHAOS_.*)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name)));
}

/** Runs jest with these arguments. @returns its exit code */
export function runJest(args: readonly string[], env: Record<string, string>): Promise<number> {
  const jest = ["--experimental-vm-modules", "--no-warnings=ExperimentalWarning", "node_modules/jest/bin/jest.js"];
  const all = { ...inherited(), ...env };
  const child = spawn(process.execPath, [...jest, ...args], { cwd: root, env: all, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
