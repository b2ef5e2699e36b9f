import { Worker } from "node:worker_threads";
import type { Reply, Request } from "./vision.worker.ts";

/** How long a thread may take to finish what it has in hand. */
const STOP_MS = 10_000;

/** A worker thread that looks at one picture at a time. It keeps the process alive only while it has one in hand. */
export interface VisionThread {
  /** @throws Error (its cause what the thread died of) when the thread ends before it answers */
  ask(image: Uint8Array): Promise<Reply>;
  /** Lets the thread finish and leave: one that is torn down in the midst of native decoding can take the process with it. */
  stop(): Promise<void>;
  /** Ends a thread that hangs. */
  kill(): void;
  readonly ended: boolean;
}

/** Starts the thread; it loads its net first and answers then. */
export function startThread(program: URL): VisionThread {
  // The parent's flags and preloads (tests, telemetry) are no business of the thread.
  const worker = new Worker(program, { name: "vision", execArgv: [] });
  let inHand: PromiseWithResolvers<Reply> | undefined;
  let diedOf: unknown;
  let ended = false;
  const exit = new Promise<void>(resolve => {
    worker.once("exit", () => {
      ended = true;
      inHand?.reject(new Error("The vision thread ended.", { cause: diedOf }));
      resolve();
    });
  });
  worker.on("error", thrown => {
    diedOf = thrown;
  });
  worker.on("message", (reply: Reply) => inHand?.resolve(reply));
  worker.unref();
  const send = (request: Request, transfer: ArrayBuffer[] = []) => worker.postMessage(request, transfer);
  return {
    async ask(image) {
      inHand = Promise.withResolvers<Reply>();
      worker.ref();
      // A copy: a Buffer mostly is a part of a larger pool, and handing over its memory would empty it for the caller.
      const copy = new Uint8Array(image);
      send(copy, [copy.buffer]);
      try {
        return await inHand.promise;
      } finally {
        inHand = undefined;
        worker.unref();
      }
    },
    async stop() {
      worker.ref();
      send(null);
      const lost = setTimeout(() => void worker.terminate(), STOP_MS);
      await exit;
      clearTimeout(lost);
    },
    kill: () => void worker.terminate(),
    get ended() {
      return ended;
    },
  };
}
