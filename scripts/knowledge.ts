/** `npm run knowledge -- check | add | diff | stats | find`: looks after the files in `knowledge/`. */
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { answerQuestion } from "../mixins/knowledge/answer-question.ts";
import { describeFind } from "../mixins/knowledge/describe-find.ts";
import { checkAssertions } from "../mixins/knowledge/check-assertions.ts";
import { explainFind } from "../mixins/knowledge/explain-find.ts";
import type { AssertionsFile } from "../mixins/knowledge/knowledge-files.types.ts";
import { KNOWLEDGE_FOLDER, loadKnowledge } from "../mixins/knowledge/load-knowledge.ts";
import { sheetReader } from "../mixins/knowledge/read-sheet.ts";
import { addItem, itemFiles } from "./add-item.ts";
import { describeKnowledge } from "./describe-knowledge.ts";
import { diffKnowledge } from "./diff-knowledge.ts";
import { EX_USAGE } from "./read-options.ts";

const HELP = `npm run knowledge -- check        reads every file and holds the directive against it; faults with file and line
npm run knowledge -- add          adds an item where it belongs; asks for what is not given
  --file <name>     file of its rule: vinyl for rules/vinyl.yaml
  --id <id>         English name, as in clear-pet-bottle
  --name <name>     Korean name that answers show
  --aliases <a,b>   other words for it
  --source <id>     one of sources.yaml; general where no official source is known
  --variant, --materials <a,b>, --hint, --note
npm run knowledge -- diff [rev]   what changed in meaning since a git revision (HEAD)
npm run knowledge -- stats        items by class and source, and rules whose review is overdue
  --days <n>        days after which a review is overdue (365)
  --on <date>       the day to count from (today)
npm run knowledge -- find "…"     what a question finds, and why each item ranks where it does
  --top <n>         items a thing (5)
`;

const text = { type: "string" } as const;
const options = {
  ...{ file: text, id: text, name: text, aliases: text, source: text },
  ...{ variant: text, materials: text, hint: text, note: text },
  days: { type: "string", default: "365" },
  top: { type: "string", default: "5" },
  on: { type: "string", default: new Date().toISOString().slice(0, 10) },
  help: { type: "boolean", short: "h", default: false },
} as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const usage = (message: string): Error => Object.assign(new Error(`${message}\n${HELP}`), { exitCode: EX_USAGE });

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (thrown) {
    throw usage((thrown as Error).message);
  }
}
type Values = ReturnType<typeof readArguments>["values"];

function check(): void {
  const knowledge = loadKnowledge();
  const faults: string[] = [];
  const sheet = sheetReader(KNOWLEDGE_FOLDER, faults)<AssertionsFile>("assertions.yaml", "assertions.schema.json");
  if (sheet !== undefined) faults.push(...checkAssertions(sheet, { knowledge, answer: answerQuestion }));
  if (sheet === undefined || faults.length > 0)
    throw new Error(`The directive is contradicted ${faults.length} times:\n${faults.join("\n")}`);
  const { clauses, assertions } = sheet.value;
  say(`knowledge ${knowledge.version} is right: ${knowledge.items.length} items, ${knowledge.rules.length} rules,`);
  say(`and ${assertions.length} assertions on the ${clauses.length} clauses of the directive hold.`);
}

/** What has to be known of an item, and how it is asked for. */
const questions = {
  file: "file of its rule (vinyl, general, …)",
  id: "id in English (clear-pet-bottle)",
  name: "name in Korean",
  aliases: "other words, separated by commas",
  source: "source (directive, general, …)",
} as const;

async function add(values: Values): Promise<void> {
  const missing = (Object.keys(questions) as (keyof typeof questions)[]).filter(key => !values[key]);
  if (missing.length > 0 && !process.stdin.isTTY) throw usage(`missing: ${missing.map(key => `--${key}`).join(", ")}`);
  const { file = "", id = "", name = "", aliases = "", source = "" } = { ...values, ...(await askFor(missing)) };
  const files = itemFiles(KNOWLEDGE_FOLDER);
  if (!files.includes(file)) throw new Error(`no items/${file}.yaml; there are: ${files.join(", ")}`);
  say(`added ${addItem(KNOWLEDGE_FOLDER, { ...values, file, id, name, aliases, source })}`);
}

async function askFor(missing: readonly (keyof typeof questions)[]): Promise<Partial<Values>> {
  if (missing.length === 0) return {};
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answers: Partial<Values> = {};
  for (const key of missing) answers[key] = (await terminal.question(`${questions[key]}: `)).trim();
  terminal.close();
  return answers;
}

function diff(revision: string): void {
  const lines = diffKnowledge(revision);
  if (lines.length === 0) say(`Nothing changed in meaning since ${revision}.`);
  for (const line of lines) say(line);
}

function stats({ on, days }: Values): void {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(on) || Number.isNaN(Date.parse(on)))
    throw usage(`--on "${on}" is no date (2026-12-31)`);
  if (!/^\d+$/u.test(days)) throw usage(`--days "${days}" is no number of days`);
  for (const line of describeKnowledge(loadKnowledge(), on, Number(days))) say(line);
}

function find(question: string, top: string): void {
  if (question.trim() === "") throw usage('find what? npm run knowledge -- find "깨진 컵"');
  if (!/^[1-9]\d?$/u.test(top)) throw usage(`--top "${top}" is no number of items (1…99)`);
  for (const line of describeFind(question, explainFind(question, Number(top)))) say(line);
}

async function run(): Promise<void> {
  const { values, positionals } = readArguments();
  const [verb, ...rest] = positionals;
  if (values.help) return void process.stdout.write(HELP);
  if (verb === "find") {
    find(rest.join(" "), values.top);
    return;
  }
  if (rest.length > (verb === "diff" ? 1 : 0)) throw usage(`too many arguments: ${rest.join(" ")}`);
  if (verb === "check") check();
  else if (verb === "add") await add(values);
  else if (verb === "diff") diff(rest[0] ?? "HEAD");
  else if (verb === "stats") stats(values);
  else throw usage(verb === undefined ? "what is to be done?" : `no command "${verb}"`);
}

try {
  await run();
} catch (thrown) {
  process.stderr.write(`${(thrown as Error).message}\n`);
  process.exitCode = (thrown as { exitCode?: number }).exitCode ?? 1;
}
