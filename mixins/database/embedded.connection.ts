import { Duplex } from "node:stream";
import { BatchCutter, greeting } from "./embedded.protocol.ts";

/** The backend as one connection sees it. */
export interface Backend {
  /** Resolves when it can take batches. */
  ready(): Promise<void>;
  send(connection: EmbeddedConnection, batch: Uint8Array): void;
  /** The connection is gone; what it left open is to be rolled back. */
  leave(connection: EmbeddedConnection): void;
}

/** What pg takes for a socket: hands whole batches to the backend and gives its answers back. */
export class EmbeddedConnection extends Duplex {
  readonly #backend: Backend;
  readonly #cutter = new BatchCutter();

  constructor(backend: Backend) {
    super({ allowHalfOpen: false });
    this.#backend = backend;
  }

  /** Called by pg in place of dialling. */
  connect(): this {
    this.#backend.ready().then(
      () => this.emit("connect"),
      (cause: unknown) => this.destroy(cause as Error),
    );
    return this;
  }

  override _read(): void {
    // Answers are pushed as they come: pg asks one thing at a time, so no more than one is ever under way.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    for (const batch of this.#cutter.cut(chunk)) {
      if (batch === "startup") this.push(greeting());
      else if (batch === "terminate") this.push(null);
      else this.#backend.send(this, batch);
    }
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#backend.leave(this);
    done(error);
  }

  // The rest of a socket that pg touches; there is nothing to set here.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
