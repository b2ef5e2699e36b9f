import type OpenAI from "openai";
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import type { CompletionUsage } from "openai/resources/completions";
import {
  answeredBy,
  type Api,
  type Ask,
  failedInBand,
  outputCap,
  type Reply,
  temperatureOf,
  type Tokens,
  type Turn,
} from "./api.ts";

/** Chat completions: what Gemini's, vLLM's and most other compatible endpoints speak. */
export const chatApi: Api = {
  async ask(client, ask, signal) {
    return readCompletion(await client.chat.completions.create(bodyOf(ask), { signal }), ask);
  },

  async *stream(client: OpenAI, ask: Ask, signal: AbortSignal) {
    const chunks = await client.chat.completions.create(
      { ...bodyOf(ask), stream: true, stream_options: { include_usage: true } },
      { signal },
    );
    const reply: Reply = { text: "", ending: "complete", model: ask.model.name, tokens: tokensOf(undefined) };
    let finished = false;
    for await (const chunk of chunks) {
      reply.model = answeredBy(chunk.model, ask);
      if (chunk.usage) reply.tokens = tokensOf(chunk.usage);
      const choice = chunk.choices[0];
      if (!choice) continue;
      if (choice.delta.refusal) reply.ending = "refused";
      if (choice.finish_reason) {
        finished = true;
        reply.ending = reply.ending === "refused" ? "refused" : endingOf(choice.finish_reason);
      }
      if (choice.delta.content) {
        reply.text += choice.delta.content;
        yield choice.delta.content;
      }
    }
    if (!finished) throw failedInBand("stream_ended_early");
    return reply;
  },
};

function bodyOf(ask: Ask): ChatCompletionCreateParamsNonStreaming {
  return {
    model: ask.model.name,
    messages: [{ role: "system", content: ask.instructions }, ...ask.turns.map(messageOf)],
    max_completion_tokens: outputCap(ask),
    ...temperatureOf(ask),
    ...(ask.model.effort === null ? {} : { reasoning_effort: ask.model.effort }),
    ...(ask.output === null
      ? {}
      : {
          response_format: {
            type: "json_schema",
            json_schema: { name: ask.output.name, schema: ask.output.wire, strict: true },
          },
        }),
  };
}

const messageOf = (turn: Turn): ChatCompletionMessageParam =>
  turn.role === "assistant"
    ? { role: "assistant", content: turn.text }
    : {
        role: "user",
        content: turn.parts.map(part =>
          part.type === "text"
            ? { type: "text", text: part.text }
            : { type: "image_url", image_url: { url: part.dataUrl, detail: "low" } },
        ),
      };

/** Compatible endpoints leave fields out that the types promise. */
type Loose = Partial<Pick<ChatCompletion, "choices" | "model" | "usage">>;

function readCompletion(completion: Loose, ask: Ask): Reply {
  const choice = completion.choices?.[0];
  if (!choice) throw failedInBand("malformed_answer");
  return {
    text: choice.message.content ?? "",
    ending: choice.message.refusal ? "refused" : endingOf(choice.finish_reason),
    model: answeredBy(completion.model, ask),
    tokens: tokensOf(completion.usage),
  };
}

const endingOf = (reason: string): Reply["ending"] =>
  reason === "length" ? "truncated" : reason === "content_filter" ? "refused" : "complete";

const tokensOf = (usage: CompletionUsage | undefined): Tokens => ({
  input: usage?.prompt_tokens ?? 0,
  cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
  output: usage?.completion_tokens ?? 0,
});
