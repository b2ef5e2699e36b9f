import { EcoUsage, type OtherCommands, runEco } from "./eco-command.ts";
import type { QueueDesk } from "./queue-desk.ts";

/** As moleculer-repl hands a custom command what was typed. */
interface Typed {
  rawArgs: string[];
  params: unknown;
  parent: Typed;
}

/** Options of Moleculer's REPL with the `eco` command beside its own. */
export const replOptions = (names: readonly string[], open: () => Promise<QueueDesk>, others: OtherCommands) => ({
  customCommands: [
    {
      command: "eco",
      description: "Queues, dead letters, scans, knowledge; eco help tells more",
      allowUnknownOptions: true,
      parse: (typed: Typed) => (typed.params = typed.parent.rawArgs.slice(3)),
      action: async (_: unknown, args: string[]) => {
        const say = (line: string): void => void process.stdout.write(`${line}\n`);
        try {
          for (const line of await runEco(args, names, open, others)) say(line);
        } catch (thrown) {
          const { message } = thrown as Error;
          say(thrown instanceof EcoUsage ? `${message}\neco help tells how.` : `eco: ${message}`);
        }
      },
    },
  ],
});
