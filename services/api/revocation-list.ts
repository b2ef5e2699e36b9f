import type { Log } from "../../broker/logger.ts";

interface Ended {
  session_id: string;
  expires_at: string;
}

/** Sessions that were ended before their access tokens run out. */
export interface RevocationList {
  /** @throws what the source throws while the list has never been read: a token of an ended session must not slip through */
  isRevoked(sessionId: string): Promise<boolean>;
  /** Notes a session that was ended just now. */
  add(ended: Ended): void;
  /** Reads the list anew: events are best effort, so one may have been missed. */
  refresh(): Promise<void>;
}

/** @param source gives every session that was ended and whose tokens have not run out, e.g. `auth.revocations` */
export function revocationList(source: () => Promise<readonly Ended[]>, logger: Log): RevocationList {
  const endsAtMs = new Map<string, number>();
  let loaded = false;
  let loading: Promise<void> | undefined;

  const add = ({ session_id, expires_at }: Ended): void => void endsAtMs.set(session_id, Date.parse(expires_at));
  const load = async (): Promise<void> => {
    for (const ended of await source()) add(ended);
    loaded = true;
    const now = Date.now();
    for (const [sessionId, endMs] of endsAtMs) if (endMs < now) endsAtMs.delete(sessionId);
  };
  const read = async (): Promise<void> => {
    loading ??= load().finally(() => (loading = undefined));
    await loading;
  };
  return {
    add,
    async isRevoked(sessionId) {
      if (!loaded) await read();
      return endsAtMs.has(sessionId);
    },
    async refresh() {
      try {
        await read();
      } catch (thrown) {
        logger.warn("The list of ended sessions could not be read", thrown);
      }
    },
  };
}
