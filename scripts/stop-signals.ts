/** npm and the terminal both hand a Ctrl-C on: within this time it is one and the same. */
const SAME_SIGNAL_MS = 500;

/** First signal: `stop` finishes what is in hand. A second, later one: `leave` at once. */
export function onStopSignals(stop: (signal: NodeJS.Signals) => void, leave: () => void): void {
  let askedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (askedAt !== undefined) {
      if (Date.now() - askedAt > SAME_SIGNAL_MS) leave();
      return;
    }
    askedAt = Date.now();
    stop(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // Started by another process over a channel: without its starter nobody needs this one any more.
  process.on("disconnect", () => onSignal("SIGTERM"));
}
