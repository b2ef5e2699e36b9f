import type OpenAI from "openai";
import type { Model } from "./load-models.ts";

export type Part = { type: "text"; text: string } | { type: "image"; dataUrl: string };
export type Turn = { role: "user"; parts: readonly Part[] } | { role: "assistant"; text: string };

/** One question to a model, before it takes the shape of either API. */
export interface Ask {
  model: Model;
  /** What we tell the model; never holds what a person wrote. */
  instructions: string;
  turns: readonly Turn[];
  /** The form of the answer; null = plain text. */
  output: { name: string; wire: Readonly<Record<string, unknown>> } | null;
  maxOutputTokens: number;
  temperature: number | null;
}

export interface Tokens {
  input: number;
  /** Part of `input` that the provider had kept from earlier calls. */
  cached: number;
  output: number;
}

export interface Reply {
  text: string;
  /** `truncated`: it ran out of tokens. `refused`: the model or the provider's filter declined. */
  ending: "complete" | "truncated" | "refused";
  /** The model as the answer names it. */
  model: string;
  tokens: Tokens;
}

/** One of the two wire formats. Whatever it throws is a failed attempt; the retry decides what that means. */
export interface Api {
  ask(client: OpenAI, ask: Ask, signal: AbortSignal): Promise<Reply>;
  /** Yields pieces of text and returns the whole. */
  stream(client: OpenAI, ask: Ask, signal: AbortSignal): AsyncGenerator<string, Reply, void>;
}

/** Reasoning is billed and capped as output: room for it on top of what the answer itself may take. */
const REASONING_TOKENS = { none: 0, minimal: 512, low: 2_048, medium: 8_192, high: 16_384, xhigh: 32_768 } as const;

export const outputCap = (ask: Ask): number => ask.maxOutputTokens + REASONING_TOKENS[ask.model.effort ?? "none"];

export const temperatureOf = (ask: Ask): { temperature?: number } =>
  ask.temperature !== null && ask.model.takesTemperature ? { temperature: ask.temperature } : {};

/** Only names that can stand in a log and on an answer; anything else says nothing about the model. */
export const answeredBy = (model: unknown, ask: Ask): string =>
  typeof model === "string" && /^[\w./:@+-]{1,100}$/.test(model) ? model : ask.model.name;

export const failedInBand = (code: string | null | undefined): Error =>
  Object.assign(new Error("the provider reports a failure inside its answer"), { code });
