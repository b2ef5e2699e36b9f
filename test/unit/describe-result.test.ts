import { describe, expect, it } from "@jest/globals";
import { describeResult, type Paint } from "../../scripts/describe-result.ts";
import { displayWidth } from "../../broker/repl/display-width.ts";
import type { PipelineResultBody, ScanResultBody } from "../../services/scan/scan.contract.ts";

const plain: Paint = { bold: text => text, dim: text => text, good: text => text, warn: text => text };

const pipeline: PipelineResultBody = {
  classification_result: {
    classification: {
      major_category: "불연성종량제폐기물",
      middle_category: "불연성종량제폐기물",
      minor_category: "깨진 컵",
    },
    confidence: 0.614,
    candidates: [
      { major_category: "재활용폐기물", middle_category: "유리병", minor_category: "유리병", confidence: 0.2 },
      { major_category: "대형폐기물", middle_category: "대형폐기물", minor_category: "거울", confidence: 0.1 },
    ],
    situation_tags: [],
    meta: { user_input: "깨진 컵은 어떻게 버려요?" },
  },
  disposal_rules: null,
  final_answer: {
    disposal_steps: { "1단계": "두꺼운 종이로 싸 주세요.", "2단계": "전용 마대에 넣어 주세요." },
    insufficiencies: ["내용물이 남아 있어요. 비워 주세요."],
    user_answer:
      "깨진 컵은 재활용할 수 없어요. 다치지 않게 싸서 불연성 폐기물 전용 마대에 넣어 주세요. 마대는 주민센터나 가까운 판매소에서 살 수 있어요.",
    citations: [
      {
        id: "a",
        title: "불연성 폐기물",
        major: "불연성종량제폐기물",
        middle: "불연성종량제폐기물",
        source: "분리배출 지침",
        url: "https://example.kr/rule",
      },
      {
        id: "b",
        title: "불연성 폐기물",
        major: "불연성종량제폐기물",
        middle: "불연성종량제폐기물",
        source: "분리배출 지침",
        url: "https://example.kr/rule",
      },
    ],
  },
  engine: { name: "on-device", prompts: { answer: "scan.answer@1" }, knowledge: "2026-11-23+1a2b3c4d", estimate: true },
};
const result: ScanResultBody = {
  task_id: "0f1e2d3c-0000-4000-8000-000000000000",
  status: "completed",
  message: "classification completed",
  pipeline_result: pipeline,
  reward: {
    received: true,
    already_owned: false,
    name: "유리봇",
    dialog: "반짝!",
    match_reason: "",
    character_type: "",
    type: "",
  },
  error: null,
};
const shown = (changes: Partial<ScanResultBody> = {}, columns = 80) =>
  describeResult({ ...result, ...changes }, plain, columns);

describe("the answer on a terminal", () => {
  it("reads from the class down to where it comes from", () => {
    expect(shown()).toBe(`불연성종량제폐기물 › 깨진 컵  추정 61%
  혹시: 재활용폐기물 › 유리병 (20%) · 대형폐기물 › 거울 (10%)

버리는 방법
  1. 두꺼운 종이로 싸 주세요.
  2. 전용 마대에 넣어 주세요.

먼저 해 주세요
  ! 내용물이 남아 있어요. 비워 주세요.

답변
  깨진 컵은 재활용할 수 없어요. 다치지 않게 싸서 불연성 폐기물 전용 마대에 넣어
  주세요. 마대는 주민센터나 가까운 판매소에서 살 수 있어요.

출처
  - 불연성 폐기물 — 분리배출 지침 https://example.kr/rule

캐릭터  유리봇  새로 만났어요!
  “반짝!”

on-device · scan.answer@1 · knowledge 2026-11-23+1a2b3c4d
`);
  });

  it("does not say the steps twice", () => {
    const user_answer = "이렇게 버려 주세요.\n1. 두꺼운 종이로 싸 주세요.\n2. 전용 마대에 넣어 주세요.\n고맙습니다.";
    const text = shown({ pipeline_result: { ...pipeline, final_answer: { ...pipeline.final_answer, user_answer } } });
    expect(text.split("두꺼운 종이로 싸 주세요.")).toHaveLength(2);
    expect(text).toContain("이렇게 버려 주세요.\n  고맙습니다.");
  });

  it("admits that nothing was recognised, and why", () => {
    const text = shown({
      error: "MODEL_TIMEOUT",
      pipeline_result: {
        ...pipeline,
        classification_result: { ...pipeline.classification_result, confidence: 0, candidates: [] },
      },
    });
    expect(text).toContain("알아보지 못했어요");
    expect(text).toMatch(/MODEL_TIMEOUT\n$/);
  });

  it("leaves out what there is not", () => {
    const text = shown({
      reward: null,
      pipeline_result: { ...pipeline, final_answer: { ...pipeline.final_answer, insufficiencies: [], citations: [] } },
    });
    for (const title of ["먼저 해 주세요", "출처", "캐릭터"]) expect(text).not.toContain(title);
  });

  it("does not call a sure class an estimate", () => {
    const text = shown({ pipeline_result: { ...pipeline, engine: { ...pipeline.engine, estimate: false } } });
    expect(text).toContain("깨진 컵  61%");
    expect(text).not.toContain("추정");
  });

  it("fits narrow terminals", () => {
    const steps = { "1단계": "두꺼운 종이로 여러 겹 싸서 손이 다치지 않게 해 주세요." };
    const text = shown(
      { pipeline_result: { ...pipeline, final_answer: { ...pipeline.final_answer, disposal_steps: steps } } },
      30,
    );
    const body = text.slice(text.indexOf("버리는 방법"), text.indexOf("출처"));
    for (const line of body.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(30);
  });

  it("says so when there is no answer", () => {
    expect(shown({ pipeline_result: null, error: "IMAGE_URL_REQUIRED" })).toBe(
      "답을 찾지 못했어요. IMAGE_URL_REQUIRED\n",
    );
  });
});
