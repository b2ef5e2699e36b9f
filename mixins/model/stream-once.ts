import { fail } from "../../broker/errors.ts";
import type { Reply, Tokens } from "./api.ts";
import { explainFailure } from "./explain-failure.ts";
import type { RunningCall } from "./running-call.ts";

type Pieces = AsyncGenerator<string, Reply, void>;

/**
 * Hands a streamed answer on. `open` is retried until the first piece is there; after that a retry would say things twice.
 * @throws MODEL_UNAVAILABLE when it breaks off, MODEL_OUTPUT_INVALID when the model declines, the deadline's reason
 */
export async function* streamOnce(
  running: RunningCall,
  open: () => Promise<{ pieces: Pieces; first: IteratorResult<string, Reply> }>,
): AsyncGenerator<string, { text: string; model: string; tokens: Tokens }, void> {
  const { signal } = running.deadline;
  const { pieces, first } = await open();
  let step = first;
  try {
    while (!step.done) {
      yield step.value;
      signal.throwIfAborted();
      step = await pieces.next();
    }
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    running.failedOnce(explainFailure(thrown as Error, Date.now()));
    throw fail("MODEL_UNAVAILABLE", "the model's answer broke off");
  } finally {
    // Also when the reader stops early: it ends the provider's answer.
    await pieces.return(undefined as never);
  }
  const { text, ending, model, tokens } = step.value;
  if (ending === "refused") throw fail("MODEL_OUTPUT_INVALID", "the model declined to answer");
  return { text, model, tokens: running.used(tokens) };
}
