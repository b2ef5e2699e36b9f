import { appendFileSync } from "node:fs";
import type { Outcome } from "./invariants.ts";

/** One line of the table at the end of `npm run test:chaos`. */
export interface CaseReport extends Outcome {
  name: string;
  faults: number;
  tookMs: number;
}

/** Leaves word of a finished case for the table, and says so at once. */
export function report(line: CaseReport): void {
  const { name, faults, jobs, done, failed, dead, rewards, modelCalls, reconnects, tookMs } = line;
  process.stderr.write(
    `chaos: ${name}: ${faults} faults, ${jobs} jobs: ${done} done, ${failed} failed, ${dead} dead, ${rewards} rewards, ` +
      `${modelCalls} model calls, ${reconnects} reconnects, ${(tookMs / 1000).toFixed(1)} s\n`,
  );
  const file = process.env["CHAOS_REPORT"];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}
