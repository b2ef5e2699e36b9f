import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

export { freePort } from "../../scripts/free-port.ts";

/** A server that was found (then `stop` does nothing) or started for this run. */
export interface StartedServer {
  url: string;
  stop: () => Promise<void>;
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

/** Ends a server that runs in a process group of its own, and waits for it. */
export async function endServer(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const gone = once(server, "exit");
  process.kill(-server.pid, signal);
  await gone;
}
