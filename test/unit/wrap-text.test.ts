import { describe, expect, it } from "@jest/globals";
import { displayWidth } from "../../broker/repl/display-width.ts";
import { wrapText } from "../../scripts/wrap-text.ts";

describe("the width of a text on a terminal", () => {
  it.each([
    ["abc", 3],
    ["깨진 컵", 7],
    ["Eco²", 4],
    ["한", 2], // decomposed jamo make one syllable
    ["♻ 1", 3],
    ["🙂", 2],
    ["👩‍👩‍👧", 2],
    ["", 0],
  ])("%s takes %d columns", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("wrapped text", () => {
  it("never exceeds the columns and loses no word", () => {
    const text =
      "깨진 컵은 신문지로 여러 겹 감싸서 불연성 종량제봉투에 넣어 주세요. 겉에 ‘깨진 유리’라고 적어 주시면 더 안전해요.";
    for (const columns of [14, 20, 37, 80]) {
      const lines = wrapText(text, columns);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines.join(" ")).toBe(text);
    }
  });
  it("keeps a longer word whole, so that an address can be clicked", () => {
    const url = "https://www.law.go.kr/행정규칙/재활용가능자원의분리수거등에관한지침";
    expect(wrapText(`출처 ${url} 참고`, 20)).toEqual(["출처", url, "참고"]);
  });
  it("keeps the line breaks of the text", () => {
    expect(wrapText("하나\n\n둘 셋", 80)).toEqual(["하나", "", "둘 셋"]);
  });
});
