import { fail } from "../../broker/errors.ts";
import type { Ask, Reply, Tokens, Turn } from "./api.ts";
import type { RunningCall } from "./running-call.ts";
import type { StructuredOutput } from "./structured-output.ts";

const REPAIR_TEXT_LIMIT = 8_000;

/**
 * Asks for an answer in a form, and once more when it does not fit.
 * @param send gets one reply, retries included
 * @throws MODEL_OUTPUT_INVALID when the model declines or its second answer does not fit either
 */
export async function completeOnce<T>(
  running: RunningCall,
  output: StructuredOutput<T>,
  send: (ask: Ask) => Promise<Reply>,
): Promise<{ value: T; model: string; tokens: Tokens }> {
  const first = await send(running.ask);
  const read = readReply(first, output);
  if ("value" in read) return { value: read.value, model: first.model, tokens: running.used(first.tokens) };
  running.used(first.tokens);
  running.repairing();
  const second = await send(repairOf(running.ask, first, read.faults));
  const tokens = running.used(second.tokens);
  const reread = readReply(second, output);
  if (!("value" in reread)) throw fail("MODEL_OUTPUT_INVALID");
  return { value: reread.value, model: second.model, tokens };
}

function readReply<T>(reply: Reply, output: StructuredOutput<T>) {
  if (reply.ending === "refused") throw fail("MODEL_OUTPUT_INVALID", "the model declined to answer");
  return output.read(reply.text);
}

/** The same question with the unfitting answer and its faults; an answer that was cut off gets twice the room instead. */
function repairOf(ask: Ask, reply: Reply, faults: string): Ask {
  if (reply.ending === "truncated") return { ...ask, maxOutputTokens: ask.maxOutputTokens * 2 };
  const hint = `Your answer does not fit the required form: ${faults}. Answer again with one JSON object that fits it, and nothing else.`;
  const turns: Turn[] = [
    ...ask.turns,
    { role: "assistant", text: reply.text.slice(0, REPAIR_TEXT_LIMIT) || "(empty)" },
    { role: "user", parts: [{ type: "text", text: hint }] },
  ];
  return { ...ask, turns };
}
