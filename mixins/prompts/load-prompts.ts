import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Type, { type Static } from "typebox";
import { parse } from "yaml";
import { compileCheck } from "../../broker/validator.ts";

/** What a model is asked for; each task has a default model in `prompts/models.yaml`. */
export const tasks = ["vision", "text", "answer"] as const;
export type Task = (typeof tasks)[number];

/** Lists of the knowledge that a prompt may name as `{{classes}}`, `{{items}}`, `{{tags}}`. */
export const insertNames = ["classes", "items", "tags"] as const;
export type InsertName = (typeof insertNames)[number];

const FrontMatter = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z]+(/[a-z-]+)+$" }),
    version: Type.Integer({ minimum: 1 }),
    task: Type.Enum([...tasks], { type: "string" }),
    description: Type.String({ minLength: 10, maxLength: 300 }),
    schema: Type.String({ pattern: "^[a-z_]{1,64}$", description: "name of the structured output" }),
    max_output_tokens: Type.Integer({ minimum: 16, maximum: 32_768 }),
    model: Type.Optional(Type.String({ minLength: 1, description: "pins an alias; left out: the task's default" })),
    temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
  },
  { additionalProperties: false },
);
const check = compileCheck(FrontMatter, "strict");

/** A prompt file, checked and frozen. */
export interface Prompt {
  readonly id: string;
  readonly version: number;
  /** `id@version`, as it stands on every answer made with it. */
  readonly ref: string;
  readonly task: Task;
  readonly description: string;
  readonly schema: string;
  readonly maxOutputTokens: number;
  readonly model: string | null;
  readonly temperature: number | null;
  /** The instructions, with the places of lists still open. */
  readonly template: string;
  /** SHA-256 of the whole file in hex, line ends and outer blank lines aside. */
  readonly hash: string;
}

export type Prompts = Readonly<Record<string, Prompt>>;

export const PROMPTS_FOLDER = fileURLToPath(new URL("../../prompts", import.meta.url));

/**
 * Loads every `<domain>/<verb>.prompt.md` below `folder`.
 * @returns the prompts by id
 * @throws Error that names every fault of every file
 */
export function loadPrompts(folder: string = PROMPTS_FOLDER): Prompts {
  const files = globSync("**/*.prompt.md", { cwd: folder }).toSorted();
  const faults: string[] = [];
  const prompts: Record<string, Prompt> = {};
  for (const file of files) {
    const read = readPrompt(file.replaceAll("\\", "/"), readFileSync(join(folder, file), "utf8"));
    if ("faults" in read) faults.push(...read.faults.map(fault => `${file}: ${fault}`));
    else prompts[read.id] = read;
  }
  if (files.length === 0) faults.push(`no prompts in ${folder}`);
  if (faults.length > 0) throw new Error(`prompts do not hold:\n${faults.join("\n")}`);
  return Object.freeze(prompts);
}

const FILE = /^---\n(?<front>[\s\S]*?)\n---\n(?<body>[\s\S]*)$/;
const PLACE = /\{\{([^{}]*)\}\}/g;

/** Reads one prompt file; `file` is its path below the prompts folder, which must agree with its id. */
export function readPrompt(file: string, text: string): Prompt | { faults: string[] } {
  const parts = FILE.exec(normalise(text))?.groups;
  if (parts?.["front"] === undefined || parts["body"] === undefined) return { faults: ["has no front matter"] };
  const front = parse(parts["front"]) as Static<typeof FrontMatter>;
  const template = parts["body"].trim();
  const faults = check(front).map(fault => `${fault.field} ${fault.message}`);
  if (faults.length > 0) return { faults };
  if (`${front.id}.prompt.md` !== file) faults.push(`id ${front.id} does not agree with the file's path`);
  if (template === "") faults.push("has no instructions");
  for (const place of placesOf(template))
    if (!(insertNames as readonly string[]).includes(place)) faults.push(`names the unknown list {{${place}}}`);
  if (faults.length > 0) return { faults };
  return Object.freeze({
    id: front.id,
    version: front.version,
    ref: `${front.id}@${front.version}`,
    task: front.task,
    description: front.description,
    schema: front.schema,
    maxOutputTokens: front.max_output_tokens,
    model: front.model ?? null,
    temperature: front.temperature ?? null,
    template,
    hash: createHash("sha256").update(normalise(text)).digest("hex"),
  });
}

/**
 * Fills the lists in. Only the knowledge's own lists come in here: what a person wrote goes into a call's input, never into its instructions.
 * Inserted text is not searched for places again.
 */
export function renderPrompt(prompt: Prompt, inserts: Readonly<Record<InsertName, string>>): string {
  return prompt.template.replace(PLACE, (_, place: InsertName) => inserts[place]);
}

/** A checkout with other line ends is still the same prompt. */
const normalise = (text: string) => `${text.replaceAll("\r\n", "\n").trim()}\n`;
const placesOf = (template: string) => [...template.matchAll(PLACE)].map(([, place = ""]) => place);
