/** `npm run eval -- knowledge`: replays the cases of a suite, prints its quality report, and fails below the committed baseline. */
import { parseArgs } from "node:util";
import { evaluateKnowledge } from "./eval-knowledge.ts";
import { EX_USAGE } from "./read-options.ts";

const HELP = `npm run eval -- knowledge          asks the questions of knowledge/cases and reports how well their items are found
  --file <name>   only knowledge/cases/<name>.cases.yaml; may be repeated
  --show          also print the questions that went wrong
  --accept        make what is measured the new baseline (knowledge/cases/baseline.yaml)
`;

const suites = { knowledge: evaluateKnowledge } as const;

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
    if (suite === undefined || !(suite in suites) || others.length > 0)
      throw new Error(`name one suite: ${Object.keys(suites).join(", ")}`);
    return { ...values, run: suites[suite as keyof typeof suites] };
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n${HELP}`);
    process.exit(EX_USAGE);
  }
}

const { run, file: files, show, accept } = readArguments();
if (run === undefined) process.stdout.write(HELP);
else {
  try {
    const passes = run({ files, show, accept }, line => void process.stdout.write(`${line}\n`));
    process.exitCode = passes ? 0 : 1;
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n`);
    process.exitCode = 1;
  }
}
