import { type Asked, gaveNothing } from "../../mixins/outside/ask-outside.ts";
import { askRows, type Row } from "../../mixins/outside/ask-rows.ts";
import { numberOf, textOf } from "../../mixins/outside/read-fields.ts";

export interface Price {
  material: string;
  /** As the list writes it: `원/kg`. */
  unit: string | null;
  price: number;
  region: string | null;
}
export interface PriceList {
  /** Day or month of the survey, as the list has it. */
  surveyedOn: string | null;
  prices: Price[];
}

const DATE = /조사|기준|년월|연월|일자|날짜/u;
const REGION = /권역|지역|시도/u;
const MATERIAL = /^(품목|품명|재활용품|종류)/u;
const PRICE = /가격|단가|금액/u;
const COUNTER = /번호|순번|연번|코드|년도|연도|^월$|^년$/u;

/**
 * Market prices of recyclables from an open list, its newest survey alone. Read are lists with a row a material (품목, 가격) and lists
 * with a column a material (`신문지(원/kg)`); columns of days, regions and counters are told by their names.
 */
export async function askPrices(settings: { url: string; key: string; timeoutMs: number }): Promise<Asked<PriceList>> {
  const asked = await askRows(settings.url, settings.key, {}, settings);
  if (!asked.ok) return asked;
  const surveyedOn = asked.body
    .map(dateOf)
    .reduce((newest, each) => ((each ?? "") > (newest ?? "") ? each : newest), null);
  const prices = asked.body.filter(row => dateOf(row) === surveyedOn).flatMap(readRow);
  return prices.length === 0 ? gaveNothing("no_data") : { ok: true, body: { surveyedOn, prices } };
}

const columnLike = (row: Row, name: RegExp): string | undefined => Object.keys(row).find(column => name.test(column));
const valueLike = (row: Row, name: RegExp): string | null => textOf(row[columnLike(row, name) ?? ""]);
const dateOf = (row: Row): string | null => valueLike(row, DATE);

function readRow(row: Row): Price[] {
  const region = valueLike(row, REGION);
  const material = valueLike(row, MATERIAL);
  const priceColumn = columnLike(row, PRICE);
  if (material !== null && priceColumn !== undefined) {
    const price = numberOf(row[priceColumn]);
    return price === null || price < 0 ? [] : [{ material, unit: unitIn(priceColumn), price, region }];
  }
  return Object.entries(row).flatMap(([column, value]) => {
    const price = numberOf(value);
    const isOther = [DATE, REGION, COUNTER, MATERIAL].some(name => name.test(column));
    if (isOther || price === null || price < 0) return [];
    return [{ material: column.replace(/\s*\([^)]*\)/u, ""), unit: unitIn(column), price, region }];
  });
}

const unitIn = (column: string): string | null => /\(([^)]+)\)/u.exec(column)?.[1] ?? null;
