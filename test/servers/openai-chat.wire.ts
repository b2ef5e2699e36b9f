import type { Said, WireBody } from "./openai.server.ts";
import { piecesOf } from "./openai-responses.wire.ts";
import { formatFault } from "./openai-schema.wire.ts";

const PARAMETERS = new Set(
  "model messages max_completion_tokens temperature reasoning_effort response_format stream stream_options top_p".split(
    " ",
  ),
);

/** What chat completions refuse about a request; null when it is fine. */
export function chatFault(body: WireBody): string | null {
  const unknown = Object.keys(body).find(name => !PARAMETERS.has(name));
  if (unknown !== undefined) return `Unrecognized request argument supplied: ${unknown}`;
  if (typeof body.model !== "string") return "you must provide a model parameter";
  if (!Array.isArray(body.messages) || body.messages.length === 0) return "'messages' is too short";
  for (const message of body.messages) {
    if (!["system", "developer", "user", "assistant"].includes(message.role)) return "Invalid value: 'messages[].role'";
    if (typeof message.content === "string") continue;
    for (const part of message.content)
      if (part.type === "text" ? typeof part.text !== "string" : !/^(data:image\/|https?:)/.test(imageOf(part)))
        return `Invalid value: 'messages[].content[]' of type ${part.type}.`;
  }
  if (body["stream_options"] !== undefined && body.stream !== true)
    return "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
  const format = body["response_format"] as { type?: string; json_schema?: Record<string, unknown> } | undefined;
  return format === undefined || format.type === "text" ? null : formatFault(format.json_schema);
}

const imageOf = (part: { type: string; image_url?: { url: string } }) =>
  part.type === "image_url" ? (part.image_url?.url ?? "") : "";

/** A whole answer. */
export function chatAnswer(body: WireBody, said: Said): Record<string, unknown> {
  const message = { role: "assistant", content: said.refusal === null ? said.text : null, refusal: said.refusal };
  return {
    ...shell(body, "chat.completion"),
    choices: said.failed !== null ? [] : [{ index: 0, message, logprobs: null, finish_reason: reasonOf(said) }],
    usage,
  };
}

/** The chunks of a streamed answer, each a whole frame; `piece` marks those with text. */
export function chatChunks(body: WireBody, said: Said): { piece: boolean; frame: string }[] {
  const frame = (piece: boolean, fields: Record<string, unknown>) => ({
    piece,
    frame: `data: ${JSON.stringify({ ...shell(body, "chat.completion.chunk"), ...fields })}\n\n`,
  });
  const choice = (delta: Record<string, unknown>, finish_reason: string | null = null) => ({
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  const kind = said.refusal === null ? "content" : "refusal";
  const wantsUsage = (body["stream_options"] as { include_usage?: boolean } | undefined)?.include_usage === true;
  return [
    frame(false, choice({ role: "assistant", content: "", refusal: null })),
    ...piecesOf(said.refusal ?? said.text).map(piece => frame(true, choice({ [kind]: piece }))),
    frame(false, choice({}, reasonOf(said))),
    ...(wantsUsage ? [frame(false, { choices: [], usage })] : []),
    { piece: false, frame: "data: [DONE]\n\n" },
  ];
}

const reasonOf = (said: Said) => (said.truncated ? "length" : "stop");
const usage = {
  prompt_tokens: 1_700,
  completion_tokens: 110,
  total_tokens: 1_810,
  prompt_tokens_details: { cached_tokens: 512, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0 },
};
const shell = (body: WireBody, object: string) => ({
  id: "chatcmpl-loopback",
  object,
  created: 1_780_000_000,
  model: body.model,
  service_tier: "default",
  system_fingerprint: "fp_loopback",
});
