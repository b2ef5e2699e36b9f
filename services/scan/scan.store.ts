import type { Tx } from "../../mixins/database/database.ts";
import type { Answer, Provenance, Sighting } from "../../mixins/engine/engine.ts";
import type { ComposedAnswer } from "../../mixins/knowledge/knowledge.types.ts";
import type { RewardBody } from "./scan.contract.ts";

/** The stages in order; each leaves the job in the state that the next one starts from. */
export const STAGES = ["vision", "rule", "answer", "reward"] as const;
export type Stage = (typeof STAGES)[number];
export type State = "queued" | "classified" | "ruled" | "answered" | "done" | "failed";
type WorkingState = Exclude<State, "done" | "failed">;

/** What the rule stage found: the knowledge's whole answer with its rule by key. */
export interface Ruling extends Omit<ComposedAnswer, "rule"> {
  rule_key: string | null;
}

export interface Job {
  id: string;
  user_id: string;
  request_hash: string;
  image_key: string | null;
  user_input: string;
  model: string | null;
  state: State;
  failed_in: WorkingState | null;
  failure: string | null;
  sighting: Sighting | null;
  facts: Ruling | null;
  answer: Answer | null;
  reward: RewardBody | null;
  provenance: Partial<Record<Stage, Provenance>>;
  knowledge_version: string | null;
  created_at: Date;
  classified_at: Date | null;
  ruled_at: Date | null;
  answered_at: Date | null;
  finished_at: Date | null;
}

const COLUMNS = `id, user_id, request_hash, image_key, user_input, model, state, failed_in, failure, sighting, facts, answer, reward,
  provenance, knowledge_version, created_at, classified_at, ruled_at, answered_at, finished_at`;

export interface Opening {
  id: string;
  userId: string;
  idempotencyKey: string | null;
  requestHash: string;
  imageKey: string | null;
  userInput: string;
  model: string | null;
}

/** Opens a job, or finds the one that this person's idempotency key opened before. */
export async function openJob(tx: Tx, opening: Opening): Promise<Job & { fresh: boolean }> {
  const { id, userId, idempotencyKey, requestHash, imageKey, userInput, model } = opening;
  const opened = await tx.one<Job>(
    `insert into scan.jobs (id, user_id, idempotency_key, request_hash, image_key, user_input, model)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (user_id, idempotency_key) do nothing returning ${COLUMNS}`,
    [id, userId, idempotencyKey, requestHash, imageKey, userInput, model],
  );
  if (opened) return { ...opened, fresh: true };
  const earlier = await tx.one<Job>(`select ${COLUMNS} from scan.jobs where user_id = $1 and idempotency_key = $2`, [
    userId,
    idempotencyKey,
  ]);
  if (!earlier) throw new Error("a scan vanished while its idempotency key was looked up");
  return { ...earlier, fresh: false };
}

export const findJob = (db: Tx, id: string): Promise<Job | undefined> =>
  db.one<Job>(`select ${COLUMNS} from scan.jobs where id = $1`, [id]);

/** The owner's view: a stranger's scan does not exist. */
export const findOwnJob = (db: Tx, id: string, userId: string): Promise<Job | undefined> =>
  db.one<Job>(`select ${COLUMNS} from scan.jobs where id = $1 and user_id = $2`, [id, userId]);

/** The one stage result that a step leaves in the row. */
export type StageResult =
  | { stage: "vision"; sighting: Sighting; made: Provenance }
  | { stage: "rule"; facts: Ruling; knowledgeVersion: string }
  | { stage: "answer"; answer: Answer; made: Provenance }
  | { stage: "reward"; reward: RewardBody | null };

const STEP = {
  vision: { from: "queued", to: "classified", at: "classified_at", column: "sighting" },
  rule: { from: "classified", to: "ruled", at: "ruled_at", column: "facts" },
  answer: { from: "ruled", to: "answered", at: "answered_at", column: "answer" },
  reward: { from: "answered", to: "done", at: "finished_at", column: "reward" },
} as const;

/** A job waits for a stage when it is in the state before it, or failed exactly there. */
export const waitsFor = (job: Job, stage: Stage): boolean =>
  job.state === STEP[stage].from || (job.state === "failed" && job.failed_in === STEP[stage].from);

/** Stores a stage's result and moves the job on, from the state before the stage only. @returns false when another delivery was first */
export async function advance(tx: Tx, id: string, result: StageResult): Promise<boolean> {
  const { from, to, at, column } = STEP[result.stage];
  const value = valueOf(result);
  const made = "made" in result ? { [result.stage]: result.made } : {};
  const version = result.stage === "rule" ? result.knowledgeVersion : null;
  const moved = await tx.run(
    `update scan.jobs set state = $2, ${at} = now(), ${column} = $3::jsonb, provenance = provenance || $4::jsonb,
       knowledge_version = coalesce($5, knowledge_version), failed_in = null, failure = null
     where id = $1 and (state = $6 or (state = 'failed' and failed_in = $6))`,
    [id, to, value === null ? null : JSON.stringify(value), JSON.stringify(made), version, from],
  );
  return moved === 1;
}

function valueOf(result: StageResult): unknown {
  if (result.stage === "vision") return result.sighting;
  if (result.stage === "rule") return result.facts;
  if (result.stage === "answer") return result.answer;
  return result.reward;
}

/** Ends a job that cannot go on. @returns false when it has moved on or ended otherwise */
export const failJob = async (tx: Tx, id: string, stage: Stage, failure: string): Promise<boolean> =>
  (await tx.run(
    "update scan.jobs set state = 'failed', failed_in = $2, failure = $3, finished_at = now() where id = $1 and state = $2",
    [id, STEP[stage].from, failure],
  )) === 1;

/** Longer than the whole ladder with every try timing out. A scan that only waited long goes on when its message comes. */
const STUCK_AFTER_MIN = 30;

/** Scans that nothing has moved for long, with the stage that each waits for; the oldest hundred. */
export async function findStuck(db: Tx): Promise<{ id: string; stage: Stage }[]> {
  const rows = await db.rows<{ id: string; state: WorkingState }>(
    `select id, state from scan.jobs
     where state not in ('done', 'failed')
       and greatest(created_at, classified_at, ruled_at, answered_at) < now() - $1::float8 * interval '1 minute'
     order by created_at limit 100`,
    [STUCK_AFTER_MIN],
  );
  return rows.map(({ id, state }) => ({ id, stage: STAGES.find(stage => STEP[stage].from === state) ?? "vision" }));
}

/** Processes that find a queue lost do so within this time of each other. */
const RESENT_WITHIN_S = 10;

/** Takes up to `limit` scans that wait for a stage, to send their message once more; each is taken once, whoever asks. @returns their ids */
export async function takeToResend(tx: Tx, stage: Stage, limit: number): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(
    `update scan.jobs set resent_at = now() where id in (
       select id from scan.jobs
       where state = $1 and (resent_at is null or resent_at < now() - $2::float8 * interval '1 second')
       order by created_at limit $3 for update skip locked)
     returning id`,
    [STEP[stage].from, RESENT_WITHIN_S, limit],
  );
  return rows.map(({ id }) => id);
}

/** Forgets scans older than `days`. @returns how many */
export const forgetOldJobs = (db: Tx, days: number): Promise<number> =>
  db.run("delete from scan.jobs where created_at < now() - $1::float8 * interval '1 day'", [days]);

/** A stage that is under way finds its row gone and leaves nothing. */
export const forgetPerson = (db: Tx, userId: string): Promise<number> =>
  db.run("delete from scan.jobs where user_id = $1", [userId]);
