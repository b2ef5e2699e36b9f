import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { Transform } from "node:stream";
import { parse } from "csv-parse";
import type { Database, Tx } from "../../mixins/database/database.ts";
import { formatOf, type Format, type Row } from "./site-formats.ts";
import type { RowFault, Site } from "./site.types.ts";
import { countVanished, keepSites, noteImport, removeVanished } from "./sites.store.ts";

export interface ImportOptions {
  /** Reads and checks all of it, and keeps nothing. */
  dryRun: boolean;
  /** Also removes the sites of the file's source that it no longer has. */
  removeVanished: boolean;
  onProgress?: (done: { bytes: number; ofBytes: number; rows: number }) => void;
}

export interface ImportReport {
  format: Format["name"];
  encoding: "utf-8" | "cp949";
  source: string | null;
  rows: number;
  added: number;
  changed: number;
  unchanged: number;
  refused: number;
  quarantined: number;
  repaired: number;
  /** Sites of the source that the file no longer has; removed where that was asked for. */
  vanished: number;
  removed: number;
  /** The first thousand. */
  faults: RowFault[];
}

const BATCH = 1_000;
const MOST_FAULTS = 1_000;
/** No site's row is as long; a file that is one endless line is none of ours. */
const LONGEST_ROW = 1_000_000;
const SNIFFED = 256 * 1024;

/** The file cannot be imported at all; `message` says why, to an operator. */
const unfit = (message: string): Error => Object.assign(new Error(message), { code: "FILE_UNFIT" });

/**
 * Imports sites from a CSV file as a stream: of the public data portal, of the zero-waste map, or in our own columns; UTF-8 or CP949. Each row
 * stands for itself: what is wrong with one is told and keeps no other from being kept. All of it is one transaction.
 * @throws Error with `code: "FILE_UNFIT"` where the file is no such list
 */
export async function importSites(db: Database, path: string, options: ImportOptions): Promise<ImportReport> {
  const encoding = await sniff(path);
  const { size } = await stat(path);
  const report: ImportReport = {
    format: "own",
    encoding,
    source: null,
    ...{
      rows: 0,
      added: 0,
      changed: 0,
      unchanged: 0,
      refused: 0,
      quarantined: 0,
      repaired: 0,
      vanished: 0,
      removed: 0,
    },
    faults: [],
  };
  await db.transaction(async tx => {
    const keys = await readAll(tx, path, size, report, options);
    if (report.source === null) return;
    report.vanished = await countVanished(tx, report.source, keys);
    if (options.dryRun) return;
    if (options.removeVanished) report.removed = await removeVanished(tx, report.source, keys);
    await noteImport(tx, report.source, report.rows);
  });
  return report;
}

async function readAll(
  tx: Tx,
  path: string,
  size: number,
  report: ImportReport,
  options: ImportOptions,
): Promise<string[]> {
  const keys = new Map<string, number>();
  let format: Format | undefined;
  let batch: Site[] = [];
  const flush = async () => {
    const sites = batch;
    batch = [];
    if (sites.length === 0) return;
    const kept = options.dryRun ? { added: 0, changed: 0 } : await keepSites(tx, sites);
    report.added += kept.added;
    report.changed += kept.changed;
    report.unchanged += options.dryRun ? 0 : sites.length - kept.added - kept.changed;
  };
  const note = (line: number, fault: Omit<RowFault, "line">) => {
    report[fault.then] += 1;
    if (report.faults.length < MOST_FAULTS) report.faults.push({ line, ...fault });
  };
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const parser = parse({
    bom: true,
    columns: header => {
      const found = formatOf(header);
      if ("missing" in found)
        throw unfit(
          `the columns are those of no known list; for "${found.nearest}" these are missing: ${found.missing.join(", ")}`,
        );
      format = found;
      report.format = found.name;
      return header;
    },
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: LONGEST_ROW,
  });
  await pipeline(createReadStream(path), counted, decoder(report.encoding), parser, async function (records) {
    for await (const { record, info } of records as AsyncIterable<{ record: Row; info: { lines: number } }>) {
      report.rows += 1;
      const { site, faults } = format?.read(record) ?? { site: undefined, faults: [] };
      for (const fault of faults) note(info.lines, fault);
      if (site !== undefined) {
        const before = keys.get(site.sourceKey);
        report.source ??= site.source;
        if (before !== undefined)
          note(info.lines, { column: "key", reason: `the same key as in line ${before}`, then: "refused" });
        else if (site.source !== report.source)
          note(info.lines, {
            column: "source",
            reason: `a file has one source; this one's is ${report.source}`,
            then: "refused",
          });
        else {
          keys.set(site.sourceKey, info.lines);
          batch.push(site);
        }
      }
      if (batch.length >= BATCH) await flush();
      if (report.rows % BATCH === 0) options.onProgress?.({ bytes, ofBytes: size, rows: report.rows });
    }
    await flush();
  }).catch((thrown: unknown) => {
    throw explain(thrown);
  });
  if (format === undefined) throw unfit("the file is empty");
  options.onProgress?.({ bytes: size, ofBytes: size, rows: report.rows });
  return [...keys.keys()];
}

function explain(thrown: unknown): unknown {
  const code = (thrown as { code?: string }).code ?? "";
  if (code === "CSV_MAX_RECORD_SIZE")
    return unfit(`a row is longer than ${LONGEST_ROW} letters: the file is no list of sites`);
  if (code.startsWith("CSV_")) return unfit(`it is no CSV: ${(thrown as Error).message}`);
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return unfit("it is neither UTF-8 nor CP949 throughout");
  return thrown;
}

/** Korean lists are UTF-8, or CP949 as spreadsheets write it (which browsers call euc-kr). */
async function sniff(path: string): Promise<"utf-8" | "cp949"> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED), 0, SNIFFED, 0);
    if (bytesRead === 0) throw unfit("the file is empty");
    // What is cut off in the middle of a letter is no fault of the file.
    new TextDecoder("utf-8", { fatal: true }).decode(buffer.subarray(0, bytesRead), { stream: true });
    return "utf-8";
  } catch (thrown) {
    if (thrown instanceof TypeError || (thrown as { code?: string }).code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      return "cp949";
    throw thrown;
  } finally {
    await file.close();
  }
}

function decoder(encoding: "utf-8" | "cp949"): Transform {
  const decode = new TextDecoder(encoding === "utf-8" ? "utf-8" : "euc-kr", { fatal: true });
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        done(null, decode.decode(chunk, { stream: true }));
      } catch (thrown) {
        done(thrown as Error);
      }
    },
    flush(done) {
      try {
        done(null, decode.decode());
      } catch (thrown) {
        done(thrown as Error);
      }
    },
    readableObjectMode: false,
  });
}
