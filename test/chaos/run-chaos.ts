import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runJest } from "../run-jest.ts";
import { hasPostgres } from "../servers/start-postgres.ts";
import { hasRabbitMq } from "../servers/start-rabbitmq.ts";
import { hasRedis } from "../servers/start-redis.ts";
import type { CaseReport } from "./arena/report.ts";

/** The short selection takes part of the counts; its cases are those that say so. */
const SHORT = { CHAOS_SHORT: "1", CHAOS_SCALE: "0.1" };

/** A server is only ever broken that was started for it. */
export const canRunChaos = (): boolean => hasPostgres() && hasRabbitMq() && hasRedis();

/**
 * Breaks servers, lines and processes under a house of many processes, one case after the other, and prints what came of it.
 * @param args for jest, e.g. a file
 * @param isShort the selection that belongs to every `npm test`
 * @returns jest's exit code
 */
export async function runChaos(args: readonly string[], isShort: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "eco2-chaos-report-"));
  const file = join(folder, "cases.jsonl");
  try {
    const code = await runJest(["--config", "test/chaos/jest.config.js", ...args], {
      CHAOS_REPORT: file,
      ...(isShort ? SHORT : {}),
    });
    if (existsSync(file)) process.stderr.write(`\n${tableOf(linesIn(file))}\n`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const linesIn = (file: string): CaseReport[] =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map(line => JSON.parse(line) as CaseReport);

function tableOf(cases: readonly CaseReport[]): string {
  const head = ["case", "faults", "jobs", "ended", "dead", "rewards", "model calls", "seconds"];
  const rows = cases.map(({ name, faults, jobs, done, failed, dead, rewards, modelCalls, tookMs }) =>
    [name, faults, jobs, done + failed, dead, rewards, modelCalls, (tookMs / 1000).toFixed(1)].map(String),
  );
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return [head, widths.map(width => "─".repeat(width)), ...rows].map(line).join("\n");
}
