/** One process of the house: the rooms of SERVICES, or all of them. `npm start` and the image run this file. */
import { globSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { topologyOf } from "../broker/channels/topology.ts";
import { env } from "../broker/env.ts";
import { amqpDesk } from "../broker/repl/amqp-desk.ts";
import { replOptions } from "../broker/repl/repl-options.ts";
import { ecoCommands } from "./eco-commands.ts";
import { openHouseDatabase } from "../mixins/database/open-house-database.ts";
import { isDatabaseDown } from "../mixins/database/failure.ts";
import { folderOwner } from "../mixins/database/folder-lock.ts";
import { findHouse } from "../mixins/house-file.ts";
import { embeddedDesk } from "../mixins/outbox/embedded-desk.ts";
import config from "../moleculer.config.ts";
import { contracts } from "../services/contracts.ts";
import { isFree } from "./free-port.ts";
import { greeting } from "./greeting.ts";
import { onStopSignals } from "./stop-signals.ts";

const EX_CONFIG = 78;
/** What a graceful stop may take beyond SHUTDOWN_MS, in which the gateway drains. */
const STOP_GRACE_MS = 5_000;

function leave(message: string, code = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

/** Files of the wanted rooms; a room is `services/<name>/*.service.ts`. */
function roomFiles(wanted: readonly string[] | undefined): string[] {
  const services = fileURLToPath(new URL("../services/", import.meta.url));
  const files = globSync("*/*.service.ts", { cwd: services }).sort();
  const roomOf = (file: string) => basename(file, ".service.ts");
  const unknown = wanted?.filter(name => !files.some(file => roomOf(file) === name)) ?? [];
  if (unknown.length > 0)
    leave(`SERVICES: there is no room ${unknown.join(", ")}; there are ${files.map(roomOf).join(", ")}.`, EX_CONFIG);
  return files.filter(file => wanted?.includes(roomOf(file)) ?? true).map(file => pathToFileURL(services + file).href);
}

/** Says beforehand, in one line, what would otherwise come out of the middle of a start. */
async function refuseIfTaken(): Promise<void> {
  const owner = env.DATABASE_URL === undefined ? folderOwner(env.DATA_DIR) : undefined;
  if (owner !== undefined) {
    const url = findHouse(env.DATA_DIR)?.url;
    leave(
      `Eco² already runs on the data folder "${env.DATA_DIR}"${url ? `: ${url}` : ""} (pid ${owner.pid}).\n` +
        "Stop it first, or start another house beside it: DATA_DIR=data2 PORT=3001 npm start",
    );
  }
  const hasGateway = env.SERVICES?.includes("api") ?? true;
  if (hasGateway && env.PORT !== 0 && !env.REUSE_PORT && !(await isFree(env.PORT, env.HOST))) leave(portTaken());
}

const portTaken = () =>
  `Port ${env.PORT} on ${env.HOST} is taken by another program. Stop that one, or take another: PORT=${env.PORT + 1} npm start`;
const metricsPortTaken = (port: number) =>
  `METRICS_PORT ${port} on ${env.METRICS_HOST} is taken. Each process needs one of its own: take another, or 0 for a free one.`;

/** First signal: finish what is in hand. A second, later one: leave at once. */
function stopOnSignals(broker: ServiceBroker): void {
  onStopSignals(
    signal => {
      broker.logger.info(`${signal}: finishing what is in hand`);
      const late = () => leave("Eco²: could not finish in time, left with work in hand.");
      setTimeout(late, env.SHUTDOWN_MS + STOP_GRACE_MS).unref();
      broker.stop().then(
        () => process.exit(0),
        (thrown: unknown) => leave(`Eco²: stopped with an error: ${describe(thrown)}`),
      );
    },
    () => leave("Eco²: left at once, without finishing.", 130),
  );
}

const describe = (thrown: unknown) => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));

const ONE_LINE = new Set(["FOLDER_IN_USE", "MIGRATIONS_PENDING", "EACCES", "EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"]);

interface ListenError extends NodeJS.ErrnoException {
  port: number | undefined;
}

/** A start that failed for a reason that has a name gets one line; anything else is a fault of ours and shows where. */
function explain(thrown: unknown): string {
  const { code = "", path, message, port } = (thrown instanceof Error ? thrown : {}) as Partial<ListenError>;
  if (code === "EADDRINUSE") return port === undefined || port === env.PORT ? portTaken() : metricsPortTaken(port);
  if (env.DATABASE_URL === undefined && path !== undefined && resolve(path).startsWith(resolve(env.DATA_DIR)))
    return `Eco² cannot start: the data folder "${env.DATA_DIR}" cannot be used (${message}). Take another: DATA_DIR=data2 npm start`;
  if (env.DATABASE_URL !== undefined && isDatabaseDown(thrown))
    return `Eco² cannot start: the database at DATABASE_URL cannot be reached (${message}).`;
  return `Eco² cannot start: ${ONE_LINE.has(code) && message !== undefined ? message : describe(thrown)}`;
}

function openRepl(broker: ServiceBroker): void {
  const names = topologyOf(contracts).bindings.map(({ queue }) => queue);
  const desk = async () =>
    env.AMQP_URL === undefined
      ? embeddedDesk(await openHouseDatabase(broker.getLogger("database")), names)
      : amqpDesk(env.AMQP_URL, names);
  const reach = () => Promise.resolve({ broker, leave: () => Promise.resolve() });
  broker.options.replOptions = replOptions(names, desk, ecoCommands(reach));
  broker.repl();
}

async function open(): Promise<ServiceBroker> {
  await refuseIfTaken();
  const broker = new ServiceBroker({ ...config, skipProcessEventRegistration: true });
  // The embedded database opens in a thread of its own while the rooms are still being read.
  const database =
    env.DATABASE_URL === undefined && !env.SERVICES ? openHouseDatabase(broker.getLogger("database")) : undefined;
  database?.catch(() => undefined);
  const load = async (file: string) => ((await import(file)) as { default: ServiceSchema }).default;
  for (const schema of await Promise.all(roomFiles(env.SERVICES).map(load))) broker.createService(schema);
  stopOnSignals(broker);
  await broker.start();
  // The rooms hold it now.
  await (await database)?.close();
  return broker;
}

try {
  const broker = await open();
  const house = findHouse(env.DATA_DIR);
  const url = house?.pid === process.pid ? house.url : undefined;
  const isTold = process.send !== undefined;
  const forPeople = env.LOG_FORMAT === undefined ? process.stdout.isTTY : env.LOG_FORMAT === "pretty";
  // Whoever started this process greets, when the whole house stands.
  if (url !== undefined && forPeople && !isTold) process.stdout.write(greeting(url, env));
  else broker.logger.info(url === undefined ? "Eco² is up" : `Eco² listens at ${url}`);
  process.send?.({ url });
  if (process.argv.includes("--repl")) openRepl(broker);
} catch (thrown) {
  leave(explain(thrown));
}
