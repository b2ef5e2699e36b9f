import type { Said, WireBody } from "./openai.server.ts";
import { formatFault } from "./openai-schema.wire.ts";

const PARAMETERS = new Set(
  "model instructions input max_output_tokens store temperature reasoning text stream top_p metadata".split(" "),
);

/** What the Responses API refuses about a request; null when it is fine. */
export function responsesFault(body: WireBody): string | null {
  const unknown = Object.keys(body).find(name => !PARAMETERS.has(name));
  if (unknown !== undefined) return `Unknown parameter: '${unknown}'.`;
  if (typeof body.model !== "string") return "Missing required parameter: 'model'.";
  if (!Array.isArray(body.input) || body.input.length === 0) return "Missing required parameter: 'input'.";
  for (const item of body.input) {
    if (!["user", "assistant", "system", "developer"].includes(item.role)) return "Invalid value: 'input[].role'.";
    if (typeof item.content === "string") continue;
    for (const part of item.content) {
      if (part.type === "input_text" ? typeof part.text === "string" : part.type === "input_image" && imageIsFine(part))
        continue;
      return `Invalid value: 'input[].content[]' of type ${part.type}.`;
    }
  }
  const effort = (body["reasoning"] as { effort?: string } | undefined)?.effort;
  if (body["temperature"] !== undefined && body.model.startsWith("gpt-5") && effort !== "none")
    return "Unsupported parameter: 'temperature' is not supported with this model.";
  const format = (body["text"] as { format?: Record<string, unknown> } | undefined)?.format;
  return format === undefined || format["type"] === "text" ? null : formatFault(format);
}

const imageIsFine = (part: { image_url?: string; detail?: string }) =>
  /^(data:image\/|https?:)/.test(part.image_url ?? "") && ["low", "high", "auto"].includes(part.detail ?? "auto");

/** A whole answer. */
export function responsesAnswer(body: WireBody, said: Said): Record<string, unknown> {
  const status = said.failed !== null ? "failed" : said.truncated ? "incomplete" : "completed";
  return {
    ...shell(body, status),
    error: said.failed === null ? null : { code: said.failed, message: "The model failed." },
    incomplete_details: said.truncated ? { reason: "max_output_tokens" } : null,
    output: said.failed !== null ? [] : [reasoningItem, messageItem(contentOf(said), "completed")],
    usage: {
      input_tokens: 1_800,
      input_tokens_details: { cached_tokens: 1_024 },
      output_tokens: 120,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 1_920,
    },
  };
}

/** The events of a streamed answer, each a whole frame; `piece` marks the deltas. */
export function responsesEvents(body: WireBody, said: Said): { piece: boolean; frame: string }[] {
  let sequence = 0;
  const frame = (type: string, fields: Record<string, unknown>) => ({
    piece: type.endsWith(".delta"),
    frame: `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`,
  });
  const at = { item_id: "msg_loopback", output_index: 1, content_index: 0 };
  const opening = [
    frame("response.created", { response: shell(body, "in_progress") }),
    frame("response.in_progress", { response: shell(body, "in_progress") }),
  ];
  const response = responsesAnswer(body, said);
  if (said.failed !== null) return [...opening, frame("response.failed", { response })];
  const kind = said.refusal === null ? "output_text" : "refusal";
  const whole = said.refusal ?? said.text;
  const deltas = piecesOf(whole).map(delta =>
    frame(`response.${kind}.delta`, { ...at, delta, ...(kind === "output_text" ? { logprobs: [] } : {}) }),
  );
  return [
    ...opening,
    frame("response.output_item.added", { output_index: 1, item: messageItem([], "in_progress") }),
    frame("response.content_part.added", { ...at, part: { type: kind, text: "", annotations: [] } }),
    ...deltas,
    frame(`response.${kind}.done`, { ...at, [kind === "refusal" ? "refusal" : "text"]: whole }),
    frame("response.content_part.done", { ...at, part: contentOf(said)[0] }),
    frame("response.output_item.done", { output_index: 1, item: messageItem(contentOf(said), "completed") }),
    frame(said.truncated ? "response.incomplete" : "response.completed", { response }),
  ];
}

/** Text in pieces of three characters, as tokens would cut it. */
export const piecesOf = (text: string): string[] => text.match(/[\s\S]{1,3}/gu) ?? [];

const reasoningItem = { id: "rs_loopback", type: "reasoning", summary: [] };
const contentOf = (said: Said) => [
  said.refusal === null
    ? { type: "output_text", text: said.text, annotations: [], logprobs: [] }
    : { type: "refusal", refusal: said.refusal },
];
const messageItem = (content: unknown[], status: string) => ({
  id: "msg_loopback",
  type: "message",
  role: "assistant",
  status,
  content,
});
const shell = (body: WireBody, status: string) => ({
  id: "resp_loopback",
  object: "response",
  created_at: 1_780_000_000,
  status,
  background: false,
  error: null,
  incomplete_details: null,
  instructions: body.instructions ?? null,
  max_output_tokens: body["max_output_tokens"] ?? null,
  model: `${body.model ?? ""}-2026-01-15`,
  output: [],
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: body["reasoning"] ?? { effort: null, summary: null },
  service_tier: "default",
  store: body["store"] ?? true,
  temperature: body["temperature"] ?? 1,
  text: body["text"] ?? { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_p: 1,
  truncation: "disabled",
  usage: null,
  metadata: {},
});
