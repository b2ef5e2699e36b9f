import { describe, expect, it } from "@jest/globals";
import { findItemByName, findMentions, guessItems, searchItems } from "../../mixins/knowledge/search-items.ts";
import { spellingLikeness } from "../../mixins/knowledge/spelling-distance.ts";

/** What people ask, and the class of the item that is meant (before its state changes it). */
const questions: [question: string, id: string, middle: string][] = [
  ["깨진 컵은 어떻게 버려요?", "broken-glass", "불연성종량제폐기물"],
  ["깨진컵", "broken-glass", "불연성종량제폐기물"],
  ["컵이 깨졌는데 어디에 버리죠", "broken-glass", "불연성종량제폐기물"],
  ["기름 묻은 피자박스", "pizza-box", "종이"],
  ["기름 안 묻은 피자박스", "pizza-box", "종이"],
  ["라벨 안 뗀 생수병", "water-bottle", "무색페트병"],
  ["다 쓴 건전지", "dry-battery", "전지"],
  ["부탄가스", "butane-can", "금속류"],
  ["다 쓴 부루스타 가스 어떻게 버려?", "butane-can", "금속류"],
  ["우유팩", "milk-carton", "종이팩"],
  ["우유곽은 종이에 버리면 되나요", "milk-carton", "종이팩"],
  ["먹다 남은 약", "medicine", "생활계유해폐기물"],
  ["유통기한 지난 약", "medicine", "생활계유해폐기물"],
  ["유통기한이 지난 약은 어디에 버리나요?", "medicine", "생활계유해폐기물"],
  ["전기장판", "electric-blanket", "전기전자제품"],
  ["알루미늄 호일", "aluminum-foil", "일반종량제폐기물"],
  ["쿠킹호일은 캔류인가요", "aluminum-foil", "일반종량제폐기물"],
  ["이불", "duvet", "대형폐기물"],
  ["겨울이불 의류수거함에 넣어도 되나요?", "duvet", "대형폐기물"],
  ["닭뼈", "animal-bone", "일반종량제폐기물"],
  ["치킨 먹고 남은 뼈는 음식물 쓰레기인가요?", "animal-bone", "일반종량제폐기물"],
  ["영수증", "receipt", "일반종량제폐기물"],
  ["깨진 형광등", "broken-lamp", "불연성종량제폐기물"],
  ["안 깨진 유리병", "glass-bottle", "유리병"],
  ["형광등 어디에 버려요", "fluorescent-lamp", "조명제품"],
  ["햇반 용기 재활용 되나요?", "instant-rice-bowl", "플라스틱류"],
  ["컵라면 용기", "cup-noodle-bowl", "플라스틱류"],
  ["콜라병 버리는 법", "soda-bottle", "무색페트병"],
  ["스팸캔", "can", "금속류"],
  ["참치캔은 씻어서 버려야 하나요?", "can", "금속류"],
  ["보조배터리 버리는 곳", "power-bank", "전지"],
  ["후라이팬", "frying-pan", "금속류"],
  ["후라이펜 어떻게 버리나요", "frying-pan", "금속류"],
  ["건전쥐", "dry-battery", "전지"],
  ["뽁뽁이", "bubble-wrap", "비닐류"],
  ["아이스팩은요?", "ice-pack", "일반종량제폐기물"],
  ["에어프라이기", "air-fryer", "전기전자제품"],
  ["헌옷 수거함에 베개 넣어도 돼요?", "pillow-small", "일반종량제폐기물"],
  ["택배박스 테이프 붙은 채로 버려도 되나요", "corrugated-box", "종이"],
  ["스티로폴 박스", "styrofoam-box", "발포합성수지"],
  ["스티로폼접시", "psp-tray", "플라스틱류"],
  ["빈 소주병", "soju-bottle", "유리병"],
  ["깨진 소주병", "broken-glass", "불연성종량제폐기물"],
  ["락앤락 버리기", "plastic-food-container", "플라스틱류"],
  ["밧데리", "rechargeable-battery", "전지"],
  ["티비 버리려고요", "television", "전기전자제품"],
  ["에어팟 고장났어요", "bluetooth-earphone", "전기전자제품"],
  ["전자담배는 어디에 버려야 하나요", "e-cigarette", "전기전자제품"],
  ["샴푸통 펌프 달린 거", "pump-bottle", "플라스틱류"],
  ["장난감", "toy", "플라스틱류"],
  ["칫솔은 플라스틱인가요?", "toothbrush", "일반종량제폐기물"],
  ["옷걸이", "hanger", "일반종량제폐기물"],
  ["세탁소 옷걸이", "wire-hanger", "금속류"],
  ["고무장갑 비닐류 맞나요?", "rubber-gloves", "일반종량제폐기물"],
  ["라면봉지", "ramen-bag", "비닐류"],
  ["양파망", "onion-net", "비닐류"],
  ["계란 껍질 음식물인가요", "egg-shell", "일반종량제폐기물"],
  ["조개껍데기", "shellfish-shell", "일반종량제폐기물"],
  ["수박껍질", "fruit-peel", "음식물류폐기물"],
  ["먹다 남은 음식", "leftovers", "음식물류폐기물"],
  ["소파 버리고 싶어요", "sofa", "대형폐기물"],
  ["쇼파", "sofa", "대형폐기물"],
  ["매트리스는 어떻게 버리나요?", "mattress", "대형폐기물"],
  ["캐리어", "suitcase", "대형폐기물"],
  ["페인트 남은 거", "paint", "생활계유해폐기물"],
  ["수은 체온계", "mercury-thermometer", "생활계유해폐기물"],
  ["농약병", "pesticide", "생활계유해폐기물"],
  ["도배지 뜯은 거", "waste-wallpaper", "공사장생활폐기물"],
  ["욕실 공사하고 남은 폐타일", "construction-tile", "공사장생활폐기물"],
  ["머그컵", "ceramic-mug", "불연성종량제폐기물"],
  ["거울", "mirror", "불연성종량제폐기물"],
  ["백열전구", "incandescent-bulb", "불연성종량제폐기물"],
  ["LED 전구", "led-bulb", "조명제품"],
  ["생분해 빨대", "biodegradable-plastic", "일반종량제폐기물"],
  ["물티슈 변기에 버려도 되나요", "wet-wipe", "일반종량제폐기물"],
  ["PET병", "clear-pet-bottle", "무색페트병"],
  ["패트병 뚜껑", "pet-bottle-cap", "무색페트병"],
  ["식용유 남은 거 어떻게 버려요", "used-cooking-oil", "일반종량제폐기물"],
  ["두유 먹고 남은 팩", "soymilk-carton", "종이팩"],
  ["요플레 먹고 난 통은 어디에 버려요", "yogurt-cup", "플라스틱류"],
  ["락카 스프레이 남은거", "lacquer", "생활계유해폐기물"],
  ["타이레놀 유통기한 지남", "medicine", "생활계유해폐기물"],
  ["벽지 뜯은거", "waste-wallpaper", "공사장생활폐기물"],
  ["꽃무늬우산", "umbrella", "일반종량제폐기물"],
];

