import type { Asked } from "../../mixins/outside/ask-outside.ts";
import { askRows, type Row } from "../../mixins/outside/ask-rows.ts";
import { numberOf, textOf } from "../../mixins/outside/read-fields.ts";

export interface ListedFee {
  item: string;
  spec: string | null;
  won: number;
  /** Day of the list, as the list has it. */
  date: string | null;
}

/**
 * Fees for bulk waste of one municipality from an open list with the columns 시도명, 시군구명, 대형폐기물명, 대형폐기물규격, 수수료 and
 * 데이터기준일자. Rows of other places, and without a name or a fee, are left out.
 * @param region full name: `서울특별시 마포구`
 */
export async function askFees(
  region: string,
  { url, key, timeoutMs }: { url: string; key: string; timeoutMs: number },
): Promise<Asked<ListedFee[]>> {
  const [city = region, district = city] = region.split(" ");
  const asked = await askRows(url, key, { 시군구명: district }, { timeoutMs });
  if (!asked.ok) return asked;
  const here = asked.body.filter(row => row["시군구명"] === district && (row["시도명"] ?? city) === city);
  return { ok: true, body: here.map(readFee).filter(fee => fee !== null) };
}

function readFee(row: Row): ListedFee | null {
  const item = textOf(row["대형폐기물명"]);
  const won = numberOf(row["수수료"]);
  if (item === null || won === null || won < 0 || !Number.isInteger(won)) return null;
  return { item, spec: textOf(row["대형폐기물규격"]), won, date: textOf(row["데이터기준일자"]) };
}

/** Whether a row of a list is about the thing asked for; `침대 매트리스` and `매트리스` are. */
export function isAbout(listed: string, asked: string): boolean {
  const [a, b] = [keyOf(listed), keyOf(asked)];
  return a !== "" && b !== "" && (a.includes(b) || b.includes(a));
}

const keyOf = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
