import { randomUUID } from "node:crypto";
import { type Knowledge, unclassified } from "../../mixins/knowledge/knowledge.types.ts";
import { legacyRule } from "../../mixins/knowledge/legacy-rule.ts";
import type { PipelineResultBody, ScanResultBody } from "./scan.contract.ts";
import { type Job, STAGES } from "./scan.store.ts";

/** The result of an ended job in the form that both API generations read; null while it runs. */
export function resultBody(job: Job, knowledge: Knowledge): ScanResultBody | null {
  if (job.state === "failed") return fallbackBody(job, knowledge);
  if (job.state !== "done") return null;
  return {
    task_id: job.id,
    status: "completed",
    message: "classification completed",
    pipeline_result: pipelineResult(job, knowledge),
    reward: job.reward,
    error: null,
  };
}

function pipelineResult(job: Job, knowledge: Knowledge): PipelineResultBody | null {
  const { sighting, facts, answer } = job;
  if (!sighting || !facts || !answer) return null;
  const rule = knowledge.rules.find(each => each.key === facts.rule_key);
  return {
    classification_result: {
      classification: { major_category: facts.major, middle_category: facts.middle, minor_category: facts.minor },
      confidence: sighting.confidence,
      candidates: sighting.candidates.slice(0, 2).map(({ major, middle, minor, confidence }) => ({
        major_category: major,
        middle_category: middle,
        minor_category: minor,
        confidence,
      })),
      situation_tags: sighting.tags,
      meta: { user_input: job.user_input },
    },
    disposal_rules: rule ? { ...legacyRule(rule) } : null,
    final_answer: {
      disposal_steps: Object.fromEntries(answer.steps.map((step, index) => [`${index + 1}단계`, step])),
      insufficiencies: answer.insufficiencies,
      user_answer: answer.text,
      citations: facts.citations.map(citation => ({ ...citation })),
    },
    engine: engineOf(job, knowledge, sighting.estimate),
  };
}

function engineOf(job: Job, knowledge: Knowledge, estimate: boolean): PipelineResultBody["engine"] {
  const prompts = STAGES.flatMap(stage => {
    const prompt = job.provenance[stage]?.prompt;
    return prompt ? [[stage, prompt] as const] : [];
  });
  return {
    name: job.provenance.vision?.engine ?? "none",
    prompts: Object.fromEntries(prompts),
    knowledge: job.knowledge_version ?? knowledge.version,
    estimate,
  };
}

/**
 * What a person gets when the scan could not be finished: an honest answer in the form of a finished one, since the app shows an
 * endless spinner for anything else, and no reward.
 */
export function fallbackBody(job: Pick<Job, "id" | "user_input" | "failure">, knowledge: Knowledge): ScanResultBody {
  return {
    task_id: job.id,
    status: "completed",
    message: "classification could not be finished",
    pipeline_result: {
      classification_result: {
        classification: { major_category: unclassified, middle_category: unclassified, minor_category: unclassified },
        confidence: 0,
        candidates: [],
        situation_tags: [],
        meta: { user_input: job.user_input },
      },
      disposal_rules: null,
      final_answer: {
        disposal_steps: {},
        insufficiencies: ["사진을 끝까지 확인하지 못했어요. 잠시 뒤에 다시 찍어 주세요."],
        user_answer:
          "지금은 사진을 끝까지 확인하지 못했어요. 잠시 뒤에 다시 시도해 주세요. 급하시면 사시는 곳의 주민센터나 구청 청소 부서에 물어보시는 게 가장 정확해요.",
        citations: [],
      },
      engine: { name: "none", prompts: {}, knowledge: knowledge.version, estimate: true },
    },
    reward: null,
    error: job.failure,
  };
}

/** The answer to a request without anything to look at. */
export const nothingToSee = (): ScanResultBody => ({
  task_id: randomUUID(),
  status: "failed",
  message: "image_url is required",
  pipeline_result: null,
  reward: null,
  error: "IMAGE_URL_REQUIRED",
});
