import { resolve } from "node:path";
import { parseArgs, styleText } from "node:util";
import { env } from "../broker/env.ts";
import { findHouse } from "../mixins/house-file.ts";
import type { ScanResultBody } from "../services/scan/scan.contract.ts";
import { type Client, clientOf, type Refusal } from "./client.ts";
import { describeResult, type Paint } from "./describe-result.ts";
import { spawnHouse } from "./house-process.ts";
import { EX_USAGE } from "./read-options.ts";
import { type StageLines, silentStages, stageLines } from "./stage-lines.ts";

/** Who the commands sign in as: a person of the local identity, so that their scans and characters are kept like anybody's. */
const COMMAND_LINE_USER = "명령줄 사용자";
const HEALTH_DEADLINE_MS = 2_000;
const MAX_COLUMNS = 88;

/** A fault of the person at the keyboard: one line, and the help is one word away. */
export const usageError = (message: string): Error => Object.assign(new Error(message), { exitCode: EX_USAGE });

export interface CommandContext {
  client: Client;
  stages: StageLines;
}

export interface Command {
  help: string;
  /** Looks at the arguments before a house is opened for them. @throws usageError */
  prepare: (args: string[]) => (context: CommandContext) => Promise<ScanResultBody>;
}

/** Runs a command against the house on this data folder, or one opened for it, prints its answer and sets the exit code. */
export async function runCommand({ help, prepare }: Command): Promise<void> {
  let stages: StageLines = silentStages;
  try {
    const { values, positionals } = readArguments();
    if (values.help) return void process.stdout.write(help);
    if (!values.json) stages = stageLines();
    const work = prepare(positionals);
    const result = await inHouse(stages, async client => {
      await client.signIn(COMMAND_LINE_USER);
      return work({ client, stages });
    });
    const columns = Math.min(process.stdout.columns || MAX_COLUMNS, MAX_COLUMNS);
    const text = values.json ? `${JSON.stringify(result, null, 2)}\n` : `\n${describeResult(result, paint, columns)}`;
    process.stdout.write(text);
    process.exitCode = result.error === null ? 0 : 1;
  } catch (thrown) {
    stages.abandon();
    process.stderr.write(`${explain(thrown as Error)}\n`);
    process.exitCode = (thrown as { exitCode?: number }).exitCode ?? 1;
  }
}

function readArguments() {
  try {
    const options = { json: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
    return parseArgs({ allowPositionals: true, options });
  } catch (thrown) {
    throw usageError((thrown as Error).message);
  }
}

/** Where the person typed the command: npm changes into the project and leaves the place in INIT_CWD. */
export const typedPath = (path: string): string => resolve(process.env["INIT_CWD"] ?? ".", path);

async function inHouse<T>(stages: StageLines, work: (client: Client) => Promise<T>): Promise<T> {
  const running = findHouse(env.DATA_DIR);
  if (running && (await answers(running.url))) return work(clientOf(running.url));
  stages.begin("Eco²를 여는 중");
  const house = await spawnHouse({
    env: {
      ...process.env,
      ...{ PORT: "0", HOST: "127.0.0.1", PUBLIC_URL: "", SERVICES: "", LOG_LEVEL: "warn", LOG_FORMAT: "json" },
    },
  });
  const onInterrupt = () => void house.end("SIGTERM").finally(() => process.exit(130));
  process.once("SIGINT", onInterrupt);
  try {
    stages.end();
    return await work(clientOf(house.url));
  } finally {
    process.off("SIGINT", onInterrupt);
    await house.end("SIGTERM");
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(HEALTH_DEADLINE_MS) })).ok;
  } catch {
    return false; // somebody else has that pid by now, or the house hangs: a start tells which
  }
}

const paint: Paint = {
  bold: text => styleText("bold", text),
  dim: text => styleText("dim", text),
  good: text => styleText("green", text),
  warn: text => styleText("yellow", text),
};

const SAID_IN_KOREAN: Record<string, string | undefined> = {
  IMAGE_INVALID: "사진을 읽을 수 없어요.",
  IMAGE_TOO_LARGE: "사진이 너무 커요. 10 MiB까지 보낼 수 있어요.",
  UNSUPPORTED_MEDIA_TYPE: "이 형식의 사진은 받을 수 없어요. JPEG, PNG, WebP, AVIF로 보내 주세요.",
};

function explain(thrown: Error & Partial<Refusal> & { output?: string; exitCode?: number }): string {
  const korean = SAID_IN_KOREAN[thrown.code ?? ""];
  const lines = [`${styleText("red", "✗")} ${korean === undefined ? thrown.message : `${korean} (${thrown.message})`}`];
  if (thrown.output !== undefined && thrown.output !== "") lines.push(thrown.output.trimEnd());
  if (thrown.requestId !== undefined) lines.push(styleText("dim", `  ${thrown.code ?? ""} · ${thrown.requestId}`));
  if (thrown.exitCode === EX_USAGE) lines.push("  --help로 사용법을 볼 수 있어요.");
  return lines.join("\n");
}
