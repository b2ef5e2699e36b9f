/**
 * Kept answers, grouped by whose they are: a group (`users.profile:<user id>`) is forgotten as a whole and is over `ttlS` after its
 * first answer was kept.
 */
export interface Answers {
  /** The process's own: events that it missed were never heard. */
  readonly isOwn: boolean;
  get(group: string, request: string): Promise<string | undefined>;
  /** Keeps an answer, unless its group was forgotten a moment ago: what was read before that may be written after it. */
  keep(group: string, request: string, answer: string, ttlS: number): Promise<void>;
  forget(groups: readonly string[]): Promise<void>;
  /** The groups there are, for operators. */
  groups(): Promise<string[]>;
}

/** How long after it was forgotten a group keeps nothing: longer than any action works. */
export const FORGOTTEN_MS = 15_000;
