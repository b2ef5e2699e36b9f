import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const START_AGAIN_MS = 200;

/** One process of the house. Like in a cluster, it is started again when it ends without having been asked to. */
export interface Member {
  readonly name: string;
  readonly logPath: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** Times it ended without having been asked to. */
  readonly deaths: number;
  /** Resolves when its rooms are up, in this life or the next. */
  up(): Promise<void>;
  /** Takes its power away; it is started again. */
  kill(): void;
  /** Asks it to end, and starts no other. @returns its exit code and how long it took */
  end(): Promise<{ code: number | null; tookMs: number }>;
  start(): void;
  freeze(isFrozen: boolean): void;
}

/** Makes a member and starts it. @param env the whole environment of the process */
export function startMember(name: string, env: Record<string, string | undefined>, logPath: string): Member {
  const log = createWriteStream(logPath, { flags: "a" });
  let child: ChildProcess | undefined;
  let isWanted = true;
  let deaths = 0;
  let lives = 0;
  let up = Promise.withResolvers<void>();

  const start = () => {
    isWanted = true;
    const own = spawn(process.execPath, ["scripts/house.ts"], {
      cwd: root,
      env: { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], NODE_ID: `${name}.${++lives}`, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child = own;
    own.stdout?.pipe(log, { end: false });
    own.stderr?.pipe(log, { end: false });
    own.once("message", () => up.resolve());
    own.once("close", () => {
      if (child !== own) return;
      child = undefined;
      up = Promise.withResolvers();
      if (!isWanted) return;
      deaths++;
      setTimeout(() => {
        if (isWanted && child === undefined) start();
      }, START_AGAIN_MS);
    });
  };
  start();

  return {
    name,
    logPath,
    get pid() {
      return child?.pid;
    },
    get deaths() {
      return deaths;
    },
    up: () => up.promise,
    kill: () => void child?.kill("SIGKILL"),
    async end() {
      isWanted = false;
      const own = child;
      if (!own) return { code: null, tookMs: 0 };
      const askedAt = Date.now();
      const closed = once(own, "close") as Promise<[number | null]>;
      own.kill("SIGCONT");
      own.kill("SIGTERM");
      const [code] = await closed;
      return { code, tookMs: Date.now() - askedAt };
    },
    start,
    freeze: isFrozen => void child?.kill(isFrozen ? "SIGSTOP" : "SIGCONT"),
  };
}
