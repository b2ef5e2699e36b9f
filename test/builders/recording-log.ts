import { inspect } from "node:util";
import type { Log } from "../../broker/logger.ts";

/** A log that keeps what it is told: each call as one text, with all that is in its errors. */
export function recordingLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const record =
    (level: string) =>
    (...args: unknown[]) =>
      lines.push(`${level} ${args.map(arg => inspect(arg, { depth: 8 })).join(" ")}`);
  const levels = ["trace", "debug", "info", "warn", "error", "fatal"].map(level => [level, record(level)]);
  return { log: Object.fromEntries(levels) as Log, lines };
}
