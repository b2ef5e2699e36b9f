import { loadModels, type Models } from "../../mixins/model/load-models.ts";
import { modelClient, type ModelClient, type ModelClientOptions } from "../../mixins/model/model.client.ts";
import type { ModelLog } from "../../mixins/model/running-call.ts";
import { type Prompt, readPrompt } from "../../mixins/prompts/load-prompts.ts";

export const OPENAI_KEY = "sk-proj-Zk3fQ9vXw7Lm2Rt8Yb5Nc1Hd6Js4Pg0";
export const GEMINI_KEY = "AIzaSyD-8kQ2mV5xW1nR7tY4bC9hJ3pL6sF0gEu";

/** The shipped aliases, OpenAI's and Gemini's asked at loopback addresses. */
export const modelsAt = (urls: { openai?: string; gemini?: string }): Models =>
  loadModels({
    ...(urls.openai === undefined ? {} : { OPENAI_API_KEY: OPENAI_KEY, OPENAI_BASE_URL: urls.openai }),
    ...(urls.gemini === undefined ? {} : { GEMINI_API_KEY: GEMINI_KEY, GEMINI_BASE_URL: urls.gemini }),
  });

export interface LogLine {
  level: "info" | "warn";
  fields: Record<string, unknown>;
  message: string;
}

/** A log that keeps its lines. */
export function keepingLog(): ModelLog & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (level: LogLine["level"]) => (fields: object, message: string) =>
    lines.push({ level, fields: fields as Record<string, unknown>, message });
  return { lines, info: write("info"), warn: write("warn") };
}

/** A client with short times, for failures that should not keep a test waiting. */
export const quickClient = (models: Models, log: ModelLog, options: Partial<ModelClientOptions> = {}): ModelClient =>
  modelClient({ models, log, timeoutMs: 10_000, concurrency: 4, backoffMs: 1, ...options });

/** A prompt as it would be read from a file. */
export function aPrompt(front: Record<string, unknown> = {}, template = "You name colours. {{classes}}"): Prompt {
  const fields = {
    id: "test/name",
    version: 1,
    task: "vision",
    description: "names the colour of a thing",
    schema: "colour",
    max_output_tokens: 200,
    ...front,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const read = readPrompt(`${fields.id}.prompt.md`, `---\n${lines.join("\n")}\n---\n\n${template}\n`);
  if ("faults" in read) throw new Error(read.faults.join("; "));
  return read;
}
