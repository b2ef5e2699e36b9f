import { fail } from "../errors.ts";
import { type Consumer, type Envelope, type Handle, isLastAttempt } from "./carrier.ts";

/**
 * Hands an envelope to its handler, for at most the consumer's time and until `stopping`.
 * @param number which try this is, from 1
 * @returns what the handler threw, or undefined when it is done
 */
export async function attempt(
  consumer: Consumer,
  handle: Handle,
  envelope: Envelope,
  number: number,
  stopping: AbortSignal,
): Promise<unknown> {
  const signal = AbortSignal.any([AbortSignal.timeout(consumer.timeoutMs), stopping]);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(fail("DEADLINE_EXCEEDED")), { once: true });
  });
  try {
    await Promise.race([handle(envelope, { number, last: isLastAttempt(number), signal }), late]);
    return undefined;
  } catch (cause) {
    return cause ?? fail("INTERNAL");
  }
}

/** Why a message failed, for operators: code and words, never the data that came with it. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown";
  const type = (thrown as { type?: unknown }).type;
  return `${typeof type === "string" ? type : thrown.name}: ${thrown.message}`.slice(0, 500);
}
