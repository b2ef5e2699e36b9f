import { fail } from "../../broker/errors.ts";
import type { Candidate } from "./head.ts";
import { startThread, type VisionThread } from "./vision-thread.ts";

export interface Classification {
  /** Every class that the head knows, best first; probabilities add up to 1. Show three: the first alone is too often wrong. */
  candidates: Candidate[];
  /** Probability that the picture is pornographic, drawn or photographed: 0 … 1. */
  unsafe: number;
  /** Which head it was (`head.json`). */
  headVersion: string;
}

export interface Vision {
  /**
   * Names the waste class of a photo (jpeg, png, webp, avif). Photos wait for each other; the work is done in a thread of its own,
   * which the first photo starts.
   * @param options.deadlineMs how long to wait, queue included; default 30 s
   * @throws IMAGE_INVALID with what is wrong with the picture; DEADLINE_EXCEEDED; MODEL_UNAVAILABLE when the queue is full, the
   * thread died or the handle was closed; the signal's reason when it aborts
   */
  classify(image: Uint8Array, options?: { signal?: AbortSignal; deadlineMs?: number }): Promise<Classification>;
  /** Rejects what waits and ends the thread. */
  close(): Promise<void>;
}

export interface VisionOptions {
  /** The net's memory is given back after so long without a photo. */
  idleMs?: number;
  /** Photos that may wait. */
  queueLimit?: number;
  /** A photo that takes longer has hung the thread, which is then ended. */
  hungMs?: number;
  /** The thread's program, which speaks as `vision.worker.ts` does. */
  program?: URL;
}

interface Job {
  image: Uint8Array;
  /** Settles once; later calls do nothing. */
  done(answer: Classification): void;
  drop(reason: unknown): void;
}

const DEADLINE_MS = 30_000;

/** Opens the on-device vision. Costs nothing until the first photo; does not keep the process alive while it waits for one. */
export function openVision(options: VisionOptions = {}): Vision {
  const { idleMs = 300_000, queueLimit = 64, hungMs = 60_000 } = options;
  const program = options.program ?? new URL("./vision.worker.ts", import.meta.url);
  const queue: Job[] = [];
  let thread: VisionThread | undefined;
  let inHand: Job | undefined;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  async function work(): Promise<void> {
    clearTimeout(idle);
    for (inHand = queue.shift(); inHand; inHand = queue.shift()) {
      if (!thread || thread.ended) thread = startThread(program);
      await look(thread, inHand, hungMs);
    }
    idle = setTimeout(() => void rest(), idleMs).unref();
  }
  async function rest(): Promise<void> {
    const tired = thread;
    thread = undefined;
    await tired?.stop();
  }

  return {
    classify(image, { signal, deadlineMs = DEADLINE_MS } = {}) {
      if (closed) return Promise.reject(fail("MODEL_UNAVAILABLE", "The on-device vision is closed."));
      if (signal?.aborted) return Promise.reject(signal.reason as Error);
      if (queue.length >= queueLimit)
        return Promise.reject(fail("MODEL_UNAVAILABLE", "Too many pictures are waiting to be looked at."));
      const { job, answer } = accept(image, deadlineMs, signal, () => {
        const at = queue.indexOf(job);
        if (at >= 0) queue.splice(at, 1);
      });
      queue.push(job);
      if (!inHand) void work();
      return answer;
    },
    async close() {
      closed = true;
      for (const job of [inHand, ...queue.splice(0)])
        job?.drop(fail("MODEL_UNAVAILABLE", "The on-device vision was closed."));
      await rest();
      clearTimeout(idle);
    },
  };
}

/** Makes the promise of a picture, which deadline and signal can end. @param leave called when they do */
function accept(image: Uint8Array, deadlineMs: number, signal: AbortSignal | undefined, leave: () => void) {
  const { promise, resolve, reject } = Promise.withResolvers<Classification>();
  const settle = (end: () => void) => {
    clearTimeout(late);
    signal?.removeEventListener("abort", aborted);
    end();
  };
  const drop = (reason: unknown) =>
    settle(() => {
      leave();
      reject(reason);
    });
  const aborted = () => drop(signal?.reason);
  const late = setTimeout(() => drop(fail("DEADLINE_EXCEEDED", "The picture was not looked at in time.")), deadlineMs);
  signal?.addEventListener("abort", aborted, { once: true });
  const job: Job = { image, done: answer => settle(() => resolve(answer)), drop };
  return { job, answer: promise };
}

/** Has one picture looked at. Never throws: what goes wrong is the job's answer. */
async function look(thread: VisionThread, job: Job, hungMs: number): Promise<void> {
  const hung = setTimeout(() => thread.kill(), hungMs);
  try {
    const reply = await thread.ask(job.image);
    if ("seen" in reply) job.done(reply.seen);
    else job.drop(fail("IMAGE_INVALID", reply.unreadable));
  } catch (thrown) {
    job.drop(Object.assign(fail("MODEL_UNAVAILABLE", "The on-device vision stopped; try again."), { cause: thrown }));
  } finally {
    clearTimeout(hung);
  }
}
