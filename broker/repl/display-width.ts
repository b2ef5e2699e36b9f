const graphemes = new Intl.Segmenter("ko", { granularity: "grapheme" });

/** First code points of what takes two columns on a terminal: Hangul, CJK, full-width forms, emoji. */
const WIDE: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

function columnsOf(grapheme: string): number {
  const point = grapheme.codePointAt(0) ?? 0;
  return WIDE.some(([from, to]) => point >= from && point <= to) ? 2 : 1;
}

/** Columns that a text takes on a terminal. */
export const displayWidth = (text: string): number =>
  Array.from(graphemes.segment(text)).reduce((width, { segment }) => width + columnsOf(segment), 0);
