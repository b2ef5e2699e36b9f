import { parentPort, workerData } from "node:worker_threads";
import type { FromWorker, ToWorker, WorkerData } from "./embedded.protocol.ts";
import { openFolder } from "./embedded-folder.ts";
import { startUpkeep } from "./embedded-upkeep.ts";

/**
 * The thread of the embedded database. One backend serves every connection: batches run one after the other, and while a
 * connection is inside a transaction only its own batches run.
 */
if (parentPort === null) throw new Error("embedded.worker.ts runs as a worker thread only.");
const port = parentPort;

const { folder, idleInTransactionMs } = workerData as WorkerData;

const database = await openFolder(folder);
const waiting: { connection: number; bytes: Uint8Array }[] = [];
let owner: number | undefined;
let idleTimer: NodeJS.Timeout | undefined;
let chain: Promise<void> = Promise.resolve();

const tell = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

/** Everything that touches the backend goes through this one line. What throws here is no SQL error but a broken backend: it ends the thread. */
function enqueue(work: () => Promise<void> | void): void {
  chain = chain.then(work).catch((cause: unknown) => {
    // Emscripten throws an object that is no Error when the program exits.
    throw cause instanceof Error ? cause : new Error(String((cause as { message?: unknown }).message), { cause });
  });
}

function nextBatch(): { connection: number; bytes: Uint8Array } | undefined {
  const index = owner === undefined ? 0 : waiting.findIndex(batch => batch.connection === owner);
  return index < 0 ? undefined : waiting.splice(index, 1)[0];
}

async function runWaiting(): Promise<void> {
  for (let batch = nextBatch(); batch !== undefined; batch = nextBatch()) {
    clearTimeout(idleTimer);
    const answer = await run(batch.bytes);
    owner = database.isInTransaction() ? batch.connection : undefined;
    if (owner !== undefined) idleTimer = setTimeout(evict, idleInTransactionMs, owner);
    tell({ type: "answer", connection: batch.connection, bytes: answer }, [answer.buffer as ArrayBuffer]);
  }
}

async function run(bytes: Uint8Array): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  // Copied: what comes is a view into the backend's memory.
  await database.execProtocolRawStream(bytes, { onRawData: chunk => chunks.push(chunk.slice()) });
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : new Uint8Array(Buffer.concat(chunks));
}

function evict(connection: number): void {
  tell({ type: "evicted", connection });
  leave(connection);
}

function leave(connection: number): void {
  enqueue(async () => {
    for (let index = waiting.length - 1; index >= 0; index--) {
      if (waiting[index]?.connection === connection) waiting.splice(index, 1);
    }
    if (owner !== connection) return;
    clearTimeout(idleTimer);
    await database.exec("rollback");
    owner = undefined;
    await runWaiting();
  });
}

async function close(): Promise<void> {
  upkeep.stop();
  clearTimeout(idleTimer);
  await database.close();
  tell({ type: "closed" });
}

const upkeep = startUpkeep(database, work => enqueue(() => (owner === undefined ? work() : undefined)));

port.on("message", (message: ToWorker) => {
  if (message.type === "leave") leave(message.connection);
  else if (message.type === "close") enqueue(close);
  else {
    waiting.push(message);
    enqueue(runWaiting);
  }
});
tell({ type: "ready" });
