import { readFileSync } from "node:fs";
import Type, { type Static } from "typebox";
import { parse } from "yaml";
import { fail } from "../../broker/errors.ts";
import { compileCheck } from "../../broker/validator.ts";
import { type Task, tasks } from "../prompts/load-prompts.ts";

const closed = { additionalProperties: false };
const name = Type.String({ minLength: 1, maxLength: 100 });
const setting = Type.String({ pattern: "^[A-Z][A-Z0-9_]*$" });
const efforts = ["none", "minimal", "low", "medium", "high", "xhigh"] as const;

const ModelsFile = Type.Object(
  {
    providers: Type.Record(
      Type.String(),
      Type.Object(
        { base_url: Type.String({ format: "uri" }), base_url_setting: setting, key_setting: setting },
        closed,
      ),
    ),
    defaults: Type.Object({ vision: name, text: name, answer: name }, closed),
    aliases: Type.Record(
      Type.String(),
      Type.Object(
        {
          provider: name,
          model: name,
          api: Type.Enum(["responses", "chat"], { type: "string" }),
          effort: Type.Optional(Type.Enum([...efforts], { type: "string" })),
          temperature: Type.Boolean(),
          deadline_ms: Type.Optional(Type.Integer({ minimum: 100, maximum: 300_000 })),
        },
        closed,
      ),
    ),
  },
  closed,
);
const check = compileCheck(ModelsFile, "strict");

export type Effort = (typeof efforts)[number];

/** A model that can be asked: everything of its alias, its provider's address and key. */
export interface Model {
  readonly alias: string;
  /** The provider's own name for it. */
  readonly name: string;
  readonly api: "responses" | "chat";
  readonly provider: string;
  readonly baseUrl: string;
  readonly key: string;
  /** Null: the model knows no reasoning effort, and the field is not sent. */
  readonly effort: Effort | null;
  readonly takesTemperature: boolean;
  /** Null: the deadline of every call holds. */
  readonly deadlineMs: number | null;
}

export interface Models {
  /** Every alias of the file, usable or not. */
  readonly aliases: readonly string[];
  /** False when no provider has a key: then the on-device engine answers. */
  readonly usable: boolean;
  /**
   * The model that answers: the alias asked for when its provider has a key, else the task's default, else the first alias that has one.
   * @throws MODEL_UNAVAILABLE when no provider has a key
   */
  choose(alias: string | null, task: Task): Model;
}

export const MODELS_FILE = new URL("../../prompts/models.yaml", import.meta.url);

/**
 * Reads and checks `prompts/models.yaml`.
 * @param settings values of the settings that the file names, e.g. `env`
 * @throws Error that names every fault of the file
 */
export function loadModels(settings: Readonly<Record<string, unknown>>, file: URL | string = MODELS_FILE): Models {
  const raw = parse(readFileSync(file, "utf8")) as Static<typeof ModelsFile>;
  const faults = check(raw).map(fault => `${fault.field} ${fault.message}`);
  if (faults.length === 0) faults.push(...danglingNames(raw));
  if (faults.length > 0) throw new Error(`prompts/models.yaml: ${faults.join("; ")}`);

  const usable = new Map<string, Model>();
  for (const [alias, entry] of Object.entries(raw.aliases)) {
    const model = modelOf(alias, entry, raw.providers[entry.provider], settings);
    if (model) usable.set(alias, model);
  }
  return Object.freeze({
    aliases: Object.freeze(Object.keys(raw.aliases)),
    usable: usable.size > 0,
    choose(alias: string | null, task: Task) {
      const chosen = usable.get(alias ?? "") ?? usable.get(raw.defaults[task]) ?? usable.values().next().value;
      if (!chosen) throw fail("MODEL_UNAVAILABLE", "no provider of a model has a key");
      return chosen;
    },
  });
}

function modelOf(
  alias: string,
  entry: Static<typeof ModelsFile>["aliases"][string],
  provider: Static<typeof ModelsFile>["providers"][string] | undefined,
  settings: Readonly<Record<string, unknown>>,
): Model | null {
  const key = provider && settings[provider.key_setting];
  if (!provider || typeof key !== "string" || key === "") return null;
  const baseUrl = settings[provider.base_url_setting];
  return Object.freeze({
    alias,
    name: entry.model,
    api: entry.api,
    provider: entry.provider,
    baseUrl: typeof baseUrl === "string" && baseUrl !== "" ? baseUrl : provider.base_url,
    key,
    effort: entry.effort ?? null,
    takesTemperature: entry.temperature,
    deadlineMs: entry.deadline_ms ?? null,
  });
}

function danglingNames(raw: Static<typeof ModelsFile>): string[] {
  return [
    ...Object.entries(raw.aliases)
      .filter(([, entry]) => !(entry.provider in raw.providers))
      .map(([alias, entry]) => `aliases.${alias} names the unknown provider ${entry.provider}`),
    ...tasks
      .filter(task => !(raw.defaults[task] in raw.aliases))
      .map(task => `defaults.${task} names the unknown alias ${raw.defaults[task]}`),
  ];
}
