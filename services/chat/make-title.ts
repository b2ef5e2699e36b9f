const LONGEST_TITLE = 30;
const LONGEST_PREVIEW = 100;

const cut = (text: string, longest: number): string => {
  const letters = [...new Intl.Segmenter("ko", { granularity: "grapheme" }).segment(text)].map(
    ({ segment }) => segment,
  );
  return letters.length <= longest
    ? text
    : `${letters
        .slice(0, longest - 1)
        .join("")
        .trimEnd()}…`;
};
const oneLine = (text: string): string => text.replace(/\s+/gu, " ").trim();

/** A chat's title: the thing that its first message is about, else how that message begins. */
export function makeTitle(message: string, items: readonly { name: string; middle: string }[]): string {
  const names = [...new Set(items.filter(({ middle }) => middle !== "미분류").map(({ name }) => name))];
  const [first, ...more] = names;
  if (first !== undefined)
    return cut(more.length === 0 ? `${first} 버리기` : `${first} 외 ${more.length}가지 버리기`, LONGEST_TITLE);
  return cut(oneLine(message), LONGEST_TITLE) || "사진 질문";
}

/** The first hundred letters of an answer in one line. */
export const makePreview = (answer: string): string => cut(oneLine(answer), LONGEST_PREVIEW);