describe("packages that the knowledge has no name for", () => {
  it.each([
    ["헛개수 빈병", "beverage-bottle"],
    ["아이시스 8.0 병", "water-bottle"],
    ["섬유유연제 용기", "detergent-bottle"],
    ["팩두유", "soymilk-carton"],
    ["두유 다 마신 종이", "soymilk-carton"],
    ["매일우유 200ml 빈 거", "milk-carton"],
    ["트레비 페트", "soda-bottle"],
  ])("finds %s by its container and the kind of its content", (question, id) => {
    expect(searchItems(question)[0]?.item.id).toBe(id);
  });

  it("takes no other container where the name is there", () => {
    expect(searchItems("참기름병")[0]).toMatchObject({ item: { id: "oil-glass-bottle" }, alias: "참기름병" });
  });
});

describe("what a question is about", () => {
  it.each([
    ["컵라면 말고 라면 봉지", "ramen-bag"],
    ["안 쓰는 휴대폰 배터리 분리한 거", "rechargeable-battery"],
    ["베란다 공사하고 나온 벽돌", "construction-brick"],
    ["타일 뜯은 거", "construction-tile"],
    ["냉장고 안 전구", "led-bulb"],
    ["유통기한 지난 라면", "instant-food"],
  ])("%s", (question, id) => {
    expect(searchItems(question)[0]?.item.id).toBe(id);
  });
});

