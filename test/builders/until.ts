const POLL_MS = 10;

/** Waits for an observable fact, as long as the test may take. */
export async function until(fact: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await fact())) await new Promise(resolve => setTimeout(resolve, POLL_MS));
}
