import { isSeq, parseDocument, stringify } from "yaml";
import type { ItemEntry } from "../mixins/knowledge/knowledge-files.types.ts";

/** The text of an items file with one more item, on a line of its own after the last; nothing else of the text changes. */
export function insertItem(text: string, item: ItemEntry): string {
  const items = parseDocument(text).get("items");
  const end = isSeq(items) ? (items.range?.[1] ?? text.length) : text.length;
  const head = text.slice(0, end).trimEnd();
  return `${head}\n  - ${writeItem(item)}\n${text.slice(end).replace(/^\s*\n/u, "")}`;
}

/** An item in the form that all have: one line, keys in the order of the schema. */
function writeItem(item: ItemEntry): string {
  const { id, name, variant, materials, source, review, aliases, note, hint } = item;
  const entries = Object.entries({ id, name, variant, materials, source, review, aliases, note, hint });
  const written = entries.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${writeFlow(value)}`]));
  return `{ ${written.join(", ")} }`;
}

/** Inside a line a text needs quotes earlier than alone: it is written as the one entry of a list. */
function writeFlow(value: string | string[]): string {
  const list = stringify(Array.isArray(value) ? value : [value], {
    collectionStyle: "flow",
    flowCollectionPadding: false,
    lineWidth: 0,
  }).trim();
  return Array.isArray(value) ? list : list.slice(1, -1);
}
