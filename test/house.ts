import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, clientOf } from "../scripts/client.ts";
import { type HouseProcess, spawnHouse } from "../scripts/house-process.ts";

/** The whole house in a process of its own, over HTTP like the app meets it. */
export interface House {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  /** The last of what it wrote, over all its lives. */
  output(): string;
  /** Somebody who has not signed in. */
  visitor(): Client;
  /** A browser in which that person is signed in. */
  signIn(name: string): Promise<Client>;
  /** Ends the process: SIGKILL takes the power away, SIGTERM asks politely. @returns the exit code, null for a SIGKILL */
  kill(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<number | null>;
  /** Starts it again on the same folder and port, stopping it first where it still runs. */
  restart(): Promise<void>;
  /** Ends it for good and removes a folder that it was given by us. */
  stop(): Promise<void>;
}

export interface HouseOptions {
  env?: Record<string, string>;
  /** Default: a temporary folder, removed by `stop`. */
  dataDir?: string;
}

/** Starts a house on a free port; nothing of the machine's settings reaches it. */
export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "eco2-house-"));
  const env = houseEnvironment(dataDir, options.env);
  const former: string[] = [];
  let current: HouseProcess | undefined = await spawnHouse({ env });
  let last = current;

  const end = async (signal: NodeJS.Signals) => {
    const running = current;
    current = undefined;
    return running === undefined ? null : running.end(signal);
  };
  return {
    get url() {
      return last.url;
    },
    get pid() {
      return last.pid;
    },
    dataDir,
    output: () => [...former, last.output()].join(""),
    visitor: () => clientOf(last.url),
    async signIn(name) {
      const client = clientOf(last.url);
      await client.signIn(name);
      return client;
    },
    kill: end,
    async restart() {
      await end("SIGTERM");
      former.push(last.output());
      last = await spawnHouse({ env: { ...env, PORT: new URL(last.url).port } });
      current = last;
    },
    async stop() {
      await end("SIGTERM");
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The environment that a house of the tests starts with; also for those that are meant not to start. */
export function houseEnvironment(
  dataDir: string,
  extra: Record<string, string> = {},
): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, PORT: "0", DATA_DIR: dataDir, LOG_FORMAT: "json", NODE_ENV: "test", ...extra };
}
