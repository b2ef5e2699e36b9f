import { KNOWLEDGE_FOLDER } from "./load-knowledge.ts";
import { sheetReader } from "./read-sheet.ts";

interface Category {
  id: string;
  words: string[];
}
interface PlacesFile {
  store_categories: Category[];
  pickup_categories: Category[];
  collects: (Category & { name: string; for: string[] })[];
}

/** What a word of a place's description tells. */
export interface PlaceCategory {
  readonly id: string;
  readonly words: RegExp;
}
/** Something that places take, and the rules or classes whose things it is. */
export interface Collected extends PlaceCategory {
  readonly name: string;
  readonly for: readonly string[];
}
export interface Places {
  readonly stores: readonly PlaceCategory[];
  readonly pickups: readonly PlaceCategory[];
  readonly collects: readonly Collected[];
}

let loaded: Places | undefined;

/** The words by which places are told apart, from `knowledge/places.yaml`. @throws Error with file and line where the file has faults */
export function loadPlaces(): Places {
  loaded ??= readPlaces();
  return loaded;
}

function readPlaces(): Places {
  const faults: string[] = [];
  const sheet = sheetReader(KNOWLEDGE_FOLDER, faults)<PlacesFile>("places.yaml", "places.schema.json");
  if (sheet === undefined || faults.length > 0)
    throw new Error(`knowledge/places.yaml has faults:\n${faults.join("\n")}`);
  const { store_categories: stores, pickup_categories: pickups, collects } = sheet.value;
  const anyOf = (words: readonly string[]) => new RegExp(words.join("|"), "iu");
  return {
    stores: stores.map(({ id, words }) => ({ id, words: anyOf(words) })),
    pickups: pickups.map(({ id, words }) => ({ id, words: anyOf(words) })),
    collects: collects.map(each => ({ ...each, words: anyOf(each.words) })),
  };
}
