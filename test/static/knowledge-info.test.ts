import { expect, it } from "@jest/globals";
import { composeFaq } from "../../mixins/knowledge/compose-faq.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";

const { regions, faq, rules, items } = loadKnowledge();

const districts =
  "종로구 중구 용산구 성동구 광진구 동대문구 중랑구 성북구 강북구 도봉구 노원구 은평구 서대문구 마포구 양천구 강서구 구로구 금천구 영등포구 동작구 관악구 서초구 강남구 송파구 강동구";

it("knows the 25 districts of Seoul by name, each with the office and the official site to ask", () => {
  const ours = regions.filter(({ within }) => within === "seoul");
  expect(ours.map(({ name }) => name)).toEqual(districts.split(" ").map(name => `서울특별시 ${name}`));
  for (const { name, office, page } of ours) {
    expect(office).toBe(`${name.split(" ")[1]!}청`);
    expect([name, page]).toEqual([name, expect.stringMatching(/^https:\/\/www\.[a-z]+(\.go|\.seoul)?\.kr$/)]);
  }
});

it("tells everywhere how bulk waste is handed over, and no fee without an official list", () => {
  const common = rules.find(({ key }) => key === "대형폐기물")!;
  for (const { name, bulk } of regions) {
    expect([name, bulk.steps.length > 0]).toEqual([name, true]);
    if (bulk.source === null) expect([name, bulk.steps, bulk.fees]).toEqual([name, common.steps, []]);
    else expect([name, bulk.source.official, bulk.source.url]).toEqual([name, true, expect.any(String)]);
  }
});

it("answers every frequent question with the steps and the ground of its rule", () => {
  expect(faq.length).toBeGreaterThanOrEqual(50);
  for (const entry of faq) {
    const rule = rules.find(({ key }) => key === entry.rule)!;
    const item = items.find(({ id }) => id === entry.item);
    const steps = rule.variants.find(({ id }) => id === item?.variant)?.steps ?? rule.steps;
    const answer = composeFaq(entry);
    expect(answer.startsWith(`${entry.answer}\n`)).toBe(true);
    for (const step of steps) expect(answer).toContain(step);
    expect([entry.id, answer]).toEqual([entry.id, expect.stringMatching(/근거: |공식 출처를 확인하지 못한/)]);
  }
});

it("asks about every class that has a rule", () => {
  const asked = new Set(faq.map(entry => rules.find(({ key }) => key === entry.rule)?.middle));
  expect(rules.filter(({ middle }) => !asked.has(middle)).map(({ key }) => key)).toEqual([]);
});
