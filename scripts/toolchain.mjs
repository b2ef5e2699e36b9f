/**
 * Gets a command onto its feet from whatever Node is there (18 or newer): installs what is missing, then goes on with the
 * Node that package-lock.json pins. Plain .mjs and nothing but Node's own modules, since it runs before anything is installed.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const STARTER_CHECK_MS = 500;
export const root = fileURLToPath(new URL("..", import.meta.url));
const nodePackage = join(root, "node_modules", "node");
export const pinnedNode = join(nodePackage, "bin", process.platform === "win32" ? "node.exe" : "node");

/**
 * Prepares this process for TypeScript sources. Where it runs on another Node than the pinned one, the same command is run again
 * on that one, and its exit code becomes ours.
 * @param {{ dev: boolean, dotEnv?: boolean }} needs dev: the development packages too; dotEnv: read the file `.env`
 * @returns {Promise<boolean>} true: go on here; false: it has all been done by the other process
 */
export async function onPinnedNode({ dev, dotEnv = false }) {
  process.chdir(root);
  stopWithStarter();
  if (!isInstalled(dev)) install();
  if (!existsSync(pinnedNode)) fetchPinnedNode();
  if (process.versions.node === readJson(join(nodePackage, "package.json"))?.version) {
    keepCompiled();
    if (dotEnv && existsSync(".env")) process.loadEnvFile(".env");
    return true;
  }
  process.exitCode = await run(pinnedNode, process.argv.slice(1));
  return false;
}

/** Code that was compiled once is kept beside the packages; it takes a quarter off a start. Children and threads go by the variable. */
function keepCompiled() {
  process.env.NODE_COMPILE_CACHE ??= join(root, "node_modules", ".cache", "compiled");
  module.enableCompileCache?.();
}

/** A signal to npm reaches the shell between us, which dies of it without a word: then it was meant for us. */
function stopWithStarter() {
  const starter = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  const watch = setInterval(() => {
    if (process.ppid === starter) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, STARTER_CHECK_MS);
  watch.unref();
}

/**
 * Runs a program with our terminal and hands signals on to it.
 * @returns {Promise<number>} its exit code; 128 + number where a signal ended it, as shells count
 */
export function run(program, args, options = {}) {
  const child = spawn(program, args, { stdio: "inherit", cwd: root, ...options });
  const forward = signal => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Every package of the lock file that belongs here is in node_modules, in that version. */
function isInstalled(dev) {
  const wanted = readJson(join(root, "package-lock.json"))?.packages;
  const present = readJson(join(root, "node_modules", ".package-lock.json"))?.packages;
  if (!wanted) fail("package-lock.json is missing or damaged.");
  if (!present) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional, dev: isDev, devOptional }]) => {
    const found = present[path];
    if (path === "" || (!found && (optional || (!dev && (isDev || devOptional))))) return true;
    return found?.version === version && found.integrity === integrity;
  });
}

function install() {
  process.stderr.write("Eco²: installing packages (npm ci) …\n");
  const startedAt = Date.now();
  // Warnings would only tell that the Node which begins is older than the pinned one, which then runs it all.
  npm(["ci", "--loglevel=error"]);
  process.stderr.write(`Eco²: installed in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
}

/** npm may be told not to run install scripts; the package `node` fetches its binary in one. */
function fetchPinnedNode() {
  const script = join(nodePackage, "installArchSpecificPackage.js");
  const { status } = existsSync(script)
    ? spawnSync(process.execPath, [script], { cwd: nodePackage, stdio: ["ignore", 2, 2], env: npmEnvironment() })
    : { status: 1 };
  if (status !== 0 || !existsSync(pinnedNode)) fail("The pinned Node could not be installed; see the lines above.");
}

function npm(args) {
  const program = process.platform === "win32" ? "npm.cmd" : "npm";
  const options = { cwd: root, stdio: ["ignore", 2, 2], env: npmEnvironment(), shell: process.platform === "win32" };
  const { status, error } = spawnSync(program, args, options);
  if (error) fail(`npm could not be run (${error.message}). Node comes with npm: https://nodejs.org`);
  if (status !== 0) fail(`npm ${args.join(" ")} failed; see the lines above.`);
}

/** npm puts node_modules/.bin first, where an installation in progress deletes the very Node it would run on. */
function npmEnvironment() {
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter(folder => !folder.endsWith(join("node_modules", ".bin")));
  // Some packages count their installations over the network.
  return { ...process.env, PATH: path.join(delimiter), SCARF_ANALYTICS: "false" };
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function fail(message) {
  process.stderr.write(`Eco²: ${message}\n`);
  process.exit(1);
}
