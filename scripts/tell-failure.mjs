/**
 * `node scripts/tell-failure.mjs ENVIRONMENT`: tells the channel of alerts (ALERT_WEBHOOK_URL, Slack's format) that a deployment failed.
 * Plain .mjs: the hook of a failed sync runs it in the image.
 */
const [environment = "?"] = process.argv.slice(2);
const answer = await fetch(process.env.ALERT_WEBHOOK_URL, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    text: `Eco² ${environment}: a deployment failed. What runs is what ran before; see manifests/runbooks/deployment.md.`,
  }),
  signal: AbortSignal.timeout(10_000),
});
if (!answer.ok) {
  process.stderr.write(`The channel answers ${answer.status}.\n`);
  process.exitCode = 1;
}
