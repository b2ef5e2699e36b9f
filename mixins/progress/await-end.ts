import { progress } from "./house-progress.ts";

/** The progress log is advisory, so the job itself is asked now and then as well. */
const ASK_AGAIN_MS = 2_000;

/** Resolves when a job's progress says `done` or `ended` finds it so, at the latest after `waitMs`. */
export async function awaitEnd(topic: string, ended: () => Promise<boolean>, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs;
  let wake: () => void = () => undefined;
  const told = new AbortController();
  const stop = await progress.follow(topic, event => {
    if (event.event !== "done") return;
    told.abort();
    wake();
  });
  try {
    while (!told.signal.aborted && Date.now() < deadline && !(await ended())) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, Math.min(ASK_AGAIN_MS, Math.max(0, deadline - Date.now())));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (told.signal.aborted) wake();
      });
    }
  } finally {
    stop();
  }
}
