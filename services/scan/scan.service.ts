import { createHash, randomUUID } from "node:crypto";
import { env } from "../../broker/env.ts";
import { codeOf, fail, familyOf } from "../../broker/errors.ts";
import { type Ctx, type Delivery, service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import type { Tx } from "../../mixins/database/database.ts";
import { engines } from "../../mixins/engine/engines.mixin.ts";
import { ON_DEVICE } from "../../mixins/engine/on-device.engine.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { assertOffered } from "../../mixins/model/offered-models.ts";
import { objects } from "../../mixins/objects/objects.mixin.ts";
import { outbox } from "../../mixins/outbox/outbox.mixin.ts";
import { awaitEnd } from "../../mixins/progress/await-end.ts";
import { progress } from "../../mixins/progress/house-progress.ts";
import { schedule } from "../../mixins/schedule.mixin.ts";
import { listCategories } from "./list-categories.ts";
import { resendScans } from "./resend-scans.ts";
import { fallbackBody, nothingToSee, resultBody } from "./result-body.ts";
import { factsOf, ruleOn } from "./rule-on.ts";
import { scan } from "./scan.contract.ts";
import {
  advance,
  failJob,
  findJob,
  findOwnJob,
  forgetPerson,
  findStuck,
  forgetOldJobs,
  type Job,
  openJob,
  type Stage,
  type StageResult,
  waitsFor,
} from "./scan.store.ts";
import { doneEvent, queuedEvent, rebuildEvents, stageEvent, toldOf, topicOf } from "./stage-events.ts";
import { CHANNEL, NEXT, STAGE } from "./stages.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** How long `/scan/classify` waits; the scan goes on afterwards, only nobody holds the line. */
const CLASSIFY_WAIT_MS = 60_000;

interface Order {
  imageUrl: string | null;
  userInput: string;
  model: string | null;
  idempotencyKey: string | null;
}

export default service(scan)({
  mixins: [database("scan", { tables: ["jobs"] }), engines(), objects(), schedule(), outbox()],
  dependencies: ["images", "character"],

  methods: {
    /** Accepts a scan: the job and its first message are one transaction. @returns its id, an earlier one for a repeated key */
    async open(
      ctx: Ctx<unknown, { userId: string }>,
      { imageUrl, userInput, model, idempotencyKey }: Order,
    ): Promise<string> {
      const { userId } = ctx.user;
      const image = imageUrl === null ? null : await ctx.call("images.claim", { image_url: imageUrl, user_id: userId });
      const requestHash = createHash("sha256")
        .update(JSON.stringify([imageUrl, userInput, model]))
        .digest("hex");
      const id = randomUUID();
      const opening = { id, userId, idempotencyKey, requestHash, imageKey: image?.key ?? null, userInput, model };
      const opened = await this.transaction(async (tx: Tx) => {
        const job = await openJob(tx, opening);
        if (job.fresh) await this.send(tx, "scan.requested", { scan_id: job.id }, ctx.requestID);
        return job;
      });
      if (opened.request_hash !== requestHash) throw fail("IDEMPOTENCY_KEY_REUSED");
      if (opened.fresh) await progress.append(topicOf(id), queuedEvent(opened));
      return opened.id;
    },

    async own(id: string, userId: string): Promise<Job> {
      const job = await findOwnJob(this.db(), id, userId);
      if (!job) throw fail("RESULT_NOT_FOUND");
      return job;
    },

    /**
     * Runs one stage of a job: work, then in one transaction the result, the next state and the next message.
     * A repeated delivery finds the job moved on and does nothing but tell the end again.
     */
    async stage(id: string, stage: Stage, delivery: Delivery, work: (job: Job) => Promise<StageResult>): Promise<void> {
      const job = await findJob(this.db(), id);
      if (!job) return;
      if (!waitsFor(job, stage)) return this.tellEnd(job);
      await progress.append(topicOf(id), toldOf(job, stageEvent(job, stage, "started", new Date())));
      try {
        const result = await work(job);
        // Told before the commit: afterwards the next stage may already be telling its own start.
        await progress.append(topicOf(id), stageEvent(job, stage, "completed", new Date()));
        await this.transaction(async (tx: Tx) => {
          const moved = await advance(tx, id, result);
          const next = NEXT[stage];
          if (moved && next) await this.send(tx, CHANNEL[next], { scan_id: id }, delivery.requestId);
        });
      } catch (cause) {
        await this.giveUp(job, stage, delivery, cause);
        throw cause;
      }
      if (stage === "reward") await this.tellEnd(await findJob(this.db(), id));
    },

    /** With no try left, the person gets the fallback; the message itself goes to the dead letters for operators. */
    async giveUp(job: Job, stage: Stage, delivery: Delivery, cause: unknown): Promise<void> {
      if (!delivery.lastAttempt && familyOf(cause) !== "caller") return;
      const failed = await this.transaction((tx: Tx) => failJob(tx, job.id, stage, codeOf(cause)));
      if (failed) await this.tellEnd(await findJob(this.db(), job.id));
    },

    /** Ends a scan of which no handler can know that it is over. */
    async end(id: string, stage: Stage): Promise<void> {
      const failed = await this.transaction((tx: Tx) => failJob(tx, id, stage, "INTERNAL"));
      if (failed) await this.tellEnd(await findJob(this.db(), id));
    },

    /** Whatever became of its message, a person is not left waiting for ever. */
    async endStuck(): Promise<void> {
      for (const { id, stage } of await findStuck(this.db())) await this.end(id, stage);
    },

    async tellEnd(job: Job | undefined): Promise<void> {
      const body = job && resultBody(job, loadKnowledge());
      if (body) await progress.append(topicOf(job.id), toldOf(job, doneEvent(job, body)));
    },

    /** Only a photo wins a character. A reward that cannot be had must not keep the answer from the person. */
    async rewardFor({ id, user_id: userId, image_key: imageKey, facts, answer }: Job, delivery: Delivery) {
      if (imageKey === null || !facts || !answer) return null;
      const { major, middle, minor } = facts;
      const insufficiencies = answer.insufficiencies.length;
      const finding = {
        user_id: userId,
        source_id: id,
        major,
        middle,
        minor,
        rule_found: facts.rule_key !== null,
        insufficiencies,
      };
      try {
        return await delivery.call("character.reward", finding);
      } catch (cause) {
        if (!delivery.lastAttempt && familyOf(cause) !== "caller") throw cause;
        this.logger.warn({ err: cause, job: id }, "scan ends without its reward");
        return null;
      }
    },
  },

  actions: {
    async forget(ctx) {
      await forgetPerson(this.db(), ctx.params.user_id);
      return null;
    },

    async submit(ctx) {
      const {
        image_url: imageUrl,
        user_input: userInput = "",
        model = null,
        idempotency_key: idempotencyKey = null,
      } = ctx.params;
      if (imageUrl === undefined) throw fail("IMAGE_URL_REQUIRED");
      assertOffered(model);
      const id = await this.open(ctx, { imageUrl, userInput, model, idempotencyKey });
      return {
        job_id: id,
        stream_url: `/api/v1/scan/${id}/events`,
        result_url: `/api/v1/scan/${id}/result`,
        status: "queued" as const,
      };
    },

    async classify(ctx) {
      const imageUrl = ctx.params.image_url ?? null;
      const userInput = ctx.params.user_input ?? "";
      // The first app generation hangs on any error status here, so a request without anything to look at fails inside a 200.
      if (imageUrl === null && userInput.trim() === "") return nothingToSee();
      const id = await this.open(ctx, { imageUrl, userInput, model: null, idempotencyKey: null });
      await awaitEnd(
        topicOf(id),
        async () => (await this.own(id, ctx.user.userId)).finished_at !== null,
        CLASSIFY_WAIT_MS,
      );
      const job = await this.own(id, ctx.user.userId);
      return (
        resultBody(job, loadKnowledge()) ?? fallbackBody({ ...job, failure: "SCAN_NOT_FINISHED" }, loadKnowledge())
      );
    },

    async result(ctx) {
      const job = await this.own(ctx.params.job_id, ctx.user.userId);
      const body = resultBody(job, loadKnowledge());
      if (body) return body;
      ctx.meta.$statusCode = 202;
      ctx.meta.$responseHeaders = { "Retry-After": "2" };
      const last = rebuildEvents(job, null).at(-1);
      return {
        status: "processing" as const,
        message: "the scan goes on",
        current_stage: last?.event ?? "queued",
        progress: Number(last?.data["progress"] ?? 0),
      };
    },

    async events(ctx) {
      const job = await this.own(ctx.params.job_id, ctx.user.userId);
      return { topic: topicOf(job.id), events: rebuildEvents(job, resultBody(job, loadKnowledge())) };
    },

    async task(ctx) {
      const job = await this.own(ctx.params.task_id, ctx.user.userId);
      const body = resultBody(job, loadKnowledge());
      return {
        task_id: job.id,
        status: body?.status ?? "processing",
        category: body?.pipeline_result?.classification_result.classification.major_category ?? null,
        confidence: body?.pipeline_result?.classification_result.confidence ?? null,
        completed_at: job.finished_at?.toISOString() ?? null,
        pipeline_result: body?.pipeline_result ?? null,
        reward: body?.reward ?? null,
      };
    },

    async categories() {
      return listCategories(loadKnowledge());
    },
  },

  channels: {
    async "scan.requested"({ scan_id: id }, delivery) {
      await this.stage(id, "vision", delivery, async job => {
        const engine = this.engineFor(delivery.attempt);
        const input = { question: job.user_input, model: job.model, signal: delivery.signal };
        const seen =
          job.image_key === null
            ? await engine.read(input)
            : await engine.see({ ...input, image: await this.readObject(job.image_key, delivery.signal) });
        const { engine: name, prompt, ...sighting } = seen;
        return { stage: "vision", sighting, made: { engine: name, prompt } };
      });
    },

    async "scan.classified"({ scan_id: id }, delivery) {
      await this.stage(id, "rule", delivery, async job => {
        const knowledge = loadKnowledge();
        return { stage: "rule", facts: ruleOn(job, knowledge), knowledgeVersion: knowledge.version };
      });
    },

    async "scan.ruled"({ scan_id: id }, delivery) {
      await this.stage(id, "answer", delivery, async job => {
        const { sighting, facts } = factsOf(job, loadKnowledge());
        const input = { sighting, facts, question: job.user_input, model: job.model, signal: delivery.signal };
        // A model that did not answer about the picture is not waited for again.
        const engine = this.engineFor(job.provenance.vision?.engine === ON_DEVICE ? Infinity : delivery.attempt);
        const { engine: name, prompt, ...answer } = await engine.answer(input);
        return { stage: "answer", answer, made: { engine: name, prompt } };
      });
    },

    async "scan.answered"({ scan_id: id }, delivery) {
      await this.stage(id, "reward", delivery, async job => ({
        stage: "reward",
        reward: await this.rewardFor(job, delivery),
      }));
    },
  },

  async messageBuried(channel, { scan_id: id }) {
    await this.end(id, STAGE[channel]);
  },

  async queueLost(channel) {
    const sent = await resendScans(this, STAGE[channel]);
    if (sent > 0) this.logger.warn({ channel, scans: sent }, "scans are sent again: their queue was lost");
  },

  async started() {
    this.every(DAY_MS, "forget old scans", () => forgetOldJobs(this.db(), env.SCAN_TTL_DAYS));
    this.every(MINUTE_MS, "end stuck scans", () => this.endStuck());
  },
});
