export interface WorkerData {
  folder: string;
  idleInTransactionMs: number;
}

/** What the main thread and the worker of the embedded database say to each other. */
export type ToWorker =
  /** One whole batch of PostgreSQL's wire protocol, up to and with its Sync or simple Query. */
  { type: "batch"; connection: number; bytes: Uint8Array } | { type: "leave"; connection: number } | { type: "close" };

export type FromWorker =
  | { type: "ready" }
  | { type: "answer"; connection: number; bytes: Uint8Array }
  /** The connection left its transaction open too long; it is rolled back and the connection ended. */
  | { type: "evicted"; connection: number }
  | { type: "closed" };

const SYNC = 0x53;
const QUERY = 0x51;
const FUNCTION_CALL = 0x46;
const TERMINATE = 0x58;

/**
 * Cuts the byte stream of one client into batches. The first message (startup) has no type byte and is a batch of its own.
 * One backend serves all connections, so nothing may come between a Parse and its Sync.
 */
export class BatchCutter {
  #rest: Buffer = Buffer.alloc(0);
  #messages: Buffer[] = [];
  #started = false;

  /** @returns the batches that `chunk` completed: `"startup"`, `"terminate"`, or the bytes for the backend */
  cut(chunk: Buffer): ("startup" | "terminate" | Uint8Array)[] {
    const batches: ("startup" | "terminate" | Uint8Array)[] = [];
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      const type = this.#started ? message[0] : undefined;
      this.#started = true;
      if (type === undefined) batches.push("startup");
      else if (type === TERMINATE) batches.push("terminate");
      else this.#messages.push(message);
      if (type === SYNC || type === QUERY || type === FUNCTION_CALL) batches.push(this.#take());
    }
    return batches;
  }

  #next(): Buffer | undefined {
    const head = this.#started ? 1 : 0;
    if (this.#rest.length < head + 4) return undefined;
    const length = head + this.#rest.readInt32BE(head);
    if (this.#rest.length < length) return undefined;
    const message = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return message;
  }

  /** A copy with a buffer of its own, which can be moved to the worker. */
  #take(): Uint8Array {
    const size = this.#messages.reduce((sum, message) => sum + message.length, 0);
    const batch = new Uint8Array(size);
    let at = 0;
    for (const message of this.#messages) {
      batch.set(message, at);
      at += message.length;
    }
    this.#messages = [];
    return batch;
  }
}

/** The server's greeting: no password is asked, since the only client is this process. */
export function greeting(): Buffer {
  const message = (type: string, body: Buffer) => {
    const head = Buffer.alloc(5);
    head.write(type, 0, "latin1");
    head.writeInt32BE(4 + body.length, 1);
    return Buffer.concat([head, body]);
  };
  const parameters = {
    server_version: "18.0",
    server_encoding: "UTF8",
    client_encoding: "UTF8",
    DateStyle: "ISO, MDY",
    TimeZone: "UTC",
    integer_datetimes: "on",
    standard_conforming_strings: "on",
  };
  return Buffer.concat([
    message("R", Buffer.alloc(4)),
    ...Object.entries(parameters).map(([name, value]) => message("S", Buffer.from(`${name}\0${value}\0`))),
    message("K", Buffer.alloc(8)),
    message("Z", Buffer.from("I")),
  ]);
}
