import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ItemEntry } from "../mixins/knowledge/knowledge-files.types.ts";
import { readKnowledge } from "../mixins/knowledge/load-knowledge.ts";
import { insertItem } from "./insert-item.ts";

/** What a person says of a new item, as text; lists are separated by commas. `file` is that of its rule: `vinyl` for `rules/vinyl.yaml`. */
export interface NewItem {
  readonly file: string;
  readonly id: string;
  readonly name: string;
  readonly aliases: string;
  readonly source: string;
  readonly variant?: string | undefined;
  readonly materials?: string | undefined;
  readonly hint?: string | undefined;
  readonly note?: string | undefined;
}

/** Names that `NewItem.file` can have. */
export const itemFiles = (folder: string): string[] =>
  readdirSync(join(folder, "items"))
    .filter(name => name.endsWith(".yaml"))
    .map(name => name.replace(".yaml", ""))
    .sort();

/**
 * Adds an item to `items/<file>.yaml` of a knowledge folder, if the whole knowledge is still right with it.
 * @returns the line that was written, as `knowledge/items/<file>.yaml:<line>`
 * @throws Error that lists the faults; nothing is written then
 */
export function addItem(folder: string, item: NewItem): string {
  const file = `items/${item.file}.yaml`;
  const text = insertItem(readFileSync(join(folder, file), "utf8"), entryOf(item));
  const trial = mkdtempSync(join(tmpdir(), "eco2-knowledge-"));
  try {
    cpSync(folder, trial, { recursive: true });
    writeFileSync(join(trial, file), text);
    readKnowledge(trial);
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
  writeFileSync(join(folder, file), text);
  const line = text.split("\n").findIndex(each => each.includes(`{ id: ${item.id},`)) + 1;
  return `knowledge/${file}:${line}`;
}

/** What is not said stays away; the checks of the knowledge tell what is said wrongly, so nothing is judged here. */
function entryOf({ id, name, aliases, source, variant, materials, hint, note }: NewItem): ItemEntry {
  return {
    id,
    name,
    source,
    aliases: listOf(aliases),
    ...(variant ? { variant } : {}),
    ...(materials ? { materials: listOf(materials) as NonNullable<ItemEntry["materials"]> } : {}),
    ...(note ? { note } : {}),
    ...(hint ? { hint } : {}),
  };
}

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map(each => each.trim())
    .filter(each => each !== "");
