import { collectsOf, pickupCategoriesOf, storeCategories, storeCategoryOf } from "./categorise.ts";
import { readCoordinates } from "./read-coordinates.ts";
import type { RowFault, Site } from "./site.types.ts";

export type Row = Readonly<Record<string, string>>;
export type ReadRow =
  { site: Site; faults: Omit<RowFault, "line">[] } | { site: undefined; faults: Omit<RowFault, "line">[] };

export interface Format {
  readonly name: "keco" | "zerowaste" | "own";
  /** Columns that tell the format; each has to be there. */
  readonly columns: readonly string[];
  read(row: Row): ReadRow;
}

const LONGEST = { name: 200, text: 2000, short: 300 } as const;
const text = (row: Row, column: string, longest: number = LONGEST.short): string | null => {
  const value = (row[column] ?? "").replace(/[\p{Cc}&&[^\n]]/gv, " ").trim();
  return value === "" || PLACEHOLDER.test(value) ? null : value.slice(0, longest);
};
const PLACEHOLDER = /^(PLACE|PHONE|ADDRESS|null|-)$/u;
const firstOf = (row: Row, ...columns: readonly string[]): string | null =>
  columns.map(column => text(row, column, LONGEST.name)).find(value => value !== null) ?? null;
const joined = (row: Row, ...columns: readonly string[]): string => columns.map(column => row[column] ?? "").join("\n");
const WEEK = [
  "monSalsHrExplnCn",
  "tuesSalsHrExplnCn",
  "wedSalsHrExplnCn",
  "thurSalsHrExplnCn",
  "friSalsHrExplnCn",
  "satSalsHrExplnCn",
  "sunSalsHrExplnCn",
] as const;
const refused = (column: string, reason: string): ReadRow => ({
  site: undefined,
  faults: [{ column, reason, then: "refused" }],
});
/** Spreadsheets would run it; no name of a place begins so. */
const FORMULA = /^[=+@]|^-[A-Za-z(]/u;

/** `031-8075-2706~2708 …` → `031-8075-2706`: the digits of the first number (HTTP contract, 10.5). */
export function readPhone(value: string | null): string | null {
  const groups = value?.match(/\d+/gu) ?? [];
  const [first = ""] = groups;
  if (groups.length === 0) return null;
  if (first.length === 11) return `${first.slice(0, 3)}-${first.slice(3, 7)}-${first.slice(7)}`;
  const number = groups.length >= 3 ? groups.slice(0, 3).join("-") : groups.join("-");
  return number.length >= 8 && number.length <= 20 ? number : null;
}

function place(row: Row, latColumn: string, lonColumn: string) {
  const { latitude, longitude, fault } = readCoordinates(row[latColumn] ?? "", row[lonColumn] ?? "");
  return { latitude, longitude, faults: fault === undefined ? [] : [fault] };
}

function numberOf(key: string): number | null {
  const number = Number(key);
  return Number.isSafeInteger(number) && number > 0 && number < 4_000_000_000 ? number : null;
}

/** Recycling-compensation sites of the Korea Environment Corporation, 33 columns of the public data portal. */
const keco: Format = {
  name: "keco",
  columns: ["positnSn", "positnNm", "positnPstnLat", "positnPstnLot"],
  read(row) {
    const key = text(row, "positnSn");
    if (key === null || !/^[\w-]{1,64}$/u.test(key)) return refused("positnSn", "the key is missing or malformed");
    const name = firstOf(row, "positnNm", "positnRdnmAddr", "positnLotnoAddr", "positnIntdcCn");
    if (name === null) return refused("positnNm", "the name is missing");
    if (FORMULA.test(name)) return refused("positnNm", "the name begins like a formula");
    const { faults, ...coordinates } = place(row, "positnPstnLat", "positnPstnLot");
    const taken = joined(row, "clctItemCn", "etcMttrCn");
    const said = joined(row, "positnIntdcCn", "positnNm", "positnPstnAddExpln", "positnRdnmAddr", "positnLotnoAddr");
    const week = WEEK.map(column => row[column]?.trim() ?? "");
    const holiday = (row["lhldySalsHrExplnCn"] ?? "").trim() || (row["lhldyDyoffCn"] ?? "").trim();
    return {
      faults,
      site: {
        ...coordinates,
        source: "keco",
        sourceKey: key,
        id: numberOf(key),
        name,
        roadAddress: firstOf(row, "positnRdnmAddr", "positnLotnoAddr", "positnPstnAddExpln"),
        lotAddress: text(row, "positnLotnoAddr"),
        phone: readPhone(firstOf(row, "bscTelnoCn", "rprsTelnoCn", "telnoExpln", "indivTelnoCn")),
        hours: week.every(day => day === "") ? null : { week, holiday },
        storeCategory: storeCategoryOf(said),
        pickupCategories: pickupCategoriesOf(taken),
        collects: collectsOf(taken),
        collectionItems: text(row, "clctItemCn", LONGEST.text),
        introduction: text(row, "positnIntdcCn", LONGEST.text),
        homepage: webPage(text(row, "lnkgHmpgUrlAddr")),
        attribution: "한국환경공단 재활용품 유가보상 시설 (공공데이터)",
        sample: false,
      },
    };
  },
};

/** An export of the zero-waste map, 14 columns. */
const zerowaste: Format = {
  name: "zerowaste",
  columns: ["folderId", "seq", "favoriteType", "display1", "lat", "lon"],
  read(row) {
    const key = text(row, "seq");
    if (key === null || !/^\d{1,15}$/u.test(key)) return refused("seq", "the key is missing or malformed");
    const name = firstOf(row, "display1", "display2", "memo") ?? "Zero Waste Spot";
    if (FORMULA.test(name)) return refused("display1", "the name begins like a formula");
    const { faults, ...coordinates } = place(row, "lat", "lon");
    const address = firstOf(row, "display2", "display1");
    const memo = text(row, "memo", LONGEST.text);
    const said = joined(row, "memo", "display1", "display2");
    return {
      faults,
      site: {
        ...coordinates,
        source: "zerowaste",
        sourceKey: key,
        id: numberOf(key),
        name,
        roadAddress: address,
        lotAddress: address,
        phone: null,
        hours: null,
        storeCategory: storeCategoryOf(said),
        pickupCategories: ["general"],
        collects: collectsOf(memo ?? ""),
        collectionItems: null,
        introduction: memo,
        homepage: null,
        attribution: "제로웨이스트 지도",
        sample: false,
      },
    };
  },
};

/** Our own format; README tells its columns. */
const own: Format = {
  name: "own",
  columns: ["source", "key", "name", "latitude", "longitude", "attribution"],
  read(row) {
    const [source, key, name] = [text(row, "source"), text(row, "key"), text(row, "name", LONGEST.name)];
    if (source === null || !/^[a-z][a-z0-9_-]{0,31}$/u.test(source))
      return refused("source", "must be a short lower-case word");
    if (key === null || !/^[\w.:-]{1,64}$/u.test(key)) return refused("key", "the key is missing or malformed");
    if (name === null) return refused("name", "the name is missing");
    if (FORMULA.test(name)) return refused("name", "the name begins like a formula");
    const attribution = text(row, "attribution");
    if (attribution === null) return refused("attribution", "whom the data is from is missing");
    const given = text(row, "store_category");
    if (given !== null && !storeCategories().includes(given))
      return refused("store_category", `"${given}" is none of ${storeCategories().join(", ")}`);
    const { faults, ...coordinates } = place(row, "latitude", "longitude");
    const items = text(row, "items", LONGEST.text);
    const hours = (row["hours"] ?? "").split("|").map(day => day.trim());
    if (hours.length > 1 && hours.length !== 7) return refused("hours", "seven days from Monday on, separated by |");
    return {
      faults,
      site: {
        ...coordinates,
        source,
        sourceKey: key,
        id: null,
        name,
        roadAddress: text(row, "road_address"),
        lotAddress: text(row, "lot_address"),
        phone: readPhone(text(row, "phone")),
        hours: hours.length === 7 ? { week: hours, holiday: (row["holiday_hours"] ?? "").trim() } : null,
        storeCategory: given ?? storeCategoryOf(joined(row, "introduction", "name", "road_address")),
        pickupCategories: pickupCategoriesOf(items ?? ""),
        collects: collectsOf(items ?? ""),
        collectionItems: items,
        introduction: text(row, "introduction", LONGEST.text),
        homepage: webPage(text(row, "homepage")),
        attribution,
        sample: row["sample"] === "true",
      },
    };
  },
};

const webPage = (value: string | null): string | null =>
  value !== null && /^https?:\/\/\S+$/u.test(value) ? value : null;

export const FORMATS: readonly Format[] = [keco, zerowaste, own];

/** The format that a file's columns tell; the names of those that are missing where it is nearly one. */
export function formatOf(columns: readonly string[]): Format | { nearest: Format["name"]; missing: string[] } {
  const fits = FORMATS.find(format => format.columns.every(column => columns.includes(column)));
  if (fits !== undefined) return fits;
  const byMissing = FORMATS.map(format => ({
    nearest: format.name,
    missing: format.columns.filter(column => !columns.includes(column)),
  }));
  return byMissing.reduce((a, b) => (b.missing.length < a.missing.length ? b : a));
}
