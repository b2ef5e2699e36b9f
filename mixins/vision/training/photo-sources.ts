/** Where training photos come from, by the `source` of index.csv. */
export interface PhotoSource {
  title: string;
  authors: string;
  licence: string;
  url: string;
}

const known: Record<string, PhotoSource | undefined> = {
  "congduytran12/Trash-Classification-": {
    title: "TrashNet (through a public copy)",
    authors: "Gary Thung, Mindy Yang",
    licence: "MIT",
    url: "https://github.com/garythung/trashnet",
  },
  "marcusklasson/GroceryStoreDataset": {
    title: "Grocery Store Dataset",
    authors: "Marcus Klasson, Cheng Zhang, Hedvig Kjellström",
    licence: "MIT",
    url: "https://github.com/marcusklasson/GroceryStoreDataset",
  },
  "alexeygrigorev/clothing-dataset-small": {
    title: "Clothing dataset (small)",
    authors: "Alexey Grigorev and contributors",
    licence: "CC0-1.0",
    url: "https://github.com/alexeygrigorev/clothing-dataset-small",
  },
};

/** A source that is not known is named as such: a head trained on it must not be shipped before its licence is. */
export const photoSource = (name: string): PhotoSource =>
  known[name] ?? { title: name === "" ? "own folder" : name, authors: "unknown", licence: "UNKNOWN", url: "" };
