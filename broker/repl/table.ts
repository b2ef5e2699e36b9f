import { displayWidth } from "./display-width.ts";

const GAP = "  ";

/** The lines of a table for a terminal: its head, then a line for each row; columns are as wide as what stands in them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map(row => displayWidth(row[column] ?? ""))));
  return all.map(row =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

const pad = (cell: string, width: number): string => cell + " ".repeat(Math.max(0, width - displayWidth(cell)));
