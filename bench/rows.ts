/** One line of a bench's table. */
export interface Row {
  what: string;
  measured: string;
  target: string;
  met: boolean | undefined;
}

interface Judge {
  /** What it may be at most, or has to be at least. */
  most?: number;
  least?: number;
  detail?: string;
}

export function note(
  rows: Row[],
  what: string,
  value: number,
  unit: string,
  { most, least, detail = "" }: Judge,
): void {
  const digits = value < 1 ? 3 : value < 10 ? 2 : 0;
  const target = most !== undefined ? `≤ ${most} ${unit}` : least !== undefined ? `≥ ${least} ${unit}` : "";
  const met = most !== undefined ? value <= most : least !== undefined ? value >= least : undefined;
  rows.push({ what, measured: `${value.toFixed(digits)} ${unit}${detail}`, target, met });
}

export function table(rows: readonly Row[]): string[] {
  const width = (pick: (row: Row) => string) => Math.max(0, ...rows.map(row => pick(row).length));
  const [what, measured] = [width(row => row.what), width(row => row.measured)];
  return rows.map(row => {
    const mark = row.met === undefined ? "" : row.met ? "  ✓" : "  ✗";
    return `${row.what.padEnd(what)}   ${row.measured.padEnd(measured)}   ${row.target}${mark}`;
  });
}
