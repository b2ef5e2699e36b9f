import { EventEmitter } from "node:events";

/** One event of a job. Ids look like Redis stream ids (`ms-n`) and only grow within a topic. */
export interface ProgressEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
  /** Id of the last event before it that the job itself can rebuild: a listener that has not seen that one has missed some. */
  after?: string;
}

/** Progress of running jobs. Advisory: a job's own row can rebuild every event, so losing this log loses nothing. */
export interface ProgressLog {
  /** Adds an event; one that is not newer than the topic's last is dropped, so repeats do nothing. Never fails: events may be lost. */
  append(topic: string, event: ProgressEvent): Promise<void>;
  /** Calls back for the events that are kept and then for each new one, each once and in order. Never fails. @returns stops following */
  follow(topic: string, onEvent: (event: ProgressEvent) => void): Promise<() => void>;
}

/** Compares ids of the form `ms-n`. @returns negative, zero or positive */
export function compareIds(a: string, b: string): number {
  const [aMs = 0, aSeq = 0] = a.split("-").map(Number);
  const [bMs = 0, bSeq = 0] = b.split("-").map(Number);
  return aMs - bMs || aSeq - bSeq;
}

const KEEP_TOPICS = 1_000;

/** The log of a single process: the newest topics stay in memory. */
export function memoryProgress(): ProgressLog {
  const topics = new Map<string, ProgressEvent[]>();
  const live = new EventEmitter().setMaxListeners(0);
  return {
    async append(topic, event) {
      const events = topics.get(topic) ?? [];
      const last = events.at(-1);
      if (last && compareIds(event.id, last.id) <= 0) return;
      events.push(event);
      topics.delete(topic);
      topics.set(topic, events);
      for (const oldest of topics.keys())
        if (topics.size > KEEP_TOPICS) topics.delete(oldest);
        else break;
      live.emit(topic, event);
    },
    async follow(topic, onEvent) {
      for (const event of topics.get(topic) ?? []) onEvent(event);
      live.on(topic, onEvent);
      return () => live.off(topic, onEvent);
    },
  };
}
