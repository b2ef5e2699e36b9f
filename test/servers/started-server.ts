import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

export { freePort } from "../../scripts/free-port.ts";

/** A server that was found (then `stop` does nothing) or started for this run. */
export interface StartedServer {
  url: string;
  stop: () => Promise<void>;
}

/** A server of our own that a test may break. */
export interface OwnServer extends StartedServer {
  readonly port: number;
  /** SIGSTOP freezes the whole server, SIGCONT lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Takes the power away. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder; one that still runs is asked to end first. */
  restart(): Promise<void>;
}

const POLL_MS = 50;

/** Waits until the server answers. @throws Error when it ends or takes longer */
export async function untilUp(server: ChildProcess, answers: () => Promise<boolean>, withinMs: number): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await answers())) {
    if (server.exitCode !== null || Date.now() > giveUpAt)
      throw new Error(`${server.spawnfile} was started but does not answer`);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}

/** Sends a signal to a server that runs in a process group of its own, and to all it has started. */
export function signalServer(server: ChildProcess, signal: NodeJS.Signals): void {
  if (server.exitCode === null && server.signalCode === null && server.pid !== undefined)
    process.kill(-server.pid, signal);
}

/** Ends a server that runs in a process group of its own, and waits for it. */
export async function endServer(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const gone = once(server, "exit");
  process.kill(-server.pid, signal);
  await gone;
}
