import { displayWidth } from "../broker/repl/display-width.ts";

/**
 * Breaks text at spaces into lines of at most `columns`; a longer word (an address) keeps its line to itself, whole, so that it can
 * be clicked and copied. Line breaks of the text stay.
 */
export function wrapText(text: string, columns: number): string[] {
  return text.split("\n").flatMap(paragraph => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(/\s+/).filter(each => each !== "")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && displayWidth(longer) > columns) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    return [...lines, line];
  });
}
