import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isWasteLabel, type WasteLabel } from "../waste-labels.ts";

/** One photo of a training folder. */
export interface Photo {
  /** Path below the folder, `class/name.jpg`. */
  file: string;
  label: WasteLabel;
  /** Collection it comes from; "" where index.csv does not say. */
  source: string;
  /** Folder it had in that collection, without its train/test/val part: mostly one product or kind of thing. */
  origin: string;
}

interface Row {
  source: string;
  path: string;
}
interface Placed extends Photo {
  path: string;
}

const PICTURE = /\.(jpe?g|png|webp|avif)$/i;
const SPLIT_FOLDER = /(^|\/)(train|test|val|validation)(?=\/)/g;
const numerically = new Intl.Collator("en", { numeric: true }).compare;

/**
 * Lists the photos of `<folder>/<class>/<photo>`, class by class, in the order they were taken in as far as names tell: by the path of
 * `index.csv` (columns file, class, source, source_path) where there is one, shot 10 after shot 9.
 * @throws Error naming folders that are no label of the house, or when there is no photo
 */
export function listPhotos(folder: string): Photo[] {
  const classes = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
  const strangers = classes.map(({ name }) => name).filter(name => !isWasteLabel(name));
  if (strangers.length > 0) throw new Error(`Folders that are no label of waste-labels.ts: ${strangers.join(", ")}`);
  const index = readIndex(join(folder, "index.csv"));
  const photos = classes
    .map(({ name }) => name)
    .filter(isWasteLabel)
    .sort(numerically)
    .flatMap(label => ofClass(folder, label, index));
  if (photos.length === 0) throw new Error(`There is no photo in ${folder}.`);
  return photos;
}

function ofClass(folder: string, label: WasteLabel, index: Map<string, Row>): Photo[] {
  return readdirSync(join(folder, label))
    .filter(name => PICTURE.test(name))
    .map(name => place(`${label}/${name}`, label, index))
    .sort((a, b) => numerically(`${a.source} ${a.path}`, `${b.source} ${b.path}`))
    .map(({ file, source, origin }) => ({ file, label, source, origin }));
}

function place(file: string, label: WasteLabel, index: Map<string, Row>): Placed {
  const { source, path: given } = index.get(file) ?? { source: "", path: file };
  const path = given.replaceAll(SPLIT_FOLDER, "");
  return { file, label, source, path, origin: path.slice(0, path.lastIndexOf("/") + 1) };
}

function readIndex(path: string): Map<string, Row> {
  if (!existsSync(path)) return new Map();
  const [header = [], ...rows] = readFileSync(path, "utf8")
    .trim()
    .split(/\r?\n/)
    .map(line => line.split(","));
  const [file, source, from] = ["file", "source", "source_path"].map(name => header.indexOf(name));
  return new Map(
    rows.map(row => [row[file ?? -1] ?? "", { source: row[source ?? -1] ?? "", path: row[from ?? -1] ?? "" }]),
  );
}
