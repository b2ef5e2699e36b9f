import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { PROMPTS_FOLDER } from "../mixins/prompts/load-prompts.ts";

/** What stands for "no item is named" and for "the knowledge has no such thing" in a case. */
export const NONE = "none";
export const UNKNOWN = "unknown";

/** A question of a conversation and what a good answer holds; `prompts/chat/cases/*.cases.yaml` tells what each key means. */
export interface ChatCase {
  readonly id: string;
  readonly type: string;
  readonly ask: string;
  readonly history?: readonly string[];
  readonly intent: readonly string[];
  readonly class?: readonly string[];
  readonly items?: readonly (readonly string[])[];
  readonly facts?: readonly string[];
  readonly must_not?: readonly string[];
  readonly clarify?: boolean;
  readonly language?: string;
}

export const chatCaseFiles = ["tuning", "held-back"] as const;
export type ChatCaseFile = (typeof chatCaseFiles)[number];

export const readChatCases = (name: ChatCaseFile): readonly ChatCase[] =>
  (
    parse(readFileSync(new URL(`chat/cases/${name}.cases.yaml`, `file://${PROMPTS_FOLDER}/`), "utf8")) as {
      cases: ChatCase[];
    }
  ).cases;
