import { describe, expect, it } from "@jest/globals";
import { answerQuestion } from "../../mixins/knowledge/answer-question.ts";
import { composeAnswer, fallbackAnswer } from "../../mixins/knowledge/compose-answer.ts";
import { findRule } from "../../mixins/knowledge/find-rule.ts";
import type { Item } from "../../mixins/knowledge/knowledge.types.ts";
import { legacyRule } from "../../mixins/knowledge/legacy-rule.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";

const knowledge = loadKnowledge();
const item = (id: string): Item => knowledge.items.find(entry => entry.id === id)!;
const directive = "재활용가능자원의 분리수거 등에 관한 지침 별표 1(기후에너지환경부 훈령 제18호, 2026년 1월 1일 시행)";

describe("composeAnswer", () => {
  it("answers for a named item with its class, ordered steps and the directive as its ground", () => {
    const answer = composeAnswer({ item: item("water-bottle"), tags: [] });
    expect([answer.major, answer.middle, answer.minor]).toEqual(["재활용폐기물", "무색페트병", "생수병"]);
    expect(Object.keys(answer.disposal_steps)).toEqual(["1단계", "2단계", "3단계", "4단계"]);
    expect(answer.disposal_steps["2단계"]).toBe("라벨을 떼어 주세요.");
    expect(Object.values(answer.disposal_steps).every(step => step.trim() !== "")).toBe(true);
    expect(answer.insufficiencies).toEqual([]);
    expect(answer.citations).toEqual([
      {
        id: "재활용폐기물_무색페트병",
        title: "무색(투명) 페트병",
        major: "재활용폐기물",
        middle: "무색페트병",
        source: directive,
        url: expect.stringContaining("2100000272746"),
      },
    ]);
    expect(answer.user_answer).toContain("생수병은 ‘무색페트병’으로 분리배출해 주세요.");
    expect(answer.user_answer).toContain(`근거: ${directive}`);
    expect(answer.user_answer).not.toMatch(/확인하지 못한|undefined|null/);
  });

  it("is deterministic", () => {
    const input = { item: item("pizza-box"), tags: ["기름기_오염", "이물질_부착"], question: "기름 묻은 피자박스" };
    expect(composeAnswer(input)).toEqual(composeAnswer(input));
  });

  it("computes what is not done yet from the tags, once each, and only where it matters", () => {
    const done = composeAnswer({
      item: item("water-bottle"),
      tags: ["라벨_부착", "라벨_제거_필요", "뚜껑_있음", "내용물_일부_남음"],
    });
    expect(done.insufficiencies).toEqual([
      "내용물이 조금 남아 있어요. 남김없이 비워 주세요.",
      "라벨이 붙어 있어요. 라벨을 떼어 주세요.",
    ]);
    expect(composeAnswer({ item: item("glass-bottle"), tags: ["라벨_부착"] }).insufficiencies).toEqual([]);
    expect(composeAnswer({ item: item("medicine"), tags: ["내용물_있음"] }).insufficiencies).toEqual([]);
    expect(composeAnswer({ item: item("water-bottle"), tags: ["no_such_tag"] }).insufficiencies).toEqual([]);
  });

  it.each<[string, string[], string, string]>([
    ["pizza-box", ["기름기_오염"], "일반종량제폐기물", "일반종량제폐기물"],
    ["paper-cup", ["음식물_오염"], "일반종량제폐기물", "일반종량제폐기물"],
    ["vinyl-packaging", ["오염_심함"], "일반종량제폐기물", "일반종량제폐기물"],
    ["delivery-container", ["오염된_배달용기"], "일반종량제폐기물", "일반종량제폐기물"],
    ["delivery-container", ["음식물_오염"], "재활용폐기물", "플라스틱류"],
    ["wine-bottle", ["깨짐"], "불연성종량제폐기물", "불연성종량제폐기물"],
    ["soju-bottle", ["유리병_깨짐"], "불연성종량제폐기물", "불연성종량제폐기물"],
    ["fluorescent-lamp", ["깨진_조명기기"], "불연성종량제폐기물", "불연성종량제폐기물"],
    ["toy", ["배터리_포함"], "재활용폐기물", "전기전자제품"],
    ["toy", ["대형_폐기물_의심"], "대형폐기물", "대형폐기물"],
    ["stuffed-toy", ["대형_폐기물_의심"], "대형폐기물", "대형폐기물"],
    ["stuffed-toy", ["배터리_포함"], "재활용폐기물", "전기전자제품"],
    ["paint-can-empty", ["내용물_일부_남음"], "생활계유해폐기물", "생활계유해폐기물"],
    ["furniture", ["대형가전_의심"], "재활용폐기물", "전기전자제품"],
    ["plastic-cup", ["깨짐"], "재활용폐기물", "플라스틱류"],
    ["styrofoam-box", ["복합재질_확정"], "일반종량제폐기물", "일반종량제폐기물"],
  ])("%s with %j goes to %s", (id, tags, major, middle) => {
    const answer = composeAnswer({ item: item(id), tags });
    expect([answer.major, answer.middle, answer.rule?.major, answer.rule?.middle]).toEqual([
      major,
      middle,
      major,
      middle,
    ]);
    expect(answer.minor).toBe(item(id).name);
  });

  it("says that the state changed the class, and why", () => {
    const { user_answer: text } = composeAnswer({ item: item("wine-bottle"), tags: ["깨짐"] });
    expect(text).toContain(
      "와인병은 보통 ‘유리병’에 해당하지만, 지금 상태라면 ‘불연성종량제폐기물’로 버려 주세요. 깨진 유리는 유리병으로 재활용하지 않아요.",
    );
    expect(text).toContain("신문지로 여러 번 감싸고");
  });

  it("puts extra steps of a state before those of the rule", () => {
    const steps = Object.values(
      composeAnswer({ item: item("rechargeable-battery"), tags: ["발열_OR탄화_흔적"] }).disposal_steps,
    );
    expect(steps[0]).toContain("부풀거나 뜨거운 배터리");
    expect(steps.slice(1)).toEqual(knowledge.rules.find(({ middle }) => middle === "전지")!.steps);
  });

  it("says openly when guidance has no official source, and sends to the municipality", () => {
    const sofa = composeAnswer({ item: item("sofa") });
    expect(sofa.user_answer).toContain("공식 출처를 확인하지 못한 일반적인 안내예요.");
    expect(sofa.user_answer).toContain("주민센터에 확인해 주세요.");
    expect(sofa.user_answer).not.toContain("근거:");
    expect(sofa.citations).toEqual([
      expect.objectContaining({ id: "대형폐기물", source: "공식 출처를 확인하지 못한 일반 안내", url: null }),
    ]);
    // That it is greasy moved the box here, not the directive's row on boxes: the directive is no ground for it.
    expect(composeAnswer({ item: item("pizza-box"), tags: ["기름기_오염"] }).user_answer).not.toContain("근거:");
  });

  it("cites the directive for what it excludes, even where the way of disposal is left to the municipality", () => {
    const receipt = composeAnswer({ item: item("receipt") });
    expect(receipt.citations.map(({ id, source }) => [id, source])).toEqual([
      ["일반종량제폐기물", "공식 출처를 확인하지 못한 일반 안내"],
      ["receipt", directive],
    ]);
    expect(receipt.user_answer).toContain(`근거: ${directive}`);
    expect(receipt.user_answer).toContain("확인해 주세요.");
  });

  it("answers for a class alone; the third level is never null", () => {
    const answer = composeAnswer({ class: { major: "재활용폐기물", middle: "유리병", minor: null }, tags: [] });
    expect([answer.middle, answer.minor, answer.rule?.key]).toEqual(["유리병", "유리병", "재활용폐기물_유리병"]);
    expect(answer.user_answer.startsWith("‘유리병’으로 분리배출해 주세요.")).toBe(true);
    expect(composeAnswer({ class: { major: "대형폐기물", middle: null } }).minor).toBe("대형폐기물");
    expect(composeAnswer({ class: { major: "재활용폐기물", middle: "종이", minor: "  " } }).minor).toBe("종이");
  });

  it("follows the item behind a third level only inside its class", () => {
    const known = composeAnswer({ class: { major: "재활용폐기물", middle: "유리병", minor: "소주병" } });
    expect(Object.values(known.disposal_steps).join(" ")).toContain("보증금");
    const foreign = composeAnswer({ class: { major: "재활용폐기물", middle: "유리병", minor: "우유팩" } });
    expect([foreign.middle, foreign.minor]).toEqual(["유리병", "우유팩"]);
    expect(Object.values(foreign.disposal_steps)).toEqual(
      knowledge.rules.find(({ middle }) => middle === "유리병")!.steps,
    );
  });

  it("tells an estimate as one, and asks with the candidates when it is unsure", () => {
    const seen = { major: "재활용폐기물", middle: "플라스틱류", minor: null };
    const candidates = [
      { major: "재활용폐기물", middle: "비닐류", minor: null },
      { major: "재활용폐기물", middle: "발포합성수지", minor: "스티로폼 상자" },
    ];
    const likely = composeAnswer({ class: seen, confidence: 0.8, candidates }).user_answer;
    expect(likely).toContain("정확하지 않을 수 있지만 플라스틱류로 보여요.");
    expect(likely).not.toContain("다른 것일 수도");
    const unsure = composeAnswer({ class: seen, confidence: 0.4, candidates }).user_answer;
    expect(unsure).toContain("혹시 ‘비닐류’, ‘스티로폼 상자(발포합성수지)’ 가운데 하나인가요?");
    expect(composeAnswer({ class: seen, confidence: 0.99, candidates }).user_answer).not.toMatch(/보여요|다른 것일/);
  });

  it("is whole for every item, and for every class in every state", () => {
    const classes = knowledge.rules.map(({ major, middle }) => ({ class: { major, middle, minor: null } }));
    const states = classes.flatMap(named => knowledge.situations.map(({ tag }) => ({ ...named, tags: [tag] })));
    for (const input of [...knowledge.items.map(entry => ({ item: entry })), ...states]) {
      const answer = composeAnswer(input);
      const steps = Object.entries(answer.disposal_steps);
      expect(steps.length).toBeGreaterThan(0);
      expect(steps.map(([label]) => label)).toEqual(steps.map((_, at) => `${at + 1}단계`));
      for (const text of [
        ...steps.map(([, step]) => step),
        ...answer.insufficiencies,
        answer.minor,
        answer.user_answer,
      ]) {
        expect(text.trim()).not.toBe("");
        expect(text).not.toMatch(/undefined|null|NaN|\[object/);
      }
      expect([answer.rule?.major, answer.rule?.middle]).toEqual([answer.major, answer.middle]);
      expect(answer.citations.length).toBeGreaterThan(0);
      // Either an official ground is told, or that there is none.
      expect(answer.user_answer).toMatch(/근거: |공식 출처를 확인하지 못한/);
    }
  });

  it("falls back for 미분류 and for classes that don't exist", () => {
    for (const major of ["미분류", "일반폐기물", "", "__proto__"]) {
      const answer = composeAnswer({ class: { major, middle: major, minor: null }, tags: ["깨짐"] });
      expect([answer.major, answer.middle, answer.minor, answer.rule]).toEqual(["미분류", "미분류", "미분류", null]);
    }
  });
});

describe("fallbackAnswer", () => {
  it("guesses nothing, keeps a reward away, and shows a way on", () => {
    const answer = fallbackAnswer();
    expect(answer.disposal_steps).toEqual({});
    expect(answer.citations).toEqual([]);
    expect(answer.insufficiencies).toHaveLength(1);
    expect(answer.user_answer).toContain("우리 자료에 없어요");
    expect(answer.user_answer).toContain("주민센터에 확인해 주세요");
  });
});

describe("answerQuestion", () => {
  it.each<[string, string, RegExp]>([
    ["깨진 컵은 어떻게 버려요?", "불연성종량제폐기물", /감싸/],
    ["기름 묻은 피자박스", "일반종량제폐기물", /기름이 밴 종이/],
    ["기름 안 묻은 피자박스", "종이", /접어/],
    ["라벨 안 뗀 생수병", "무색페트병", /라벨이 붙어 있어요/],
    ["음식물 묻은 종이컵", "일반종량제폐기물", /오염된 종이컵/],
    ["배터리 들어있는 장난감", "전기전자제품", /소형 전기·전자제품/],
    ["와인병이 깨졌어요", "불연성종량제폐기물", /감싸/],
    ["씻어도 기름이 안 지워지는 배달용기", "일반종량제폐기물", /씻어도/],
    ["아이폰", "전기전자제품", /개인정보/],
    ["폐식용유", "일반종량제폐기물", /하수구/],
  ])("%s → %s", (question, middle, says) => {
    const answer = answerQuestion(question);
    expect(answer.middle).toBe(middle);
    expect(answer.user_answer).toMatch(says);
  });

  it("asks back for an ambiguous word and names the other cases", () => {
    const { user_answer: text } = answerQuestion("컵은 어떻게 버려요?");
    expect(text).toContain("플라스틱 컵, 종이컵, 유리컵, 머그컵 가운데 어느 것인가요?");
    expect(text).toContain("유리컵(불연성종량제폐기물)");
  });

  it("says that a misspelt name is a guess", () => {
    expect(answerQuestion("건전쥐 어디에 버려요").user_answer).toContain("정확하지 않을 수 있지만 건전지로 보여요.");
    expect(answerQuestion("건전지 어디에 버려요").user_answer).not.toContain("정확하지 않을 수 있지만");
  });

  it("doesn't know what the knowledge doesn't know", () => {
    expect(answerQuestion("공룡 화석은 어떻게 버려요?")).toEqual(fallbackAnswer());
  });
});

describe("findRule", () => {
  it("finds the rule of a class, however incompletely it is named", () => {
    expect(findRule("재활용폐기물", "전지")?.key).toBe("재활용폐기물_전지");
    expect(findRule("음식물류폐기물", "음식물류폐기물")?.key).toBe("음식물류폐기물");
    expect(findRule("음식물류폐기물", null)?.key).toBe("음식물류폐기물");
    expect(findRule("미분류", "미분류")).toBeNull();
    expect(findRule("재활용폐기물", "기타")).toBeNull();
  });

  it("uses an item's rule only in the item's own class", () => {
    expect(findRule("재활용폐기물", "유리병", item("soju-bottle"))?.key).toBe("재활용폐기물_유리병");
    expect(findRule("불연성종량제폐기물", "불연성종량제폐기물", item("soju-bottle"))?.key).toBe("불연성종량제폐기물");
  });
});

describe("legacyRule", () => {
  it("has the keys of the HTTP contract, all of them, in every rule", () => {
    for (const rule of knowledge.rules) {
      const legacy = legacyRule(rule);
      expect(Object.keys(legacy).filter(key => key !== "source_url")).toEqual(
        "key category 이름 대상_품목 대상_설명 세부_품목 배출방법_공통 배출방법_세부 배출불가_품목_안내 아이콘_절차".split(
          " ",
        ),
      );
      expect(legacy.대상_품목.length).toBeGreaterThan(0);
      expect(legacy.배출방법_공통).toEqual(rule.steps);
    }
  });

  it("lists items by variant and exclusions with their goal", () => {
    const paper = legacyRule(knowledge.rules.find(({ middle }) => middle === "종이")!);
    expect(paper.세부_품목["종이컵"]).toContain("종이컵");
    expect(paper.배출방법_세부["책자·노트"]?.join(" ")).toContain("스프링");
    expect(paper.배출불가_품목_안내["영수증(감열지)"]).toMatch(/^일반종량제폐기물: /);
    expect(paper.source_url).toContain("law.go.kr");
    expect(legacyRule(knowledge.rules.find(({ middle }) => middle === "대형폐기물")!)).not.toHaveProperty("source_url");
  });
});

describe("a thing that is not found", () => {
  it("is asked back about where its name is nearly one of ours, and is given no steps", () => {
    const answer = answerQuestion("형광드 어디다 둬요");
    expect(answer.user_answer).toContain("혹시 ‘형광등(조명제품)’");
    expect(answer.disposal_steps).toEqual({});
    expect(answer.citations).toEqual([]);
  });

  it("is not guessed at where nothing resembles it", () => {
    expect(answerQuestion("공룡 화석은 어떻게 버려요?").user_answer).not.toContain("혹시");
  });
});
