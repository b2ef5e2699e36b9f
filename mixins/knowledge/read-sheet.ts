import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { type Document, LineCounter, parseDocument } from "yaml";
import type { Sheet } from "./knowledge-files.types.ts";

type Path = readonly (string | number)[];

/** Takes a fault that was found at a path of a sheet. */
export type Report = (sheet: Sheet<unknown>, path: Path, message: string) => void;

/** Says where a fault is, so that an editor jumps there: `knowledge/items/paper.yaml:12 /items/3/id: …`. */
export function faultAt(file: string, line: number, path: Path, message: string): string {
  return `knowledge/${file}:${line} /${path.join("/")}: ${message}`;
}

/** Compiles the schemas of a folder; each is known by its file name, which is also how they refer to each other. */
function compileSchemas(folder: string): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strictTuples: false, verbose: true });
  ajv.addFormat("regex", isPattern);
  for (const name of readdirSync(folder).filter(file => file.endsWith(".schema.json"))) {
    ajv.addSchema(JSON.parse(readFileSync(join(folder, name), "utf8")) as object, name);
  }
  return ajv;
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

function pathOf(error: ErrorObject): (string | number)[] {
  return error.instancePath
    .split("/")
    .slice(1)
    .map(part => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part));
}

function sayError(error: ErrorObject): string {
  const params = error.params as { additionalProperty?: string; allowedValues?: unknown[] };
  if (params.additionalProperty !== undefined) return `unknown key "${params.additionalProperty}"`;
  if (params.allowedValues !== undefined) return `must be one of ${params.allowedValues.join(", ")}`;
  const { description } = error.parentSchema as { description?: string };
  const message = error.message ?? error.keyword;
  // What a pattern is for says more than the pattern.
  return error.keyword === "pattern" && description !== undefined ? `${message} (${description})` : message;
}

function lineFinder(document: Document, lines: LineCounter): (path: Path) => number {
  return path => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true) as
        { range?: [number, number, number] | null } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
}

/**
 * Makes the reader of one knowledge folder's YAML files. The reader parses a file and checks it against its schema; what is wrong goes
 * to `faults` (file, line, path, message) and the sheet is undefined then, so that one run reports the faults of every file.
 */
export function sheetReader(folder: string, faults: string[]) {
  const ajv = compileSchemas(join(folder, "schema"));
  return <T>(file: string, schema: string): Sheet<T> | undefined => {
    const text = readFileSync(join(folder, file), "utf8");
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
    const lineOf = lineFinder(document, lines);
    if (document.errors.length > 0) {
      for (const error of document.errors) {
        faults.push(faultAt(file, error.linePos?.[0].line ?? 1, [], error.message.split("\n")[0] ?? error.code));
      }
      return undefined;
    }
    const value: unknown = document.toJS();
    if (ajv.validate<T>(schema, value)) return { file, text, value, lineOf };
    for (const error of ajv.errors ?? []) {
      const path = pathOf(error);
      faults.push(faultAt(file, lineOf(path), path, sayError(error)));
    }
    return undefined;
  };
}
