import Type, { type Static } from "typebox";
import type { Prompts } from "./load-prompts.ts";

/** `prompts/prompts.lock.json`: id → version → hash of the file. Old versions stay, so that `id@version` on an old answer means one text for ever. */
export const PromptLock = Type.Record(
  Type.String(),
  Type.Record(Type.String({ pattern: "^[1-9][0-9]*$" }), Type.String({ pattern: "^[0-9a-f]{64}$" })),
);
export type Lock = Static<typeof PromptLock>;

/** What keeps the prompts from being what the lock says, one line each, with what to do about it. */
export function lockFaults(prompts: Prompts, lock: Lock): string[] {
  return Object.values(prompts).flatMap(({ id, version, hash }) => {
    const known = lock[id] ?? {};
    const newest = Math.max(0, ...Object.keys(known).map(Number));
    if (version < newest) return [`${id}: version ${version} is older than ${newest}, which is locked`];
    if (known[version] === undefined) return [`${id}@${version} is not locked: run npm run prompts:lock`];
    return known[version] === hash ? [] : [`${id} has changed since version ${version}: raise its version`];
  });
}

/**
 * Adds the versions that are new.
 * @returns the new lock; a version that is locked keeps its hash, so a changed prompt still shows in `lockFaults`
 */
export function extendLock(prompts: Prompts, lock: Lock): Lock {
  const next: Lock = structuredClone(lock);
  for (const { id, version, hash } of Object.values(prompts)) next[id] = { [version]: hash, ...next[id] };
  return Object.fromEntries(Object.entries(next).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
