import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const START_DEADLINE_MS = 60_000;
const POLL_MS = 25;
/** The end of the output is what tells why; the rest of a long life is let go. */
const OUTPUT_KEPT = 200_000;

export interface Ending {
  /** Null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of the house that was just started. */
export interface StartedProcess {
  readonly pid: number;
  /** Resolves once its rooms are up to the address of its gateway, undefined without one; rejects when it ends before. */
  readonly up: Promise<string | undefined>;
  readonly ended: Promise<Ending>;
  /** The last of what it wrote to both of its outputs. */
  output: () => string;
  kill: (signal: NodeJS.Signals) => void;
}

/** A house in a process of its own. */
export interface HouseProcess extends Pick<StartedProcess, "pid" | "output"> {
  readonly url: string;
  /** Sends the signal and waits for the end. @returns the exit code; null when the signal itself ended it */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface HouseSettings {
  /** The whole environment of the process; nothing is inherited but where compiled code is kept. */
  env: Record<string, string | undefined>;
  /** Hears every line that it writes. */
  onLine?: (line: string) => void;
}

/**
 * Starts a process of the house. It runs in its own process group, so that a Ctrl-C meant for the starter does not hit it, and stops by
 * itself when the starter dies.
 */
export function startProcess({ env, onLine }: HouseSettings): StartedProcess {
  const child = spawn(process.execPath, ["scripts/house.ts"], {
    cwd: root,
    env: { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_KEPT)));
    if (onLine) createInterface({ input: stream }).on("line", onLine);
  }
  const ended = (once(child, "close") as Promise<[Ending["code"], Ending["signal"]]>).then(([code, signal]) => ({
    code,
    signal,
  }));
  const up = Promise.race([announcement(child), ended.then(failed)]);
  // Whoever only waits for the end has learnt of it there.
  up.catch(() => undefined);
  return { pid: child.pid ?? 0, up, ended, output: () => output, kill: signal => void child.kill(signal) };
}

/**
 * Starts a house and waits until it is ready.
 * @throws Error with `output` when it ends before it is ready
 */
export async function spawnHouse(settings: HouseSettings): Promise<HouseProcess> {
  const { pid, up, ended, output, kill } = startProcess(settings);
  const end = async (signal: NodeJS.Signals) => {
    kill(signal);
    return (await ended).code;
  };
  try {
    const url = await Promise.race([up, deadline()]);
    if (url === undefined) throw new Error("the house started without a gateway");
    await untilReady(url);
    return { url, pid, output, end };
  } catch (thrown) {
    await end("SIGKILL");
    throw Object.assign(thrown as Error, { output: output() });
  }
}

/** house.ts sends its address over the channel once it listens. */
async function announcement(child: ChildProcess): Promise<string | undefined> {
  const [message] = (await once(child, "message")) as [{ url: string | undefined }];
  return message.url;
}

const failed = ({ code }: Ending): never => {
  throw new Error(`the house ended before it was ready (exit code ${code ?? "none"})`);
};

function deadline(): Promise<never> {
  return new Promise((_, reject) => {
    const late = () => reject(new Error(`the house was not up after ${START_DEADLINE_MS / 1000} s`));
    setTimeout(late, START_DEADLINE_MS).unref();
  });
}

/** Waits until every room behind the gateway at `url` answers. @throws Error with what it said last, after a minute */
export async function untilReady(url: string): Promise<void> {
  const giveUpAt = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const answer = await fetch(`${url}/ready`);
    const text = await answer.text();
    if (answer.ok) return;
    if (Date.now() > giveUpAt) throw new Error(`the house does not get ready: ${text}`);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}
