import OpenAI from "openai";
import { type InsertName, type Prompt, renderPrompt } from "../prompts/load-prompts.ts";
import type { Api, Ask, Part, Tokens } from "./api.ts";
import { type Breaker, makeBreaker } from "./breaker.ts";
import { chatApi } from "./chat.api.ts";
import { completeOnce } from "./complete-once.ts";
import { makeGate } from "./gate.ts";
import type { Model, Models } from "./load-models.ts";
import { responsesApi } from "./responses.api.ts";
import { withRetry } from "./retry.ts";
import { type ModelLog, type RunningCall, startCall } from "./running-call.ts";
import { streamOnce } from "./stream-once.ts";
import type { StructuredOutput } from "./structured-output.ts";

export interface ModelClientOptions {
  models: Models;
  log: ModelLog;
  /** Deadline of a call with everything in it: waiting for a place, retries, repair. */
  timeoutMs: number;
  /** Calls of this client at the same time; eight times as many may wait. */
  concurrency: number;
  retries?: number;
  backoffMs?: number;
  /** Consecutive failures after which a provider is left alone for `openMs`. */
  breakerFailures?: number;
  openMs?: number;
  /** A clock in milliseconds that only goes forward. */
  now?: () => number;
}

export interface ModelCall {
  prompt: Prompt;
  /** Lists of the knowledge for the prompt's places. */
  inserts: Readonly<Record<InsertName, string>>;
  /** What the instructions are applied to. Whatever a person wrote or photographed goes in here and nowhere else. */
  input: readonly Part[];
  /** The alias that the person chose; null = the task's default. */
  model: string | null;
  signal: AbortSignal;
}

export interface Answered {
  /** The model as its answer names it. */
  model: string;
  /** All attempts together. */
  tokens: Tokens;
}

export interface ModelClient {
  /**
   * Asks for an answer in a form, with one repair try when it does not fit.
   * @throws MODEL_UNAVAILABLE, MODEL_TIMEOUT, MODEL_OUTPUT_INVALID; DEADLINE_EXCEEDED when the caller gave up
   */
  complete<T>(call: ModelCall, output: StructuredOutput<T>): Promise<Answered & { value: T }>;
  /**
   * Asks for plain text, piece by piece. Retried only while nothing has been handed out.
   * @returns the whole text, after the last piece
   * @throws as `complete`, in the middle too: then what was handed out is not an answer
   */
  stream(call: ModelCall): AsyncGenerator<string, Answered & { text: string }, void>;
}

/** Makes the client through which a process asks models. One per process: the cap and the breakers are its own. */
export function modelClient(options: ModelClientOptions): ModelClient {
  const { models, log, concurrency, now = () => performance.now() } = options;
  const { retries = 2, backoffMs = 250, breakerFailures = 5, openMs = 10_000 } = options;
  const gate = makeGate(concurrency, concurrency * 8);
  const providers = new Map<string, { client: OpenAI; breaker: Breaker }>();

  const providerOf = (model: Model) => {
    const known = providers.get(model.provider);
    if (known) return known;
    const made = { client: openAiFor(model), breaker: makeBreaker({ failures: breakerFailures, openMs, now }) };
    providers.set(model.provider, made);
    return made;
  };

  const start = (call: ModelCall, output: Ask["output"]) => {
    const ask = askOf(call, models, output);
    const deadlineMs = ask.model.deadlineMs ?? options.timeoutMs;
    return startCall(ask, { gate, log, now, deadlineMs, signal: call.signal, prompt: call.prompt.ref });
  };

  /** Makes attempts until one succeeds or no other is worth it. */
  const retried = <T>(running: RunningCall, attempt: (api: Api, client: OpenAI) => Promise<T>) => {
    const { client, breaker } = providerOf(running.ask.model);
    const api = running.ask.model.api === "responses" ? responsesApi : chatApi;
    const once = () => {
      running.attempted();
      return attempt(api, client);
    };
    return withRetry(once, {
      breaker,
      deadline: running.deadline,
      retries,
      backoffMs,
      onFailure: failure => running.failedOnce(failure),
    });
  };

  return {
    async complete(call, output) {
      const running = start(call, output);
      const { signal } = running.deadline;
      try {
        await running.enter();
        const answer = await completeOnce(running, output, ask =>
          retried(running, (api, client) => api.ask(client, ask, signal)),
        );
        running.answered(answer.model);
        return answer;
      } catch (thrown) {
        running.failed(thrown);
        throw thrown;
      } finally {
        running.end();
      }
    },

    async *stream(call) {
      const running = start(call, null);
      const { signal } = running.deadline;
      try {
        await running.enter();
        const answer = yield* streamOnce(running, () =>
          retried(running, async (api, client) => {
            const pieces = api.stream(client, running.ask, signal);
            return { pieces, first: await pieces.next() };
          }),
        );
        running.answered(answer.model);
        return answer;
      } catch (thrown) {
        running.failed(thrown);
        throw thrown;
      } finally {
        running.end();
      }
    },
  };
}

const openAiFor = (model: Model) =>
  new OpenAI({
    apiKey: model.key,
    baseURL: model.baseUrl,
    // Everything below is ours to decide; left out, the package reads environment variables of its own.
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    // It logs bodies that it cannot parse.
    logLevel: "off",
    // A redirect would carry question and picture to an address that nobody configured.
    fetchOptions: { redirect: "manual" },
  });

const askOf = ({ prompt, inserts, input, model }: ModelCall, models: Models, output: Ask["output"]): Ask => ({
  model: models.choose(prompt.model ?? model, prompt.task),
  instructions: renderPrompt(prompt, inserts),
  turns: [{ role: "user", parts: input }],
  output,
  maxOutputTokens: prompt.maxOutputTokens,
  temperature: prompt.temperature,
});
