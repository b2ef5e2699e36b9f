import type OpenAI from "openai";
import type { Response, ResponseCreateParamsBase, ResponseInputItem } from "openai/resources/responses/responses";
import {
  answeredBy,
  type Api,
  type Ask,
  failedInBand,
  outputCap,
  type Reply,
  temperatureOf,
  type Turn,
} from "./api.ts";

/** OpenAI's Responses API, also spoken by Azure. */
export const responsesApi: Api = {
  async ask(client, ask, signal) {
    return readResponse(await client.responses.create({ ...bodyOf(ask), stream: false }, { signal }), ask);
  },

  async *stream(client: OpenAI, ask: Ask, signal: AbortSignal) {
    const events = await client.responses.create({ ...bodyOf(ask), stream: true }, { signal });
    for await (const event of events) {
      if (event.type === "response.output_text.delta") yield event.delta;
      else if (event.type === "response.completed" || event.type === "response.incomplete")
        return readResponse(event.response, ask);
      else if (event.type === "response.failed") throw failedInBand(event.response.error?.code);
      else if (event.type === "error") throw failedInBand(event.code);
    }
    throw failedInBand("stream_ended_early");
  },
};

function bodyOf(ask: Ask): ResponseCreateParamsBase {
  return {
    model: ask.model.name,
    instructions: ask.instructions,
    input: ask.turns.map(inputOf),
    max_output_tokens: outputCap(ask),
    // People's photos and questions are not left with the provider.
    store: false,
    ...temperatureOf(ask),
    ...(ask.model.effort === null ? {} : { reasoning: { effort: ask.model.effort } }),
    ...(ask.output === null
      ? {}
      : { text: { format: { type: "json_schema", name: ask.output.name, schema: ask.output.wire, strict: true } } }),
  };
}

const inputOf = (turn: Turn): ResponseInputItem =>
  turn.role === "assistant"
    ? { role: "assistant", content: turn.text }
    : {
        role: "user",
        content: turn.parts.map(part =>
          part.type === "text"
            ? { type: "input_text", text: part.text }
            : { type: "input_image", image_url: part.dataUrl, detail: "low" },
        ),
      };

/** Compatible endpoints leave fields out that the types promise. */
type Loose = Partial<Pick<Response, "status" | "output" | "incomplete_details" | "error" | "model" | "usage">>;

function readResponse(response: Loose, ask: Ask): Reply {
  if (!Array.isArray(response.output)) throw failedInBand("malformed_answer");
  if (response.status === "failed" || response.status === "cancelled") throw failedInBand(response.error?.code);
  const parts = response.output.flatMap(item => (item.type === "message" ? item.content : []));
  const refused =
    parts.some(part => part.type === "refusal") || response.incomplete_details?.reason === "content_filter";
  return {
    text: parts.map(part => (part.type === "output_text" ? part.text : "")).join(""),
    ending: refused ? "refused" : response.status === "incomplete" ? "truncated" : "complete",
    model: answeredBy(response.model, ask),
    tokens: {
      input: response.usage?.input_tokens ?? 0,
      cached: (response.usage?.input_tokens_details as { cached_tokens?: number } | undefined)?.cached_tokens ?? 0,
      output: response.usage?.output_tokens ?? 0,
    },
  };
}
