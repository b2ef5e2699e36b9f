import type { Middleware } from "moleculer";
import { type InternalServer, openInternalServer } from "../internal-server.ts";

/** Opens the internal port before anything else of the process starts, and closes it after everything has stopped. */
export function internalPort(address: { host: string; port: number }): Middleware {
  let server: InternalServer | undefined;
  return {
    name: "InternalPort",
    async starting(broker) {
      server = await openInternalServer(address, () => broker.started);
      broker.logger.info(`Health and metrics at http://${address.host}:${server.port}`);
    },
    async stopped() {
      await server?.close();
    },
  };
}
