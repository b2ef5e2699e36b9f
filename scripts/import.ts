/** `npm run import -- locations <file>`: imports sites from a CSV file into the database of the settings. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type ServiceSchema, ServiceBroker } from "moleculer";
import type { Actions, Events } from "../broker/contract.ts";
import { table } from "../broker/repl/table.ts";
import { SchemaValidator } from "../broker/validator.ts";
import type {} from "../services/location/location.contract.ts";
import { EX_USAGE } from "./read-options.ts";

const HELP = `npm run import -- locations <file>   imports sites from CSV: KECO's 33 columns, the zero-waste map's 14, or our own (README)
  --dry-run            reads and checks all of it, and keeps nothing
  --remove-vanished    also removes the sites of that source that the file no longer has
  --faults <n>         how many faults are listed (20)
`;
const SHOWN = 20;
const BAR = 30;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function usage(message: string): never {
  process.stderr.write(`${message}\n${HELP}`);
  process.exit(EX_USAGE);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        "dry-run": { type: "boolean", default: false },
        "remove-vanished": { type: "boolean", default: false },
        faults: { type: "string", default: String(SHOWN) },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (thrown) {
    return usage((thrown as Error).message);
  }
}

/** A bar on a terminal; elsewhere nothing, so that logs stay readable. */
function showProgress({ bytes, of_bytes: ofBytes, rows }: Events["location.importing"]): void {
  if (!process.stderr.isTTY) return;
  const share = ofBytes === 0 ? 1 : Math.min(1, bytes / ofBytes);
  const full = Math.round(share * BAR);
  process.stderr.write(`\r${"█".repeat(full)}${"░".repeat(BAR - full)} ${Math.round(share * 100)} %  ${rows} rows`);
  if (share === 1) process.stderr.write("\n");
}

type Report = Actions["location.import"]["result"];

function describe(report: Report, shown: number, dryRun: boolean): string[] {
  const {
    faults,
    format,
    encoding,
    source,
    rows,
    added,
    changed,
    unchanged,
    refused,
    quarantined,
    repaired,
    vanished,
    removed,
  } = report;
  const listed = faults.slice(0, shown).map(({ line, column, reason, then }) => [String(line), column, reason, then]);
  const more = refused + quarantined + repaired - listed.length;
  return [
    `${rows} rows of ${source ?? "no source"} (${format}, ${encoding})${dryRun ? "; dry run: nothing was kept" : ""}`,
    ...(dryRun
      ? []
      : [`${added} added, ${changed} changed, ${unchanged} the same${removed > 0 ? `, ${removed} removed` : ""}`]),
    `${refused} refused, ${quarantined} quarantined (kept without coordinates, never shown), ${repaired} repaired`,
    ...(vanished > removed
      ? [`${vanished - removed} sites of this source are not in the file; --remove-vanished removes them`]
      : []),
    ...(listed.length === 0 ? [] : ["", ...table(["line", "column", "reason", "then"], listed)]),
    ...(more > 0 && listed.length > 0 ? [`… and ${more} more (--faults ${listed.length + more})`] : []),
  ];
}

/** Runs the location room alone in this process, on the database of the settings, and calls its action. */
async function runImport(path: string, options: { dry_run: boolean; remove_vanished: boolean }): Promise<Report> {
  const broker = new ServiceBroker({ logger: false, validator: new SchemaValidator({}) });
  const room = new URL("../services/location/location.service.ts", import.meta.url).href;
  broker.createService(((await import(room)) as { default: ServiceSchema }).default);
  broker.createService({
    name: "bar",
    events: { "location.importing": (ctx: { params: Events["location.importing"] }) => showProgress(ctx.params) },
  });
  try {
    await broker.start();
    return await broker.call<Report, object>("location.import", { path: resolve(path), ...options });
  } finally {
    await broker.stop();
  }
}

const { values, positionals } = readArguments();
const [what, file, ...rest] = positionals;
if (values.help) process.stdout.write(HELP);
else if (what !== "locations" || file === undefined || rest.length > 0)
  usage("what is to be imported from which file?");
else if (!/^\d{1,6}$/u.test(values.faults)) usage(`--faults "${values.faults}" is no number`);
else {
  try {
    const report = await runImport(file, { dry_run: values["dry-run"], remove_vanished: values["remove-vanished"] });
    for (const line of describe(report, Number(values.faults), values["dry-run"])) say(line);
    process.exitCode = report.refused > 0 ? 2 : 0;
  } catch (thrown) {
    const { code, message, data } = thrown as { code?: string; message: string; data?: { detail?: string } };
    const isHeld = code === "FOLDER_IN_USE";
    const why = isHeld
      ? "a house runs on this folder: stop it, or call its action location.import"
      : (data?.detail ?? message);
    process.stderr.write(`${file}: ${why}\n`);
    process.exitCode = 1;
  }
}
