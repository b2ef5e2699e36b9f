import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const START_DEADLINE_MS = 60_000;
const POLL_MS = 25;
/** The end of the output is what tells why; the rest of a long life is let go. */
const OUTPUT_KEPT = 200_000;

/** A house in a process of its own. */
export interface HouseProcess {
  readonly url: string;
  readonly pid: number;
  /** The last of what it wrote to both of its outputs. */
  output(): string;
  /** Sends the signal and waits for the end. @returns the exit code; null when the signal itself ended it */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface HouseSettings {
  /** The whole environment of the process; nothing is inherited but where compiled code is kept. */
  env: Record<string, string | undefined>;
}

/**
 * Starts a house and waits until it is ready. It runs in its own process group, so that a Ctrl-C meant for the starter does not hit it,
 * and stops by itself when the starter dies.
 * @throws Error with `output` when it ends before it is ready
 */
export async function spawnHouse({ env }: HouseSettings): Promise<HouseProcess> {
  const child = spawn(process.execPath, ["scripts/house.ts"], {
    cwd: root,
    env: { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_KEPT));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const ended = once(child, "close") as Promise<[number | null]>;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await ended;
    return code;
  };
  try {
    const url = await Promise.race([announcement(child), deadline(), ended.then(failed)]);
    await untilReady(url);
    return { url, pid: child.pid ?? 0, output: () => output, end };
  } catch (thrown) {
    await end("SIGKILL");
    throw Object.assign(thrown as Error, { output });
  }
}

/** house.ts sends its address over the channel once it listens. */
async function announcement(child: ChildProcess): Promise<string> {
  const [message] = (await once(child, "message")) as [{ url: string | undefined }];
  if (message.url === undefined) throw new Error("the house started without a gateway");
  return message.url;
}

const failed = ([code]: [number | null]): never => {
  throw new Error(`the house ended before it was ready (exit code ${code ?? "none"})`);
};

function deadline(): Promise<never> {
  return new Promise((_, reject) => {
    const late = () => reject(new Error(`the house was not up after ${START_DEADLINE_MS / 1000} s`));
    setTimeout(late, START_DEADLINE_MS).unref();
  });
}

async function untilReady(url: string): Promise<void> {
  const giveUpAt = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const answer = await fetch(`${url}/ready`);
    const text = await answer.text();
    if (answer.ok) return;
    if (Date.now() > giveUpAt) throw new Error(`the house does not get ready: ${text}`);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}
