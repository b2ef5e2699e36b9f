import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Database, openDatabase } from "../../mixins/database/database.ts";
import { migrate } from "../../mixins/database/migrate.ts";
import {
  advance,
  failJob,
  findJob,
  findOwnJob,
  findStuck,
  type Job,
  type Opening,
  openJob,
  type StageResult,
  waitsFor,
} from "../../services/scan/scan.store.ts";
import { quietLog } from "../builders/quiet-log.ts";

let folder: string;
let db: Database;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "eco2-scan-"));
  db = await openDatabase({ dataDir: folder });
  await migrate(db, { logger: quietLog });
});
afterAll(async () => {
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

const opening = (rest: Partial<Opening> = {}): Opening => ({
  id: randomUUID(),
  userId: randomUUID(),
  idempotencyKey: null,
  requestHash: "a",
  imageKey: "scan/1.jpg",
  userInput: "",
  model: null,
  ...rest,
});
const sighting = {
  major: "재활용폐기물",
  middle: "종이",
  minor: "종이",
  confidence: 0.8,
  candidates: [],
  tags: [],
  itemId: null,
};
const seen: StageResult = {
  stage: "vision",
  sighting: { ...sighting, estimate: true },
  made: { engine: "on-device", prompt: null },
};
async function open(rest: Partial<Opening> = {}): Promise<Job> {
  const { id } = await openJob(db, opening(rest));
  return (await findJob(db, id)) as Job;
}

describe("a scan's row", () => {
  it("is opened once for a person's idempotency key, however often it is sent, and never for another person's", async () => {
    const userId = randomUUID();
    const again = () => openJob(db, opening({ userId, idempotencyKey: "k" }));
    const opened = await Promise.all([again(), again(), again()]);
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    expect(opened.filter(({ fresh }) => fresh)).toHaveLength(1);
    expect((await openJob(db, opening({ idempotencyKey: "k" }))).fresh).toBe(true);
  });

  it("is nobody else's", async () => {
    const job = await open();
    expect((await findOwnJob(db, job.id, job.user_id))?.id).toBe(job.id);
    expect(await findOwnJob(db, job.id, randomUUID())).toBeUndefined();
  });

  it("moves on once from the state before a stage; a repeat and a stage out of turn do nothing", async () => {
    const { id } = await open();
    expect(await advance(db, id, { stage: "reward", reward: null })).toBe(false);
    expect(await advance(db, id, seen)).toBe(true);
    expect(await advance(db, id, seen)).toBe(false);
    expect(await findJob(db, id)).toMatchObject({
      state: "classified",
      sighting: { middle: "종이" },
      provenance: { vision: { engine: "on-device" } },
    });
  });

  it("that failed goes on from where it was when its message is replayed", async () => {
    const { id } = await open();
    expect(await failJob(db, id, "vision", "MODEL_UNAVAILABLE")).toBe(true);
    const failed = (await findJob(db, id)) as Job;
    expect(failed).toMatchObject({ state: "failed", failure: "MODEL_UNAVAILABLE" });
    expect([waitsFor(failed, "vision"), waitsFor(failed, "rule")]).toEqual([true, false]);
    expect(await advance(db, id, seen)).toBe(true);
    expect(await findJob(db, id)).toMatchObject({ state: "classified", failure: null, failed_in: null });
  });

  it("that nothing has moved for long is found, with the stage it waits for", async () => {
    const [fresh, stuck] = [await open(), await open()];
    await advance(db, stuck.id, seen);
    await db.run(
      "update scan.jobs set created_at = now() - interval '1 day', classified_at = now() - interval '1 hour' where id = $1",
      [stuck.id],
    );
    const found = await findStuck(db);
    expect(found).toContainEqual({ id: stuck.id, stage: "rule" });
    expect(found.map(({ id }) => id)).not.toContain(fresh.id);
  });
});
