/** `degraded`: it does not answer, and the house goes on without it. */
export type State = "ok" | "degraded" | "down";
/** Resolves when the thing answers. */
type Probe = (signal: AbortSignal) => Promise<unknown>;

const probes = new Map<string, Set<Probe>>();
const optional = new Set<string>();

/**
 * Names something that this process cannot work without; `/ready` of the internal port asks it.
 * Of several that hold the same thing one is asked.
 * @returns takes it back
 */
export function dependsOn(name: string, probe: Probe): () => void {
  const same = probes.get(name) ?? new Set();
  const mine: Probe = signal => probe(signal);
  probes.set(name, same.add(mine));
  return () => {
    same.delete(mine);
    if (same.size === 0) probes.delete(name);
  };
}

/** Asks everything that this process depends on; what does not answer in `timeoutMs` is down. */
export async function probeDependencies(timeoutMs: number): Promise<Record<string, State>> {
  const asked = [...probes].map(async ([name, [probe]]) => {
    const state = await stateOf(probe, timeoutMs);
    return [name, state === "down" && optional.has(name) ? "degraded" : state] as const;
  });
  return Object.fromEntries(await Promise.all(asked));
}

/**
 * Names something that this process works worse without: no reason to send people to another process, which would do no better.
 * @returns takes it back
 */
export function worksBetterWith(name: string, probe: Probe): () => void {
  optional.add(name);
  return dependsOn(name, probe);
}

async function stateOf(probe: Probe | undefined, timeoutMs: number): Promise<State> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<State>(resolve => {
    signal.addEventListener("abort", () => resolve("down"), { once: true });
  });
  const answer = Promise.resolve(probe?.(signal)).then(
    (): State => "ok",
    (): State => "down",
  );
  return Promise.race([answer, late]);
}
