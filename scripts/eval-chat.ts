import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { table } from "../broker/repl/table.ts";
import { composeReply } from "../mixins/assistant/compose-reply.ts";
import type { ToolResult } from "../mixins/assistant/tool-results.ts";
import { type Understanding, understand } from "../mixins/assistant/understand.ts";
import { type ChatCase, chatCaseFiles, readChatCases } from "./chat-cases.ts";
import {
  ASPECTS,
  byType,
  type ChatMeasure,
  type ChatOutcome,
  isAllRight,
  judge,
  measureChat,
  shareOf,
} from "./measure-chat.ts";

const baselineFile = fileURLToPath(new URL("../prompts/chat/cases/baseline.yaml", import.meta.url));
const header =
  "# What the on-device chat reached when it was last accepted: `npm run eval -- chat --accept`. A run below it fails.\n";
const target: ChatMeasure = {
  class: 0.95,
  facts: 0.85,
  citations: 1,
  mustNot: 1,
  intent: 0.9,
  clarify: 0.9,
  injection: 1,
};
const percent = (value: number | undefined): string => (value === undefined ? "·" : `${(100 * value).toFixed(1)} %`);
const floor = (value: number): number => Math.floor(value * 1000) / 1000;

interface Options {
  readonly files: readonly string[];
  readonly show: boolean;
  readonly accept: boolean;
}

/** Replays the conversations on the device and reports, line by line. @returns whether every file reaches its baseline */
export function evaluateChat({ files, show, accept }: Options, say: (line: string) => void): boolean {
  const baseline = existsSync(baselineFile)
    ? (parse(readFileSync(baselineFile, "utf8")) as Record<string, ChatMeasure>)
    : {};
  let passes = true;
  for (const name of chatCaseFiles.filter(each => files.length === 0 || files.includes(each))) {
    const outcomes = readChatCases(name).map(replay);
    const figures = measureChat(outcomes);
    say(`chat ${name}: ${outcomes.length} questions on the device`);
    for (const line of describeTypes(outcomes)) say(`  ${line}`);
    for (const [key, value] of Object.entries(figures)) say(`  ${key.padEnd(10)} ${percent(value as number)}`);
    // What was held back is never shown: it would be tuned on.
    if (show && name !== "held-back")
      for (const line of outcomes.filter(each => !isAllRight(each)).flatMap(describeFault)) say(line);
    const goal = baseline[name] ?? target;
    const losses = below(figures, goal);
    for (const key of losses) say(`✗ ${name}: ${key} is ${floor(figures[key])}, was ${goal[key]}`);
    if (losses.length === 0) say(`✓ ${name}: reaches its ${baseline[name] === undefined ? "target" : "baseline"}`);
    for (const key of below(figures, target).filter(each => !losses.includes(each)))
      say(`· ${name}: ${key} is ${floor(figures[key])}, and should be ${target[key]}`);
    say("");
    if (accept)
      baseline[name] = Object.fromEntries(
        Object.entries(figures).map(([key, value]) => [key, floor(value as number)]),
      ) as unknown as ChatMeasure;
    else passes &&= losses.length === 0;
  }
  if (accept) writeFileSync(baselineFile, header + stringify(baseline));
  return passes;
}

function replay(each: ChatCase): ChatOutcome {
  const understanding = understand(each.ask, each.history ?? []);
  return judge(each, composeReply({ understanding, sighting: null, tools: withoutSources(understanding) }));
}

const below = (figures: ChatMeasure, goal: ChatMeasure): (keyof ChatMeasure)[] =>
  (Object.keys(goal) as (keyof ChatMeasure)[]).filter(key => floor(figures[key]) < goal[key]);

/** What the tools give where no source is configured and no place is told. */
const withoutSources = ({ intents }: Understanding): ToolResult[] =>
  intents.flatMap(({ intent }): ToolResult[] => {
    if (["waste", "bulk_waste", "general"].includes(intent)) return [];
    if (intent === "character") return [{ tool: "character", available: true, names: ["이코"], total: 13 }];
    const isPlace = intent === "collection_point" || intent === "location";
    return [{ tool: intent, available: false, reason: isPlace ? "needs location" : "not configured" }];
  });

const describeTypes = (outcomes: readonly ChatOutcome[]): string[] =>
  table(
    ["type", "n", ...ASPECTS],
    byType(outcomes).map(([type, own]) => [
      type,
      String(own.length),
      ...ASPECTS.map(aspect => percent(shareOf(own, aspect))),
    ]),
  );

function describeFault({ case: each, reply, right }: ChatOutcome): string[] {
  const wrong = ASPECTS.filter(aspect => right[aspect] === false);
  const items = reply.items.map(({ name, middle, confidence }) => `${name} ${middle} ${confidence}`).join(", ");
  return [
    `  ${each.id} "${each.ask}" — wrong: ${wrong.join(", ")}; ${reply.intent}; ${items}`,
    `    ${reply.text.replaceAll("\n", " ⏎ ").slice(0, 300)}`,
  ];
}
