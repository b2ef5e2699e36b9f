import { fail } from "../../broker/errors.ts";

/** Lets a bounded number in at once and a bounded number wait; first come, first served. */
export interface Gate {
  /**
   * Waits for a place.
   * @returns gives the place back; calling it twice does no harm
   * @throws MODEL_UNAVAILABLE at once when the queue is full; the signal's reason when that fires first
   */
  enter(signal: AbortSignal): Promise<() => void>;
  readonly inside: number;
  readonly waiting: number;
}

export function makeGate(places: number, queue: number): Gate {
  let inside = 0;
  const waiting = new Set<() => void>();

  const leaveOnce = () => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      inside--;
      const [next] = waiting;
      next?.();
    };
  };

  return {
    enter(signal) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      if (inside < places) {
        inside++;
        return Promise.resolve(leaveOnce());
      }
      if (waiting.size >= queue) return Promise.reject(fail("MODEL_UNAVAILABLE", "too many model calls are waiting"));
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          waiting.delete(letIn);
          reject(signal.reason as Error);
        };
        const letIn = () => {
          waiting.delete(letIn);
          signal.removeEventListener("abort", giveUp);
          inside++;
          resolve(leaveOnce());
        };
        waiting.add(letIn);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
    get inside() {
      return inside;
    },
    get waiting() {
      return waiting.size;
    },
  };
}