describe("guessItems", () => {
  it("asks back about what is nearly a name", () => {
    expect(searchItems("형광드")).toEqual([]);
    expect(guessItems("형광드")[0]?.item.id).toBe("fluorescent-lamp");
    expect(findMentions("형광드")).toMatchObject([{ text: "형광드", hits: [] }]);
  });

  it.each(["안녕하세요", "노트북 추천해줘", "공룡 화석은 어떻게 버려요?", ""])(
    "asks nothing back about %p",
    question => {
      expect(guessItems(question)).toEqual([]);
    },
  );

  it("is empty where something is found", () => {
    expect(guessItems("형광등")).toEqual([]);
  });
});

describe("searchItems", () => {
  it.each(questions)("%s → %s", (question, id, middle) => {
    const [best] = searchItems(question);
    expect([best?.item.id, best?.item.middle]).toEqual([id, middle]);
  });

  it.each([
    "안녕하세요",
    "오늘 날씨",
    "오늘 날씨 어때요?",
    "너 이름이 뭐야?",
    "파이썬 코드 짜줘",
    "월드컵 언제 해?",
    "약속 시간 바꿔줘",
    "지하철 노선도 알려줘",
    "노래 불러줘",
    "커피 한잔 할래?",
    "수거함 위치 알려줘",
    "쓰레기 수거 요일 알려줘",
    "분리배출은 왜 해야 해?",
    "공룡 화석은 어떻게 버려요?",
    "비행기 버리는 법",
    "어떻게 버려요?",
    "how to recycle",
    "ㅋㅋㅋ",
    "?!",
    "",
  ])("finds nothing for %p", question => {
    expect(searchItems(question)).toEqual([]);
  });

  it("tells the alias that matched and a score between 0 and 1, best first", () => {
    const hits = searchItems("페트병이랑 캔은 어떻게 버려요");
    expect(hits.slice(0, 2).map(({ item, alias }) => [item.id, alias])).toEqual([
      ["clear-pet-bottle", "페트병"],
      ["can", "캔"],
    ]);
    for (const { score } of hits) expect(score > 0 && score <= 1).toBe(true);
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a));
  });

  it("prefers the longest name in the question", () => {
    expect(searchItems("페트병 뚜껑 버리는 법")[0]?.item.id).toBe("pet-bottle-cap");
    expect(searchItems("유리병 뚜껑")[0]?.item.id).not.toBe("pet-bottle-cap");
    expect(searchItems("에어프라이어 종이호일")[0]?.item.id).toBe("parchment-paper");
  });

  it("trusts a misspelling less than the right spelling", () => {
    expect(searchItems("건전쥐")[0]!.score).toBeLessThan(searchItems("건전지")[0]!.score);
  });

  it("returns every meaning of an ambiguous word with the question to ask back", () => {
    const hits = searchItems("컵은 어떻게 버려요?");
    expect(hits.map(({ item }) => item.id)).toEqual(["plastic-cup", "paper-cup", "drinking-glass", "ceramic-mug"]);
    expect(hits.every(({ ask }) => ask?.endsWith("?"))).toBe(true);
    expect(searchItems("종이컵은 어떻게 버려요?")[0]).toMatchObject({ item: { id: "paper-cup" }, ask: null });
  });

  it("returns at most k", () => {
    expect(searchItems("컵", 2)).toHaveLength(2);
  });

  it("takes whatever people send", () => {
    const composed = "우유팩".normalize("NFD");
    expect(searchItems(composed)[0]?.item.id).toBe("milk-carton");
    expect(searchItems("ＰＥＴ병")[0]?.item.id).toBe("clear-pet-bottle");
    expect(searchItems(`${"아무 말 ".repeat(20_000)}우유팩`)).toEqual([]);
    expect(searchItems("\ud800\u0000 __우유팩__")[0]?.item.id).toBe("milk-carton");
    expect(searchItems(".*+?^${}()|[]\\")).toEqual([]);
  });
});

it("findItemByName knows names and aliases, nothing else", () => {
  expect(findItemByName("우유 팩")?.id).toBe("milk-carton");
  expect(findItemByName("택배박스")?.id).toBe("corrugated-box");
  expect(findItemByName("택배")).toBeNull();
});

it("spellingLikeness is the share of letters that agree, and gives up below the least", () => {
  expect(spellingLikeness("ㄱㅓㄴ", "ㄱㅓㄴ", 0.5)).toBe(1);
  expect(spellingLikeness("abcd", "abed", 0.5)).toBe(0.75);
  expect(spellingLikeness("abcd", "abed", 0.8)).toBe(0);
  expect(spellingLikeness("abc", "xyz", 0)).toBe(0);
  expect(spellingLikeness("", "", 0)).toBe(0);
});
