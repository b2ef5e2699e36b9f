import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connect } from "amqplib";
import { endServer, freePort, type OwnServer, signalServer, untilUp } from "./started-server.ts";

const CONNECT_TIMEOUT_MS = 3_000;
const START_TIMEOUT_MS = 90_000;
/** Debian's wrapper on the path changes to the user of the system's own server; this is the server itself. */
const BINARY = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl";

/** True when RabbitMQ answers there and lets us in. */
export async function canUseRabbitMq(url: string): Promise<boolean> {
  try {
    const connection = await connect(url, { timeout: CONNECT_TIMEOUT_MS });
    await connection.close();
    return true;
  } catch {
    return false; // no server, wrong password, no such vhost: for us it is not there
  }
}

export const hasRabbitMq = (): boolean => existsSync(BINARY);

export interface OwnRabbitMq extends OwnServer {
  /** What an operator does with `rabbitmqctl`. @returns what it prints */
  control(...args: string[]): Promise<string>;
}

/** Starts a RabbitMQ of our own in a temporary folder, apart from any other on this machine; undefined where none is installed. */
export async function startRabbitMq(): Promise<OwnRabbitMq | undefined> {
  if (!hasRabbitMq()) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "eco2-rabbitmq-"));
  const [port, distribution, epmd] = await Promise.all([freePort(), freePort(), freePort()]);
  const env = environment(folder, { port, distribution, epmd });
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  let server: ChildProcess | undefined;

  const run = async () => {
    server = spawn(BINARY, [], { cwd: folder, env, stdio: "ignore", detached: true });
    await untilUp(server, () => canUseRabbitMq(url), START_TIMEOUT_MS);
  };
  const end = async (signal: NodeJS.Signals) => {
    if (server) await endServer(server, signal);
  };
  const stop = async () => {
    await end("SIGTERM");
    // Erlang's port mapper outlives the server that called for it.
    spawnSync("epmd", ["-port", String(epmd), "-kill"], { stdio: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await run();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    url,
    port,
    stop,
    kill: () => end("SIGKILL"),
    async restart() {
      await end("SIGTERM");
      await run();
    },
    signal: signal => server && signalServer(server, signal),
    control: async (...args) => (await promisify(execFile)(CONTROL, args, { env })).stdout,
  };
}

const environment = (folder: string, ports: { port: number; distribution: number; epmd: number }) => ({
  PATH: process.env["PATH"],
  HOME: folder, // where Erlang keeps its cookie
  RABBITMQ_NODENAME: `eco2test${ports.port}@localhost`,
  RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
  RABBITMQ_NODE_PORT: String(ports.port),
  RABBITMQ_DIST_PORT: String(ports.distribution),
  RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
  RABBITMQ_LOG_BASE: join(folder, "log"),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"),
  RABBITMQ_CONF_ENV_FILE: join(folder, "none"),
  RABBITMQ_CONFIG_FILE: join(folder, "none"),
  RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "none.config"),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
  ERL_EPMD_ADDRESS: "127.0.0.1",
  ERL_EPMD_PORT: String(ports.epmd),
});
