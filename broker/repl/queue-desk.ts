/** What is known of a consumer's queue; null where the carrier does not tell. */
export interface QueueFacts {
  name: string;
  /** Messages that wait to be handed over; null where the queue itself is missing. */
  ready: number | null;
  inHand: number | null;
  consumers: number | null;
  /** Messages that wait for their next try. */
  retrying: number;
  dead: number;
  oldestAgeS: number | null;
}

export interface DeadLetter {
  id: string;
  reason: string;
  /** When the message was first sent. */
  sentAt: Date | null;
  preview: string;
}

export type Which = "all" | { id: string };

/** What operators do to queues, whichever carrier holds them. A queue is named by its consumer's name for it. */
export interface QueueDesk {
  queues(): Promise<QueueFacts[]>;
  /** Looks at the dead letters and leaves them where they are; at most the first 100. */
  dead(queue: string): Promise<DeadLetter[]>;
  /** Puts dead letters back into this consumer's queue alone, as if never tried. @returns how many */
  replay(queue: string, which: Which): Promise<number>;
  /** Forgets dead letters for good. @returns how many */
  drop(queue: string, which: Which): Promise<number>;
  close(): Promise<void>;
}

/** Dead letters shown at once. */
export const SHOWN = 100;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells what a message is about by its ids alone: texts, places and people in it are nobody's business here. */
export function previewOf(message: unknown): string {
  if (typeof message !== "object" || message === null) return `(${typeof message})`;
  return Object.entries(message)
    .map(([key, value]) => `${key}=${isTelling(key, value) ? String(value) : "…"}`)
    .join(" ");
}

const isTelling = (key: string, value: unknown): boolean =>
  typeof value === "string" && key.endsWith("_id") && !/user|owner|sender/.test(key) && UUID.test(value);
