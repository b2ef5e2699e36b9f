import type { ModelClient } from "../../mixins/model/model.client.ts";
import { processModelClient, processModels } from "../../mixins/model/process-model.ts";
import type { ModelLog } from "../../mixins/model/running-call.ts";

/** Deliveries of a turn for which a model is asked; after them its answer is composed. */
const TRIES = 2;

/** The model that writes an answer; none without a key. @param attempt which delivery this is, from 1 */
export const modelFor = (attempt: number, log: ModelLog): ModelClient | undefined =>
  processModels().usable && attempt <= TRIES ? processModelClient(log) : undefined;
