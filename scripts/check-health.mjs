/** The image's health check: exit code 0 when this container's house says that it is alive. */
const port = process.env.METRICS_PORT || "9464";
const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) });
process.exitCode = answer.ok ? 0 : 1;
