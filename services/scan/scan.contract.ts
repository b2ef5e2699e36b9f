import Type, { type Static } from "typebox";
import { type ActionsOf, contract, fromHeader } from "../../broker/contract.ts";
import { ProgressEvent } from "../../mixins/progress/progress.schema.ts";
import { Reward } from "../character/character.contract.ts";

const ScanId = Type.String({ format: "uuid" });
const ImageUrl = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: "address of a picture uploaded through /images",
});
const UserInput = Type.String({ maxLength: 2000, description: "the person's question" });
/** One class the picture may show. */
export const Candidate = Type.Object({
  major_category: Type.String(),
  middle_category: Type.String(),
  minor_category: Type.String(),
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
});
const Citation = Type.Object({
  id: Type.String(),
  title: Type.String(),
  major: Type.String(),
  middle: Type.String(),
  source: Type.String(),
  url: Type.Union([Type.String(), Type.Null()]),
});

export const PipelineResult = Type.Object({
  classification_result: Type.Object({
    classification: Type.Object({
      major_category: Type.String(),
      middle_category: Type.String(),
      minor_category: Type.String({ description: "never null: repeats the middle when nothing finer is known" }),
    }),
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    candidates: Type.Array(Candidate, { maxItems: 2, description: "the next two classes" }),
    situation_tags: Type.Array(Type.String()),
    meta: Type.Object({ user_input: Type.String() }),
  }),
  disposal_rules: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  final_answer: Type.Object({
    disposal_steps: Type.Record(Type.String(), Type.String(), { description: "ordered: 1단계, 2단계, …" }),
    insufficiencies: Type.Array(Type.String()),
    user_answer: Type.String(),
    citations: Type.Array(Citation),
  }),
  engine: Type.Object({
    name: Type.String({ description: "on-device or the model that answered" }),
    prompts: Type.Record(Type.String(), Type.String(), { description: "stage → prompt id@version" }),
    knowledge: Type.String({ description: "version of the knowledge" }),
    estimate: Type.Boolean({ description: "the class is an estimate that the person should confirm" }),
  }),
});

/** The result body of both API generations. */
export const ScanResult = Type.Object({
  task_id: ScanId,
  status: Type.Enum(["completed", "failed"], { type: "string" }),
  message: Type.String(),
  pipeline_result: Type.Union([PipelineResult, Type.Null()]),
  reward: Type.Union([Reward, Type.Null()]),
  error: Type.Union([Type.String(), Type.Null()]),
});
const StillRunning = Type.Object({
  status: Type.Literal("processing"),
  message: Type.String(),
  current_stage: Type.String(),
  progress: Type.Integer({ minimum: 0, maximum: 100 }),
});
const scanMessage = { version: 1, message: Type.Object({ scan_id: ScanId }) };
const channels = {
  "scan.requested": { summary: "A scan was accepted; vision is next", ...scanMessage },
  "scan.classified": { summary: "Vision has named the class; the rule is next", ...scanMessage },
  "scan.ruled": { summary: "The rule is found; the answer is next", ...scanMessage },
  "scan.answered": { summary: "The answer is written; the reward is next", ...scanMessage },
};
/** Stages that wait for a model, and stages that only ask our own rooms. */
const slow = { concurrency: 4, timeoutMs: 90_000 };
const quick = { concurrency: 4, timeoutMs: 30_000 };

