import { type Asked, type AskOptions, gaveNothing } from "./ask-outside.ts";
import { askPortal } from "./ask-portal.ts";
import { fieldsOf, listOf } from "./read-fields.ts";

export type Row = Readonly<Record<string, unknown>>;

const PAGE = 1_000;
/** As many as the largest list of one municipality that is to be expected, times ten. */
const MAX_PAGES = 10;

/**
 * All rows of a list in the public data portal, of its file lists (`api.odcloud.kr`: `{ data: [] }`) or its standard lists
 * (`{ response: { body: { items } } }`). Each takes its own names for the page and ignores the other's.
 * @param where columns that have to have this value; asked for, and held against the rows by the caller
 */
export async function askRows(
  url: string,
  key: string,
  where: Readonly<Record<string, string>>,
  options: AskOptions,
): Promise<Asked<Row[]>> {
  const rows: Row[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const address = new URL(url);
    const paging = { page, perPage: PAGE, returnType: "JSON", pageNo: page, numOfRows: PAGE, type: "json" };
    for (const [name, value] of Object.entries(paging)) address.searchParams.set(name, String(value));
    for (const [column, value] of Object.entries(where)) address.searchParams.set(`cond[${column}::EQ]`, value);
    const asked = await askPortal(address, key, options);
    if (!asked.ok) return asked;
    const found = rowsOf(asked.body);
    if (found === undefined) return gaveNothing("unreadable");
    rows.push(...found);
    if (found.length < PAGE) break;
  }
  return { ok: true, body: rows };
}

function rowsOf(body: Row): Row[] | undefined {
  if (Array.isArray(body["data"])) return body["data"].map(fieldsOf);
  const inner = fieldsOf(fieldsOf(body["response"])["body"]);
  if (!("items" in inner)) return undefined;
  const { items } = inner;
  return listOf(Array.isArray(items) ? items : fieldsOf(items)["item"]).map(fieldsOf);
}
