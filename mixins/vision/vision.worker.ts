import { readFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { type HeadFile, rankClasses, readHead } from "./head.ts";
import { NET_ID } from "./net-facts.ts";
import { loadNet } from "./net.ts";
import { readPixels, UnreadableImage } from "./read-pixels.ts";
import type { Classification } from "./vision.ts";

/** What the main thread sends: a picture, or `null` to finish what is in hand and leave. */
export type Request = Uint8Array | null;
/** What it gets for every picture, in order. Anything unexpected is thrown instead, which ends the thread. */
export type Reply = { seen: Classification } | { unreadable: string };

const port = parentPort;
if (!port) throw new Error("vision.worker.ts runs in a worker thread.");

const file = JSON.parse(readFileSync(new URL("./head.json", import.meta.url), "utf8")) as HeadFile;
const head = readHead(file, NET_ID);
const net = await loadNet();

// Listening starts only now: what was sent meanwhile waits in the port.
port.on("message", (request: Request) => {
  if (request === null) port.close();
  else void reply(request);
});

async function reply(image: Uint8Array): Promise<void> {
  let answer: Reply;
  try {
    const { features, unsafe } = net.look(await readPixels(image));
    answer = { seen: { candidates: rankClasses(head, features), unsafe, headVersion: head.version } };
  } catch (thrown) {
    if (!(thrown instanceof UnreadableImage)) throw thrown;
    answer = { unreadable: thrown.message };
  }
  port?.postMessage(answer);
}