export const scan = contract("scan", {
  actions: {
    submit: {
      summary: "Starts a scan of an uploaded picture",
      rest: "POST /scan",
      limit: "work",
      timeoutMs: 35_000,
      idempotent: true,
      params: Type.Object({
        image_url: Type.Optional(ImageUrl),
        user_input: Type.Optional(UserInput),
        model: Type.Optional(Type.String({ maxLength: 64 })),
        idempotency_key: Type.Optional(fromHeader("x-idempotency-key", Type.String({ minLength: 1, maxLength: 200 }))),
      }),
      result: Type.Object({
        job_id: ScanId,
        stream_url: Type.String(),
        result_url: Type.String(),
        status: Type.Literal("queued"),
      }),
      errors: [
        "IMAGE_URL_REQUIRED",
        "IMAGE_URL_REFUSED",
        "IMAGE_INVALID",
        "UNSUPPORTED_MODEL",
        "IDEMPOTENCY_KEY_REUSED",
        "STORAGE_UNAVAILABLE",
      ],
    },
    classify: {
      summary: "The same scan, awaited; with a question and no picture the question alone is classified",
      rest: "POST /scan/classify",
      limit: "work",
      timeoutMs: 70_000,
      params: Type.Object({
        image_url: Type.Optional(Type.Union([ImageUrl, Type.Null()])),
        user_input: Type.Optional(Type.Union([UserInput, Type.Null()])),
      }),
      result: ScanResult,
      errors: ["IMAGE_URL_REFUSED", "IMAGE_INVALID", "SCAN_NOT_FINISHED", "STORAGE_UNAVAILABLE"],
    },
    result: {
      summary: "The result of a scan; 202 while it runs",
      rest: "GET /scan/:job_id/result",
      also: { 202: "The scan goes on: status, stage and progress in the body, and Retry-After" },
      idempotent: true,
      params: Type.Object({ job_id: ScanId }),
      result: Type.Union([ScanResult, StillRunning]),
      errors: ["RESULT_NOT_FOUND"],
    },
    events: {
      summary: "Progress of a scan as server-sent events, with replay after Last-Event-ID",
      rest: "GET /scan/:job_id/events",
      also: { 204: "Last-Event-ID is the end: there is nothing more to come" },
      kind: "stream",
      idempotent: true,
      params: Type.Object({ job_id: ScanId }),
      result: Type.Object({
        topic: Type.String({ description: "name of the job's progress log" }),
        events: Type.Array(ProgressEvent, { description: "all that has happened so far, rebuilt from the job" }),
      }),
      errors: ["RESULT_NOT_FOUND"],
    },
    task: {
      summary: "The state of a scan in the form of the first API",
      rest: "GET /scan/task/:task_id",
      idempotent: true,
      params: Type.Object({ task_id: ScanId }),
      result: Type.Object({
        task_id: ScanId,
        status: Type.String(),
        category: Type.Union([Type.String(), Type.Null()]),
        confidence: Type.Union([Type.Number(), Type.Null()]),
        completed_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
        pipeline_result: Type.Union([PipelineResult, Type.Null()]),
        reward: Type.Union([Reward, Type.Null()]),
      }),
      errors: ["RESULT_NOT_FOUND"],
    },
    forget: {
      summary: "Forgets everything of a person who left",
      idempotent: true,
      params: Type.Object({ user_id: Type.String({ format: "uuid" }) }),
      result: Type.Null(),
    },
    categories: {
      summary: "The waste classes with a line on each of their items",
      rest: "GET /scan/categories",
      auth: "public",
      idempotent: true,
      cache: { ttlS: 300, of: "everyone" },
      params: Type.Object({}),
      result: Type.Array(
        Type.Object({
          id: Type.Integer(),
          name: Type.String(),
          display_name: Type.String(),
          instructions: Type.Array(Type.String()),
        }),
      ),
    },
  },
  channels,
  consumes: {
    "scan.requested": { of: channels["scan.requested"], ...slow },
    "scan.classified": { of: channels["scan.classified"], ...quick },
    "scan.ruled": { of: channels["scan.ruled"], ...slow },
    "scan.answered": { of: channels["scan.answered"], ...quick },
  },
});

export type ScanResultBody = Static<typeof ScanResult>;
export type PipelineResultBody = Static<typeof PipelineResult>;
export type RewardBody = Static<typeof Reward>;

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof scan> {}
  interface Channels {
    "scan.requested": Static<typeof scanMessage.message>;
    "scan.classified": Static<typeof scanMessage.message>;
    "scan.ruled": Static<typeof scanMessage.message>;
    "scan.answered": Static<typeof scanMessage.message>;
  }
}
