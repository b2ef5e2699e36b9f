import type { ProgressEvent } from "../../mixins/progress/progress.ts";
import type { ScanResultBody } from "./scan.contract.ts";
import { type Job, type Stage, STAGES } from "./scan.store.ts";

type Status = "started" | "completed";

const seqOf = (stage: Stage, status: Status): number =>
  (STAGES.indexOf(stage) + 1) * 10 + (status === "completed" ? 1 : 0);
const progressOf = (stage: Stage, status: Status): number =>
  (STAGES.indexOf(stage) + (status === "completed" ? 1 : 0)) * 25;
/** `done` is 51 as the app knows it; a scan that failed and was replayed says so once more, later in the order. */
const DONE_SEQ = 51;

/** The name of a job's progress log. */
export const topicOf = (jobId: string): string => `scan:${jobId}`;

// The creation time makes ids of the form that Redis streams take; the same event always has the same id.
const idOf = (job: Job, seq: number): string => `${job.created_at.getTime()}-${seq}`;

function eventOf(job: Job, event: string, seq: number, at: Date, rest: Record<string, unknown>): ProgressEvent {
  return {
    id: idOf(job, seq),
    event,
    data: { job_id: job.id, stage: event, seq, ts: (at.getTime() / 1000).toFixed(3), ...rest },
  };
}

export const queuedEvent = (job: Job): ProgressEvent =>
  eventOf(job, "queued", 0, job.created_at, { status: "started", progress: 0 });

export const stageEvent = (job: Job, stage: Stage, status: Status, at: Date): ProgressEvent =>
  eventOf(job, stage, seqOf(stage, status), at, { status, progress: progressOf(stage, status) });

/** The last event; a job that failed also ends `completed`, with its fallback result. */
export const doneEvent = (job: Job, result: ScanResultBody): ProgressEvent =>
  eventOf(job, "done", DONE_SEQ, job.finished_at ?? new Date(), { status: "completed", result });

/** Every event of a job that its row proves, in order: what a late or returning listener has missed. */
export function rebuildEvents(job: Job, result: ScanResultBody | null): ProgressEvent[] {
  const ends = [
    job.created_at,
    job.classified_at,
    job.ruled_at,
    job.answered_at,
    job.state === "done" ? job.finished_at : null,
  ];
  const events = [queuedEvent(job)];
  for (const [index, stage] of STAGES.entries()) {
    const [began, ended] = [ends[index], ends[index + 1]];
    if (!began || !ended) break;
    events.push(stageEvent(job, stage, "started", began), stageEvent(job, stage, "completed", ended));
  }
  if (result) events.push(doneEvent(job, result));
  return events;
}

/** An event as it is told while the job goes on: it names the last one that the row proves, so that whoever missed that one knows. */
export const toldOf = (job: Job, event: ProgressEvent): ProgressEvent => {
  const after = rebuildEvents(job, null).at(-1)?.id;
  return after === undefined ? event : { ...event, after };
};
