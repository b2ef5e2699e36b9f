import { env } from "../../broker/env.ts";
import { loadModels, type Models } from "./load-models.ts";
import { type ModelClient, modelClient } from "./model.client.ts";
import type { ModelLog } from "./running-call.ts";

let models: Models | undefined;
let client: ModelClient | undefined;

/** The models of `prompts/models.yaml` with this process's settings. */
export const processModels = (): Models => (models ??= loadModels(env));

/** The one client of this process: every room that asks models shares its cap and its breakers. The first log it is given stays. */
export const processModelClient = (log: ModelLog): ModelClient =>
  (client ??= modelClient({
    models: processModels(),
    log,
    timeoutMs: env.MODEL_TIMEOUT_MS,
    concurrency: env.MODEL_CONCURRENCY,
  }));
