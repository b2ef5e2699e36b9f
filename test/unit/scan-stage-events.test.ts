import { describe, expect, it } from "@jest/globals";
import { compareIds } from "../../mixins/progress/progress.ts";
import type { ScanResultBody } from "../../services/scan/scan.contract.ts";
import type { Job } from "../../services/scan/scan.store.ts";
import { doneEvent, queuedEvent, rebuildEvents, stageEvent, toldOf } from "../../services/scan/stage-events.ts";

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const job = (rest: Partial<Job>): Job =>
  ({
    id: "6a1e8c1e-7a3b-4c58-9a55-5f6f4c8d1a11",
    state: "queued",
    created_at: at(0),
    classified_at: null,
    ruled_at: null,
    answered_at: null,
    finished_at: null,
    ...rest,
  }) as Job;
const done = job({ state: "done", classified_at: at(1), ruled_at: at(2), answered_at: at(3), finished_at: at(4) });
const body = { task_id: done.id, status: "completed" } as ScanResultBody;

describe("events of a scan", () => {
  it("carry the sequence and progress of the HTTP contract", () => {
    expect(queuedEvent(done).data).toMatchObject({ stage: "queued", status: "started", seq: 0, progress: 0 });
    expect(stageEvent(done, "vision", "started", at(0)).data).toMatchObject({ seq: 10, progress: 0 });
    expect(stageEvent(done, "answer", "completed", at(3)).data).toMatchObject({
      seq: 31,
      progress: 75,
      ts: String(at(3).getTime() / 1000) + ".000",
    });
    expect(doneEvent(done, body).data).toMatchObject({ stage: "done", status: "completed", seq: 51, result: body });
  });

  it("are rebuilt from the row with the ids they had live, strictly increasing", () => {
    const events = rebuildEvents(done, body);
    expect(events.map(event => event.event)).toEqual([
      "queued",
      "vision",
      "vision",
      "rule",
      "rule",
      "answer",
      "answer",
      "reward",
      "reward",
      "done",
    ]);
    for (const [index, event] of events.slice(1).entries())
      expect(compareIds(event.id, events[index]!.id)).toBeGreaterThan(0);
    expect(events[2]).toEqual(stageEvent(done, "vision", "completed", at(1)));
  });

  it("of a running scan end with the last stage that its row proves", () => {
    const events = rebuildEvents(job({ state: "classified", classified_at: at(1) }), null);
    expect(events.map(event => [event.event, event.data["status"]])).toEqual([
      ["queued", "started"],
      ["vision", "started"],
      ["vision", "completed"],
    ]);
  });

  it("name the last one that the row proves when they are told", () => {
    const ruled = job({ state: "ruled", classified_at: at(1), ruled_at: at(2) });
    const [proven] = rebuildEvents(ruled, null).slice(-1);
    expect(toldOf(ruled, stageEvent(ruled, "answer", "started", at(3))).after).toBe(proven!.id);
    expect(toldOf(done, doneEvent(done, body)).after).toBe(rebuildEvents(done, null).at(-1)!.id);
  });

  it("of a failed scan end with done, so that nobody waits for ever", () => {
    const failed = job({ state: "failed", finished_at: at(9) });
    expect(rebuildEvents(failed, body).map(event => event.event)).toEqual(["queued", "done"]);
  });
});
