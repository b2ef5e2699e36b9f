/**
 * `node scripts/smoke-check.mjs URL…`: asks every address until it answers with success; exit code 1 when one has not within a minute.
 * Plain .mjs: the hook after a deployment runs it in the image.
 */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 2_000;
const until = Date.now() + PATIENCE_MS;

/** @returns undefined once it answered, else what was last wrong */
async function ask(url) {
  for (;;) {
    const fault = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
      answer => (answer.ok ? undefined : `answers ${answer.status}`),
      thrown => (thrown.cause ?? thrown).message,
    );
    if (fault === undefined || Date.now() > until) return fault;
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
}

const faults = await Promise.all(process.argv.slice(2).map(async url => ({ url, fault: await ask(url) })));
for (const { url, fault } of faults)
  process.stdout.write(
    `${fault === undefined ? "ok    " : "FAILED"} ${url}${fault === undefined ? "" : `: ${fault}`}\n`,
  );
process.exitCode = faults.every(({ fault }) => fault === undefined) ? 0 : 1;
