import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Ending, type StartedProcess, startProcess } from "../house-process.ts";
import type { Plan } from "./plan-members.ts";

/** A process that ends sooner than this after it was up has not recovered from what ended it the time before. */
const STEADY_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;
/** So many ends in a row are a crash loop, and the person is shown why. */
const LOOP = 3;
const TOLD_LINES = 12;

export type State = "starting" | "up" | "waiting" | "stopping" | "stopped";

/** A process of the cluster as a person looks at it. */
export interface Member extends Plan {
  state: State;
  pid: number | undefined;
  restarts: number;
}

export interface Supervised {
  readonly member: Readonly<Member>;
  /** Resolves when it is up for the first time. */
  readonly firstUp: Promise<void>;
  /** Asks it to finish what is in hand and not to come back; kills it when it takes longer than `graceMs`. @returns false when it had to be killed */
  stop(graceMs: number): Promise<boolean>;
  kill(): void;
}

export interface SuperviseOptions {
  env: Record<string, string | undefined>;
  /** Something that the person at the terminal should know. */
  tell: (text: string) => void;
  /** A line that the process wrote. */
  onLine: (line: string) => void;
  /** Its state is another one. */
  onChange: () => void;
}

/** Milliseconds to wait before the next start. A first end is taken for bad luck; what keeps ending is asked ever less often. */
export const backoffMs = (failures: number): number =>
  failures <= 1 ? 0 : Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** (failures - 2));

/** Keeps one process of the house running until it is asked to stop. */
export function supervise(plan: Plan, { env, tell, onLine, onChange }: SuperviseOptions): Supervised {
  const member: Member = { ...plan, state: "starting", pid: undefined, restarts: 0 };
  const { promise: firstUp, resolve: isUp } = Promise.withResolvers<void>();
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  let running: StartedProcess | undefined;

  const set = (change: Partial<Member>) => {
    Object.assign(member, change);
    onChange();
  };

  /** @returns how it ended and for how long it had been up, undefined when it never was */
  async function live(): Promise<{ ending: Ending; output: string; upMs: number | undefined }> {
    let upAt: number | undefined;
    // A new name for each life: requests that wait for the former one must not reach this one as well.
    const nodeId = `${plan.name}-${randomBytes(2).toString("hex")}`;
    running = startProcess({ env: { ...env, ...plan.env, NODE_ID: nodeId }, onLine });
    set({ state: "starting", pid: running.pid });
    running.up.then(
      () => {
        upAt = Date.now();
        if (member.restarts > 0) tell(`${plan.name} is up again (pid ${running?.pid ?? 0}).`);
        if (!isStopping()) set({ state: "up" });
        isUp();
      },
      () => undefined,
    );
    const ending = await running.ended;
    const output = running.output();
    running = undefined;
    return { ending, output, upMs: upAt === undefined ? undefined : Date.now() - upAt };
  }

  async function keepAlive(): Promise<void> {
    let failures = 0;
    while (!isStopping()) {
      const { ending, output, upMs } = await live();
      if (isStopping()) break;
      const asked = ending.code === 0 && upMs !== undefined;
      failures = asked ? 0 : upMs !== undefined && upMs >= STEADY_MS ? 1 : failures + 1;
      const waitMs = backoffMs(failures);
      tell(describeEnd(plan.name, ending, asked, waitMs));
      if (failures === LOOP) tell(describeLoop(plan.name, output));
      set({ state: "waiting", pid: undefined, restarts: member.restarts + 1 });
      await pause(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    set({ state: "stopped", pid: undefined });
  }
  const kept = keepAlive();

  return {
    member,
    firstUp,
    async stop(graceMs) {
      stopping.abort();
      if (running) set({ state: "stopping" });
      running?.kill("SIGTERM");
      let wasKilled = false;
      const late = setTimeout(() => {
        wasKilled = true;
        running?.kill("SIGKILL");
      }, graceMs);
      await kept;
      clearTimeout(late);
      return !wasKilled;
    },
    kill() {
      stopping.abort();
      running?.kill("SIGKILL");
    },
  };
}

function describeEnd(name: string, { code, signal }: Ending, asked: boolean, waitMs: number): string {
  const how = asked
    ? "was drained"
    : code === null
      ? `was ended by ${signal ?? "a signal"}`
      : `ended with exit code ${code}`;
  return `${name} ${how}; it starts again ${waitMs === 0 ? "now" : `in ${waitMs / 1000} s`}.`;
}

function describeLoop(name: string, output: string): string {
  const last = output.trimEnd().split("\n").slice(-TOLD_LINES);
  return `${name} keeps ending (${LOOP} times in a row); it is tried again ever less often, at least every ${LONGEST_WAIT_MS / 1000} s. Its last words:\n${last.map(line => `    ${line}`).join("\n")}`;
}
