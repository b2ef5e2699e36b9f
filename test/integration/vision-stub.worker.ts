/**
 * Stands in for the vision thread where a test needs one that misbehaves: the picture's bytes are its script.
 * `crash` throws, `leave` exits without a word, `hang` never answers and blocks its thread, `hold` is answered only after a message on
 * the channel `vision-test`, `bad` cannot be read, anything else is seen.
 */
import { BroadcastChannel, parentPort, threadId } from "node:worker_threads";
import type { Reply, Request } from "../../mixins/vision/vision.worker.ts";

const scripts: Record<string, (() => void) | undefined> = {
  crash: () => {
    throw new Error("the net fell over");
  },
  leave: () => process.exit(3),
  hang: () => {
    for (;;);
  },
};

parentPort?.on("message", (request: Request) => {
  if (request === null) {
    parentPort?.close();
    return;
  }
  const text = Buffer.from(request).toString();
  scripts[text]?.();
  if (text === "hold") hold();
  else answer(text);
});

function hold(): void {
  const channel = new BroadcastChannel("vision-test");
  channel.onmessage = () => {
    channel.close();
    answer("hold");
  };
}

function answer(text: string): void {
  const reply: Reply =
    text === "bad"
      ? { unreadable: "It is bad." }
      : { seen: { candidates: [], unsafe: 0, headVersion: `${text} by thread ${threadId}` } };
  parentPort?.postMessage(reply);
}
