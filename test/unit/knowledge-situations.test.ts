import { describe, expect, it } from "@jest/globals";
import { detectSituations } from "../../mixins/knowledge/detect-situations.ts";

describe("detectSituations", () => {
  it.each<[string, string]>([
    ["기름 묻은 피자박스", "기름기_오염"],
    ["기름이 많이 묻은 종이", "기름기_오염"],
    ["양념 묻은 배달용기", "음식물_오염"],
    ["소스가 묻었어요", "음식물_오염"],
    ["깨진 컵은 어떻게 버려요?", "깨짐"],
    ["병이 깨졌어요", "유리병_깨짐"],
    ["깨진 형광등", "깨진_조명기기"],
    ["라벨 안 뗀 생수병", "라벨_부착"],
    ["라벨을 떼지 않은 병", "라벨_부착"],
    ["라벨 붙어 있는 페트병", "라벨_부착"],
    ["라벨 뗀 생수병", "라벨_완전_제거됨"],
    ["안 씻은 캔", "세척_필요"],
    ["씻지 않은 병", "세척_필요"],
    ["다 쓴 건전지", "내용물_없음"],
    ["빈 병", "내용물_없음"],
    ["먹다 남은 약", "내용물_일부_남음"],
    ["덜 마른 우유팩", "건조_필요"],
    ["테이프 안 뗀 택배박스", "이물질_부착"],
    ["건전지 들어가는 장난감", "배터리_포함"],
    ["가스가 조금 남은 부탄가스", "가스_잔존_의심"],
    ["펌프 달린 샴푸통", "펌프형_용기"],
    ["큰 인형", "대형_폐기물_의심"],
    ["봉투에 안 들어가는 베개", "대형_폐기물_의심"],
    ["고장난 선풍기", "파손"],
    ["기름 범벅인 비닐", "기름기_심함"],
  ])("%s shows %s", (text, tag) => {
    expect(detectSituations(text)).toContain(tag);
  });

  it.each<[string, string]>([
    ["기름 안 묻은 피자박스", "기름기_오염"],
    ["기름이 묻지 않은 피자박스", "기름기_오염"],
    ["기름이 묻지는 않은 피자박스", "기름기_오염"],
    ["기름기 없는 피자박스", "기름기_오염"],
    ["기름 묻은 게 아닌 피자박스", "기름기_오염"],
    ["안 깨진 유리병", "깨짐"],
    ["안깨진 유리병", "깨짐"],
    ["깨지지 않은 형광등", "깨짐"],
    ["형광등이 안 깨졌어요", "깨진_조명기기"],
    ["라벨 뗀 생수병", "라벨_부착"],
    ["라벨 안 뗀 생수병", "라벨_완전_제거됨"],
    ["라벨을 제거하지 않은 병", "라벨_완전_제거됨"],
    ["깨끗이 씻은 캔", "세척_필요"],
    ["다 안 쓴 건전지", "내용물_없음"],
    ["배터리 안 들어가는 장난감", "배터리_포함"],
    ["배터리가 들어 있지 않은 장난감", "배터리_포함"],
    ["더럽지 않은 종이", "오염_중간"],
    ["안 더러운 종이", "오염_중간"],
    ["가스 안 남은 부탄가스", "가스_잔존_의심"],
  ])("%s doesn't show %s", (text, tag) => {
    expect(detectSituations(text)).not.toContain(tag);
  });

  it("finds several states at once, in the order of the knowledge, and none in a bare question", () => {
    expect(detectSituations("라벨 안 뗀 안 씻은 생수병")).toEqual(["세척_필요", "라벨_부착"]);
    expect(detectSituations("생수병은 어떻게 버려요?")).toEqual([]);
    expect(detectSituations("")).toEqual([]);
  });

  it("judges each state by its own words: one negated, one not", () => {
    const tags = detectSituations("기름은 안 묻었는데 라벨 안 뗀 병");
    expect(tags).toContain("라벨_부착");
    expect(tags).not.toContain("기름기_오염");
  });
});
