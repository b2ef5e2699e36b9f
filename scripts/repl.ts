/** `npm run repl`: joins the running house as a node. `npm run repl -- eco queues`: one command, then ends. */
import { hostname } from "node:os";
import { type BrokerOptions, ServiceBroker } from "moleculer";
import { amqpDesk } from "../broker/repl/amqp-desk.ts";
import { ecoHelp, EcoUsage, runEco } from "../broker/repl/eco-command.ts";
import { replOptions } from "../broker/repl/repl-options.ts";
import { topologyOf } from "../broker/channels/topology.ts";
import { env } from "../broker/env.ts";
import { contracts } from "../services/contracts.ts";
import { ecoCommands, type Reach } from "./eco-commands.ts";
import { EX_USAGE } from "./read-options.ts";

const others = ecoCommands(reachOnce);
const HELP = `npm run repl                joins the house at AMQP_URL as a node: Moleculer's commands and eco
npm run repl -- eco …       one command, then ends

${ecoHelp(others)}
`;
const EMBEDDED = `The house on this data folder runs in one process, which holds its queues.
Start it with its command line instead: npm start -- --repl`;

/** Long enough for the rooms of a running house to be heard. */
const JOIN_MS = 10_000;
const names = topologyOf(contracts).bindings.map(({ queue }) => queue);

function refuse(message: string, code: number): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = code;
}

async function runOnce(args: readonly string[]): Promise<void> {
  const open = () => (env.AMQP_URL === undefined ? Promise.reject(new Error(EMBEDDED)) : amqpDesk(env.AMQP_URL, names));
  try {
    process.stdout.write(`${(await runEco(args, names, open, others)).join("\n")}\n`);
  } catch (thrown) {
    const { message } = thrown as Error;
    if (thrown instanceof EcoUsage) refuse(`${message}\nnpm run repl -- eco help tells how.`, EX_USAGE);
    else refuse(message === EMBEDDED ? message : `the house cannot be asked: ${message}`, 1);
  }
}

/** A node of the house without rooms: neither port nor cache of its own. */
async function makeNode(options: BrokerOptions): Promise<ServiceBroker> {
  const { default: config } = await import("../moleculer.config.ts");
  const broker = new ServiceBroker({
    ...config,
    nodeID: `repl-${hostname()}-${process.pid}`,
    middlewares: [],
    cacher: null,
    ...options,
  });
  await broker.start();
  return broker;
}

/** Joins the house for one command. */
async function reachOnce(): Promise<Reach> {
  if (env.AMQP_URL === undefined) throw new Error(EMBEDDED);
  const broker = await makeNode({ logger: false });
  await broker.waitForServices(["scan", "chat"], JOIN_MS);
  return { broker, leave: () => broker.stop() };
}

async function join(urls: readonly string[]): Promise<void> {
  const broker = await makeNode({});
  const reach = () => Promise.resolve({ broker, leave: () => Promise.resolve() });
  broker.options.replOptions = replOptions(names, () => amqpDesk(urls, names), ecoCommands(reach));
  broker.repl();
}

const [first, ...rest] = process.argv.slice(2);
if (first === "eco") await runOnce(rest);
else if (first === "--help" || first === "-h") process.stdout.write(HELP);
else if (first !== undefined) refuse(`there is no command ${first}\n${HELP}`, EX_USAGE);
else if (env.AMQP_URL === undefined) refuse(EMBEDDED, 1);
else await join(env.AMQP_URL);
