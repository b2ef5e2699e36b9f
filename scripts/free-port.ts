import { type AddressInfo, createServer } from "node:net";

/** True when nobody listens there. @throws the system's error when this machine cannot listen at `host` at all */
export function isFree(port: number, host: string): Promise<boolean> {
  return listenOnce(port, host).then(
    () => true,
    (thrown: unknown) => {
      const { code, message } = thrown as NodeJS.ErrnoException;
      if (code === "EADDRINUSE") return false;
      throw Object.assign(thrown as Error, { message: `cannot listen on ${host}:${port}: ${message}` });
    },
  );
}

/** A port that nobody listens on at the moment. */
export const freePort = (host = "127.0.0.1"): Promise<number> => listenOnce(0, host);

function listenOnce(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ port, host }, () => {
      const { port: taken } = probe.address() as AddressInfo;
      probe.close(() => resolve(taken));
    });
  });
}
