/** `npm run prompts:lock`: writes new versions of prompts into `prompts/prompts.lock.json`; refuses changes to a version that is locked. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadPrompts, PROMPTS_FOLDER } from "../mixins/prompts/load-prompts.ts";
import { extendLock, type Lock, lockFaults } from "../mixins/prompts/lock-faults.ts";

const file = join(PROMPTS_FOLDER, "prompts.lock.json");
const prompts = loadPrompts();
const lock = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Lock) : {};
const next = extendLock(prompts, lock);
const faults = lockFaults(prompts, next);

if (faults.length > 0) {
  process.stderr.write(faults.map(fault => `${fault}\n`).join(""));
  process.exitCode = 1;
} else {
  writeFileSync(file, `${JSON.stringify(next, null, 2)}\n`);
  process.stdout.write(`${Object.keys(prompts).length} prompts locked\n`);
}
