/** `npm run eval [-- knowledge | chat]`: replays the cases of a suite, prints its quality report, and fails below the committed baseline. */
import { parseArgs } from "node:util";
import { evaluateChat } from "./eval-chat.ts";
import { evaluateKnowledge } from "./eval-knowledge.ts";
import { EX_USAGE } from "./read-options.ts";

const HELP = `npm run eval                       all suites
npm run eval -- chat               replays the conversations of prompts/chat/cases on the device
npm run eval -- knowledge          asks the questions of knowledge/cases and reports how well their items are found
  --file <name>   only <name>.cases.yaml; may be repeated
  --show          also print the questions that went wrong
  --accept        make what is measured the new baseline (baseline.yaml beside the cases)
`;

const suites = { knowledge: evaluateKnowledge, chat: evaluateChat } as const;

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        file: { type: "string", multiple: true, default: [] },
        show: { type: "boolean", default: false },
        accept: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const [suite, ...others] = positionals;
    if (values.help) return { ...values, run: undefined };
    if (others.length > 0 || (suite !== undefined && !(suite in suites)))
      throw new Error(`name one suite: ${Object.keys(suites).join(", ")}`);
    return { ...values, run: suite === undefined ? Object.values(suites) : [suites[suite as keyof typeof suites]] };
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n${HELP}`);
    process.exit(EX_USAGE);
  }
}

const { run, file: files, show, accept } = readArguments();
if (run === undefined) process.stdout.write(HELP);
else {
  try {
    const results = run.map(evaluate =>
      evaluate({ files, show, accept }, line => void process.stdout.write(`${line}\n`)),
    );
    process.exitCode = results.every(Boolean) ? 0 : 1;
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n`);
    process.exitCode = 1;
  }
}
