import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

interface Drain {
  lameDuckMs: number;
  graceMs: number;
  /** Ends what would go on for ever. */
  onClosing: () => void;
}

/** The connections of a server and the answers in hand on them, so that a gateway can stop without cutting one off. */
export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #open = new Set<ServerResponse>();
  readonly #latest = new WeakMap<Duplex, ServerResponse>();
  #draining: Promise<void> | undefined;
  #isClosing = false;

  /** True from the moment the gateway begins to stop. */
  get isDraining(): boolean {
    return this.#draining !== undefined;
  }

  /** True from the moment it refuses connections. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  watch(server: Server): void {
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  track(res: ServerResponse): void {
    this.#open.add(res);
    if (res.socket) this.#latest.set(res.socket, res);
    if (this.isDraining) res.shouldKeepAlive = false;
    res.once("close", () => this.#open.delete(res));
  }

  /** The latest answer on a connection. */
  latestOn(socket: Duplex): ServerResponse | undefined {
    return this.#latest.get(socket);
  }

  /**
   * Says that it stops (`isDraining`), after `lameDuckMs` refuses new connections, waits for the answers in hand at most `graceMs`,
   * then closes what is left. Whoever calls again waits for the same end.
   */
  drain(server: Server, how: Drain): Promise<void> {
    this.#draining ??= this.#close(server, how);
    return this.#draining;
  }

  async #close(server: Server, { lameDuckMs, graceMs, onClosing }: Drain): Promise<void> {
    if (lameDuckMs > 0) await pause(lameDuckMs);
    this.#isClosing = true;
    onClosing();
    const closed = new Promise<void>(resolve => server.close(() => resolve()));
    for (const res of this.#open) res.shouldKeepAlive = false;
    // Node counts a connection on which nothing was ever said as busy, so `closeIdleConnections` would leave it.
    const busy = new Set([...this.#open].map(res => res.socket));
    for (const socket of this.#sockets) if (!busy.has(socket)) socket.destroySoon();
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
  }
}
