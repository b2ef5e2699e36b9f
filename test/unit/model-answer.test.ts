import { describe, expect, it } from "@jest/globals";
import { readAnswer } from "../../mixins/engine/read-answer.ts";
import type { Facts } from "../../mixins/engine/engine.ts";

const facts: Facts = {
  steps: ["내용물을 비워요.", "라벨을 떼요."],
  insufficiencies: ["라벨이 아직 붙어 있어요."],
  text: "무색페트병으로 따로 배출해 주세요.",
  rule: "문의: 110 또는 02-120-0000. 출처: https://www.me.go.kr/guide",
};
const said = (more: Partial<Parameters<typeof readAnswer>[0]> = {}) => ({
  steps: ["먼저 남은 물을 비워 주세요.", "라벨을 떼어 비닐류로 버려 주세요."],
  insufficiencies: ["라벨을 아직 떼지 않으셨네요."],
  text: "생수병은 무색페트병 수거함에 넣으면 돼요.",
  ...more,
});

describe("an answer out of what a model wrote", () => {
  it("is what the model wrote where the facts bear it", () => {
    expect(readAnswer(said(), facts)).toEqual(said());
  });

  it("has no numbers before its steps: clients number them", () => {
    const steps = ["1. 비워요.", "2) 떼요.", "3단계: 헹궈요.", "- 눌러요.", "2개씩 묶어요."];
    expect(readAnswer(said({ steps }), facts).steps).toEqual([
      "비워요.",
      "떼요.",
      "헹궈요.",
      "눌러요.",
      "2개씩 묶어요.",
    ]);
  });

  it.each([{ steps: [] }, { steps: ["", "  "] }])("keeps the composed steps where none came: %j", ({ steps }) => {
    expect(readAnswer(said({ steps }), facts).steps).toEqual(facts.steps);
  });

  it("has no steps where the facts have none", () => {
    expect(readAnswer(said(), { ...facts, steps: [] }).steps).toEqual([]);
  });

  it("keeps at most ten steps", () => {
    expect(
      readAnswer(said({ steps: Array.from({ length: 14 }, (_, at) => `${"가".repeat(at + 1)}요.`) }), facts).steps,
    ).toHaveLength(10);
  });

  it.each([{ insufficiencies: [] }, { insufficiencies: ["라벨이 있어요.", "뚜껑도 있어요."] }])(
    "never adds or drops what is still to do, for a reward hangs on it: %j",
    ({ insufficiencies }) => {
      expect(readAnswer(said({ insufficiencies }), facts).insufficiencies).toEqual(facts.insufficiencies);
      expect(readAnswer(said(), { ...facts, insufficiencies: [] }).insufficiencies).toEqual([]);
    },
  );

  it.each([
    "https://example.com 에서 신청하세요.",
    "www.example.com 참고",
    "bad-site.co.kr 참고",
    "02-555-1234로 전화하세요.",
    "수수료는 5,000원이에요.",
  ])("keeps the composed words where an address or number is not from the facts: %s", claim => {
    expect(readAnswer(said({ text: claim }), facts).text).toBe(facts.text);
    expect(readAnswer(said({ steps: ["비워요.", claim] }), facts).steps).toEqual(facts.steps);
    expect(readAnswer(said({ insufficiencies: [claim] }), facts).insufficiencies).toEqual(facts.insufficiencies);
  });

  it("may name addresses and numbers that the facts hold", () => {
    const text = "02-120-0000에 물어보거나 https://www.me.go.kr/guide 를 보세요.";
    expect(readAnswer(said({ text }), facts).text).toBe(text);
  });

  it("is clean text that a database takes", () => {
    const { text } = readAnswer(said({ text: "비워\u0000요.\ud800\n그리고\t떼요." }), facts);
    expect(text).toBe("비워 요.\ufffd 그리고 떼요.");
    expect(readAnswer(said({ text: "\u0000" }), facts).text).toBe(facts.text);
  });
});
