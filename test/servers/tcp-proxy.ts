import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a line between two machines does to those who use it. */
export type LineFault =
  /** Takes everything and hands on nothing, without a word: neither side learns. */
  | "black hole"
  /** Hands everything on this many milliseconds late. */
  | { delayMs: number };

/** A line to a server that can be disturbed. */
export interface TcpProxy {
  readonly port: number;
  /** Open connections through it. */
  readonly connections: number;
  /** Until the next call; undefined: a good line. What a black hole swallowed does not come again, so its connections are cut when it ends. */
  suffer(fault: LineFault | undefined): void;
  /** Resets every connection. */
  reset(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let fault: LineFault | undefined;

  const carry = (from: Socket, to: Socket) => {
    from.on("data", (chunk: Buffer) => {
      if (fault === "black hole") return;
      const hand = () => {
        if (!to.destroyed && !to.write(chunk)) from.pause();
      };
      if (fault === undefined) hand();
      else setTimeout(hand, fault.delayMs);
    });
    to.on("drain", () => from.resume());
    from.on("error", () => undefined);
    from.on("close", () => {
      if (fault !== "black hole") to.destroySoon();
    });
  };
  const reset = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
  };
  const server = createServer(client => {
    client.setNoDelay(true);
    const upstream = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.once("close", () => pairs.delete(pair));
    carry(client, upstream);
    carry(upstream, client);
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return pairs.size;
    },
    suffer(next) {
      if (fault === "black hole") reset();
      fault = next;
    },
    reset,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        reset();
      }),
  };
}
