export interface WakeLoop {
  /** Asks for a turn; asked for during a turn, one more follows it. */
  wake(): void;
  start(): void;
  /** Takes no more turns and waits for the one that runs. */
  stop(): Promise<void>;
}

/**
 * Takes turns: when woken, never two at a time, and by itself after as many milliseconds as the last turn named; 0 is at once.
 * @param turn must not throw
 */
export function wakeLoop(turn: () => Promise<number>): WakeLoop {
  let state: "idle" | "open" | "stopped" = "idle";
  let running: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const wake = (): void => {
    if (state !== "open") return;
    again = true;
    running ??= run().finally(() => (running = undefined));
  };

  async function run(): Promise<void> {
    clearTimeout(timer);
    let waitMs = 0;
    while (again && state === "open") {
      again = false;
      waitMs = await turn();
      again ||= waitMs === 0;
    }
    if (state === "open") timer = setTimeout(wake, waitMs);
  }

  return {
    wake,
    start() {
      if (state === "idle") state = "open";
      wake();
    },
    async stop() {
      state = "stopped";
      clearTimeout(timer);
      await running;
    },
  };
}
