import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "amqplib";
import { endServer, freePort, type StartedServer, untilUp } from "./started-server.ts";

const CONNECT_TIMEOUT_MS = 3_000;
const START_TIMEOUT_MS = 90_000;
/** Debian's wrapper on the path changes to the user of the system's own server; this is the server itself. */
const BINARY = "/usr/lib/rabbitmq/bin/rabbitmq-server";

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

/** Starts a RabbitMQ of our own in a temporary folder, apart from any other on this machine; undefined where none is installed. */
export async function startRabbitMq(): Promise<StartedServer | undefined> {
  if (!existsSync(BINARY)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "eco2-rabbitmq-"));
  const [port, distribution, epmd] = await Promise.all([freePort(), freePort(), freePort()]);
  const env = {
    PATH: process.env["PATH"],
    HOME: folder, // where Erlang keeps its cookie
    RABBITMQ_NODENAME: `eco2test${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"),
    RABBITMQ_CONF_ENV_FILE: join(folder, "none"),
    RABBITMQ_CONFIG_FILE: join(folder, "none"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "none.config"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_EPMD_PORT: String(epmd),
  };
  const server = spawn(BINARY, [], { cwd: folder, env, stdio: "ignore", detached: true });
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  const stop = async () => {
    await endServer(server, "SIGTERM");
    // Erlang's port mapper outlives the server that called for it.
    spawnSync("epmd", ["-port", String(epmd), "-kill"], { stdio: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilUp(server, () => canUseRabbitMq(url), START_TIMEOUT_MS);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { url, stop };
}
