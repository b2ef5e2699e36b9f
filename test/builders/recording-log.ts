import type { Log } from "../../broker/logger.ts";

/** A log that keeps what it is told: each call as one text, facts and all. */
export function recordingLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const record =
    (level: string) =>
    (...args: unknown[]) =>
      lines.push(`${level} ${args.map(arg => (arg instanceof Error ? JSON.stringify({ ...arg, message: arg.message }) : JSON.stringify(arg))).join(" ")}`);
  const levels = ["trace", "debug", "info", "warn", "error", "fatal"].map(level => [level, record(level)]);
  return { log: Object.fromEntries(levels) as unknown as Log, lines };
}
