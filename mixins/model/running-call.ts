import { codeOf } from "../../broker/errors.ts";
import type { Ask, Tokens } from "./api.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import type { Failure } from "./explain-failure.ts";
import type { Gate } from "./gate.ts";

/** Where calls are written down: numbers and names only, never what was asked or answered. */
export interface ModelLog {
  info(fields: object, message: string): unknown;
  warn(fields: object, message: string): unknown;
}

/** One call from its first moment to its line in the log. */
export interface RunningCall {
  readonly ask: Ask;
  readonly deadline: Deadline;
  /** Waits for a place. */
  enter(): Promise<void>;
  attempted(): void;
  failedOnce(failure: Pick<Failure, "status" | "code">): void;
  repairing(): void;
  /** Adds a reply's tokens. @returns the sum so far */
  used(tokens: Tokens): Tokens;
  answered(model: string): void;
  failed(thrown: unknown): void;
  /** Gives the place back, stops the clock and writes the line. */
  end(): void;
}

interface Surroundings {
  gate: Gate;
  log: ModelLog;
  now: () => number;
  deadlineMs: number;
  signal: AbortSignal;
  /** `id@version` of the prompt. */
  prompt: string;
}

export function startCall(ask: Ask, { gate, log, now, deadlineMs, signal, prompt }: Surroundings): RunningCall {
  const startedAt = now();
  const deadline = startDeadline(deadlineMs, signal, now);
  const { alias, provider } = ask.model;
  const tokens: Tokens = { input: 0, cached: 0, output: 0 };
  const failures: string[] = [];
  const line = { prompt, alias, provider, model: "", outcome: "abandoned", attempts: 0, repaired: false, queueMs: 0 };
  let leave: (() => void) | undefined;
  return {
    ask,
    deadline,
    async enter() {
      leave = await gate.enter(deadline.signal);
      // A reader who stops reading a stream without a word must not keep the place for ever.
      deadline.signal.addEventListener("abort", leave, { once: true });
      line.queueMs = Math.round(now() - startedAt);
    },
    attempted() {
      line.attempts++;
    },
    failedOnce({ status, code }) {
      failures.push(`${status ?? "connection"} ${code ?? ""}`.trim());
    },
    repairing() {
      line.repaired = true;
    },
    used(more) {
      tokens.input += more.input;
      tokens.cached += more.cached;
      tokens.output += more.output;
      return { ...tokens };
    },
    answered(model) {
      line.model = model;
      line.outcome = "answered";
    },
    failed(thrown) {
      line.outcome = codeOf(thrown);
    },
    end() {
      leave?.();
      deadline.end();
      const numbers = {
        latencyMs: Math.round(now() - startedAt),
        inputTokens: tokens.input,
        cachedTokens: tokens.cached,
        outputTokens: tokens.output,
      };
      log[line.outcome === "answered" ? "info" : "warn"]({ ...line, ...numbers, failures }, "model call");
    },
  };
}
