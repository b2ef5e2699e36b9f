import type { Duplex } from "node:stream";
import { Worker } from "node:worker_threads";
import { type Backend, EmbeddedConnection } from "./embedded.connection.ts";
import type { FromWorker, ToWorker, WorkerData } from "./embedded.protocol.ts";

export interface Embedded {
  /** Makes a new connection, for pg's `stream` option. */
  stream: () => Duplex;
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Learns why the worker died; default: a warning of the process. */
  report?: ((cause: Error) => void) | undefined;
  /** A transaction left without a statement for so long is rolled back and its connection ended, as on a server. */
  idleInTransactionMs?: number;
}

const CLOSE_DEADLINE_MS = 10_000;

interface Running {
  worker: Worker;
  connections: Map<number, EmbeddedConnection>;
  ready: Promise<void>;
  dead: boolean;
}

/**
 * Opens PGlite on `folder` (made when missing) in a worker thread. The caller holds the lock of the folder.
 * When the worker dies, every connection fails with `code: "EMBEDDED_DATABASE_STOPPED"`, `report` learns why, and the next
 * connection starts it again: what was acknowledged is in the log that PostgreSQL replays.
 */
export async function openEmbedded(
  folder: string,
  { report = warn, idleInTransactionMs = 30_000 }: EmbeddedOptions = {},
): Promise<Embedded> {
  const data: WorkerData = { folder, idleInTransactionMs };
  let closed = false;
  let running = start(data, report);
  const current = (): Running => {
    if (running.dead && !closed) running = start(data, report);
    return running;
  };
  await running.ready;
  return {
    stream: () => connectTo(current()),
    close: async () => {
      closed = true;
      if (!running.dead) await stop(running);
    },
  };
}

const warn = (cause: Error): void => process.emitWarning(cause);

const stopped = (why: string, cause?: unknown): Error =>
  Object.assign(new Error(`The embedded database stopped: ${why}`, { cause }), { code: "EMBEDDED_DATABASE_STOPPED" });

function start(data: WorkerData, report: (cause: Error) => void): Running {
  const worker = new Worker(new URL("./embedded.worker.ts", import.meta.url), {
    workerData: data,
    execArgv: [],
    // PostgreSQL guards its own stack depth; the thread's has to be deep enough for that guard to come first.
    resourceLimits: { stackSizeMb: 16 },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const running: Running = { worker, connections: new Map(), ready: promise, dead: false };
  promise.catch(() => undefined);
  const die = (error: Error) => {
    if (running.dead) return;
    running.dead = true;
    reject(error);
    for (const connection of running.connections.values()) connection.destroy(error);
    report(error);
  };
  worker.on("message", (message: FromWorker) => {
    if (message.type === "ready") resolve();
    else if (message.type === "closed") running.dead = true;
    else deliver(running, message);
  });
  worker.on("error", (cause: unknown) => die(stopped(cause instanceof Error ? cause.message : String(cause), cause)));
  worker.on("exit", code => die(stopped(`its thread ended with code ${code}`)));
  return running;
}

function deliver(running: Running, message: Extract<FromWorker, { connection: number }>): void {
  const connection = running.connections.get(message.connection);
  if (message.type === "answer") connection?.push(message.bytes);
  else
    connection?.destroy(
      Object.assign(new Error("The transaction was left open too long without a statement."), { code: "25P03" }),
    );
}

let lastConnection = 0;

function connectTo(running: Running): EmbeddedConnection {
  const id = ++lastConnection;
  const tell = (message: ToWorker, transfer: ArrayBuffer[] = []) => running.worker.postMessage(message, transfer);
  const backend: Backend = {
    ready: () => running.ready,
    send: (_connection, bytes) => tell({ type: "batch", connection: id, bytes }, [bytes.buffer as ArrayBuffer]),
    leave: () => {
      running.connections.delete(id);
      if (!running.dead) tell({ type: "leave", connection: id });
    },
  };
  const connection = new EmbeddedConnection(backend);
  running.connections.set(id, connection);
  return connection;
}

/** Asks for an orderly shutdown (checkpoint), and ends the thread when it does not come in time: nothing acknowledged is lost by that. */
async function stop({ worker, ready }: Running): Promise<void> {
  await ready.catch(() => undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  const deadline = setTimeout(resolve, CLOSE_DEADLINE_MS);
  worker.on("message", (message: FromWorker) => message.type === "closed" && resolve());
  worker.once("exit", () => resolve());
  worker.postMessage({ type: "close" } satisfies ToWorker);
  await promise;
  clearTimeout(deadline);
  await worker.terminate();
}
