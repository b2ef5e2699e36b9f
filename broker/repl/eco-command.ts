import { parseArgs } from "node:util";
import type { DeadLetter, QueueDesk, QueueFacts, Which } from "./queue-desk.ts";
import { table } from "./table.ts";

const ECO_HELP = `eco queues                            each consumer's queue: waiting, in hand, consumers, on the retry ladder, dead
eco dead [queue]                      dead letters: when sent, id, reason, ids in it (at most 100 of a queue)
eco replay <queue> --all | --id <id>  puts dead letters back into that queue alone
eco drop <queue> --all | --id <id>    forgets dead letters for good

"–" stands where the carrier does not tell: RabbitMQ names neither what is in hand nor its age over AMQP.
`;

/** A command beside those of queues: its lines of help, and what it does with the words after its name. */
export interface OtherCommand {
  readonly help: string;
  readonly run: (words: readonly string[]) => Promise<string[]>;
}
export type OtherCommands = Readonly<Record<string, OtherCommand>>;

/** Help on all commands. */
export const ecoHelp = (others: OtherCommands): string =>
  [ECO_HELP.trimEnd(), "", ...Object.values(others).map(({ help }) => help)].join("\n");

/** A command that was typed wrongly, or names what is not there. */
export class EcoUsage extends Error {}

const options = { all: { type: "boolean" }, id: { type: "string" }, help: { type: "boolean", short: "h" } } as const;

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (thrown) {
    throw new EcoUsage((thrown as Error).message);
  }
}

/**
 * Runs one `eco` command. The desk is opened only for a command that is whole.
 * @returns the lines to show
 * @throws EcoUsage
 */
export async function runEco(
  args: readonly string[],
  names: readonly string[],
  open: () => Promise<QueueDesk>,
  others: OtherCommands = {},
): Promise<string[]> {
  const [name = "help", ...words] = args;
  const other = Object.hasOwn(others, name) ? others[name] : undefined;
  if (other !== undefined) return other.run(words);
  if (name === "help" || name === "--help" || name === "-h") return ecoHelp(others).split("\n");
  const { values, positionals } = read(args);
  const [command = "help", queue, ...rest] = positionals;
  if (values.help) return ecoHelp(others).split("\n");
  if (rest.length > 0) throw new EcoUsage(`too many words: ${rest.join(" ")}`);
  const work = plan(command, queue, values, names);
  const desk = await open();
  try {
    return await work(desk);
  } finally {
    await desk.close();
  }
}

type Work = (desk: QueueDesk) => Promise<string[]>;

function plan(
  command: string,
  queue: string | undefined,
  { all, id }: { all?: boolean; id?: string },
  names: readonly string[],
): Work {
  if (queue !== undefined && !names.includes(queue))
    throw new EcoUsage(`there is no queue ${queue}; there are: ${names.join(", ")}`);
  const settles = command === "replay" || command === "drop";
  if (!settles && (all || id !== undefined)) throw new EcoUsage(`eco ${command} takes neither --all nor --id`);
  if (command === "queues") return async desk => queueTable(await desk.queues());
  if (command === "dead") return desk => listDead(desk, queue === undefined ? names : [queue]);
  if (!settles) throw new EcoUsage(`there is no command eco ${command}`);
  if (queue === undefined) throw new EcoUsage(`eco ${command} needs a queue: eco ${command} <queue> --all | --id <id>`);
  if ((all === true) === (id !== undefined)) throw new EcoUsage(`eco ${command} needs either --all or --id <id>`);
  return desk => settle(desk, command, queue, id === undefined ? "all" : { id });
}

async function settle(desk: QueueDesk, command: "replay" | "drop", queue: string, which: Which): Promise<string[]> {
  const count = await desk[command](queue, which);
  if (count === 0 && which !== "all") throw new EcoUsage(`${queue} has no dead letter ${which.id}`);
  const done = command === "replay" ? "put back" : "dropped";
  return [count === 0 ? `${queue} has no dead letters.` : `${count} ${done} (${queue}).`];
}

const known = (value: number | null): string => (value === null ? "–" : String(value));

const queueTable = (all: readonly QueueFacts[]): string[] =>
  table(
    ["QUEUE", "READY", "IN HAND", "CONSUMERS", "RETRYING", "DEAD", "OLDEST"],
    all.map(({ name, ready, inHand, consumers, retrying, dead, oldestAgeS }) => [
      name,
      ready === null && inHand === null ? "missing" : known(ready),
      known(inHand),
      known(consumers),
      String(retrying),
      String(dead),
      oldestAgeS === null ? "–" : `${Math.round(oldestAgeS)} s`,
    ]),
  );

async function listDead(desk: QueueDesk, queues: readonly string[]): Promise<string[]> {
  const rows: string[][] = [];
  for (const queue of queues) rows.push(...(await desk.dead(queue)).map(letter => deadRow(queue, letter)));
  if (rows.length === 0) return ["No dead letters."];
  return table(["QUEUE", "SENT", "ID", "REASON", "ABOUT"], rows);
}

const deadRow = (queue: string, { id, reason, sentAt, preview }: DeadLetter): string[] => [
  queue,
  sentAt?.toISOString() ?? "–",
  // Both may come from outside: nothing in them steers the terminal.
  plain(id),
  plain(reason),
  plain(preview),
];

const plain = (text: string): string => text.replace(/\p{Cc}+/gu, " ").slice(0, 160);
