/**
 * `npm run train:vision -- <folder of class/photo>`: trains the on-device head on the photos and writes `mixins/vision/head.json` and
 * its model card. Class folders are named as in `mixins/vision/waste-labels.ts`; an `index.csv` (file, class, source, source_path)
 * beside them tells where photos come from. Features are kept in the system's temporary folder, so a second run takes minutes less.
 */
import { createHash } from "node:crypto";
import { statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HeadWeights, packWeights, unpackWeights } from "../mixins/vision/head.ts";
import { FEATURES, NET_ID } from "../mixins/vision/net-facts.ts";
import { loadNet, type Net } from "../mixins/vision/net.ts";
import { crossValidate, judge, makeHead, type Material, testUnseen } from "../mixins/vision/training/evaluate-head.ts";
import type { HeadMetrics, HeadReport } from "../mixins/vision/training/head-report.ts";
import { listPhotos, type Photo } from "../mixins/vision/training/list-photos.ts";
import { calibrationError, confusionOf, scoreOf } from "../mixins/vision/training/measure-head.ts";
import { photoSource } from "../mixins/vision/training/photo-sources.ts";
import { FRAMINGS, type PhotoFeatures, readFeatures } from "../mixins/vision/training/read-features.ts";
import { type Split, splitPhotos } from "../mixins/vision/training/split-photos.ts";
import { writeModelCard } from "../mixins/vision/training/write-model-card.ts";
import { isWasteLabel, wasteLabels } from "../mixins/vision/waste-labels.ts";

/** Raised when the same photos would give another head. */
const SCRIPT_VERSION = 1;
/** Kinds are left out of classes that have at least so many. */
const LEAST_KINDS = 5;

const say = (line: string) => process.stdout.write(`${line}\n`);
const rounded = (value: number) => Math.round(value * 10_000) / 10_000;

async function gather(folder: string): Promise<Material> {
  const photos = listPhotos(folder);
  const labels = [...new Set(photos.map(({ label }) => label))];
  let loading: Promise<Net> | undefined;
  const net = () => (loading ??= loadNet());
  const features = await readFeatures(folder, photos, join(tmpdir(), "eco2-vision-features"), net, done => {
    if (done % 100 === 0 || done === photos.length) say(`features ${done}/${photos.length}`);
  });
  return { photos, features, labels, classes: photos.map(({ label }) => labels.indexOf(label)) };
}

function metricsOf(material: Material, head: HeadWeights, decay: number, { test }: Split): HeadMetrics {
  const { photos, labels, features } = material;
  const judged = judge(material, head, test);
  const score = (chosen: number[]) => scoreOf(judge(material, head, chosen));
  const confusion = confusionOf(judged, labels.length);
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const byClass = labels.map((label, c) => {
    const right = confusion[c]?.[c] ?? 0;
    const shown = sum(confusion[c] ?? []);
    const named = sum(confusion.map(row => row[c] ?? 0));
    return [label, { photos: shown, recall: right / shown, precision: named === 0 ? 0 : right / named }] as const;
  });
  say("cross-validating");
  return {
    test: { ...scoreOf(judged), calibrationError: calibrationError(judged, head.temperature) },
    framed: {
      square: scoreOf(judge(material, head, test, "square")),
      close: scoreOf(judge(material, head, test, "close")),
    },
    bySource: Object.fromEntries(
      [...Map.groupBy(test, i => photos[i]?.source ?? "")].map(([source, chosen]) => [
        photoSource(source).title,
        score(chosen),
      ]),
    ),
    byClass: Object.fromEntries(byClass),
    confusion,
    crossValidated: crossValidate(material, decay),
    unseenKinds: testUnseen(material, decay, "origin", LEAST_KINDS),
    unseenSources: testUnseen(material, decay, "source", 2),
    falseAlarms: falseAlarms(photos, features),
  };
}

function falseAlarms(photos: readonly Photo[], features: readonly PhotoFeatures[]): HeadMetrics["falseAlarms"] {
  const shareOver = (limit: number, list: readonly PhotoFeatures[]) =>
    list.filter(({ unsafe }) => unsafe >= limit).length / list.length;
  return {
    at50: shareOver(0.5, features),
    at90: shareOver(0.9, features),
    at50ByClass: Object.fromEntries(
      [...Map.groupBy(features, (_, i) => photos[i]?.label ?? "")].map(([label, list]) => [
        label,
        shareOver(0.5, list),
      ]),
    ),
  };
}

function report(material: Material, split: Split): HeadReport {
  say(`training on ${split.train.length + split.calibration.length} photos, testing on ${split.test.length}`);
  const { head, decay } = makeHead(material, split);
  const packed = packWeights(head);
  const trainedAt = new Date().toISOString().slice(0, 10);
  const digest = createHash("sha256").update(JSON.stringify(packed)).digest("hex").slice(0, 8);
  const { photos, labels } = material;
  const countBy = (pick: (photo: Photo) => string) =>
    [...Map.groupBy(photos, pick)].map(([name, list]) => [name, list.length] as const);
  return {
    version: `${trainedAt}-${digest}`,
    net: NET_ID,
    trainedAt,
    script: SCRIPT_VERSION,
    classes: labels.filter(isWasteLabel).map(label => ({ label, ...wasteLabels[label] })),
    data: {
      photos: Object.fromEntries(countBy(photo => photo.label)),
      sources: countBy(photo => photo.source).map(([name, count]) => ({ ...photoSource(name), photos: count })),
    },
    training: { decay, photos: split.train.length + split.calibration.length, framings: FRAMINGS },
    metrics: metricsOf(material, unpackWeights(packed), decay, split),
    ...packed,
  };
}

async function main(folder: string): Promise<void> {
  const material = await gather(folder);
  const made = report(material, splitPhotos(material.photos));
  const out = (name: string) => new URL(`../mixins/vision/${name}`, import.meta.url);
  const text = JSON.stringify(
    made,
    (_, value: unknown) => (typeof value === "number" && value < 1 ? shorten(value) : value),
    1,
  );
  writeFileSync(out("head.json"), `${text}\n`);
  writeFileSync(out("MODEL_CARD.md"), writeModelCard(made));
  const { test, crossValidated, unseenKinds } = made.metrics;
  say(
    `\nhead ${made.version}, ${FEATURES} features, decay ${made.training.decay}, temperature ${rounded(made.temperature)}`,
  );
  console.table({
    test: {
      photos: test.photos,
      top1: rounded(test.top1),
      top3: rounded(test.top3),
      ece: rounded(test.calibrationError),
    },
    crossValidated: { top1: rounded(crossValidated.top1), top3: rounded(crossValidated.top3) },
    ...(unseenKinds
      ? {
          unseenKinds: { photos: unseenKinds.photos, top1: rounded(unseenKinds.top1), top3: rounded(unseenKinds.top3) },
        }
      : {}),
  });
  console.table(
    Object.fromEntries(
      Object.entries(made.metrics.byClass).map(([label, c]) => [
        label,
        { photos: c.photos, recall: rounded(c.recall), precision: rounded(c.precision) },
      ]),
    ),
  );
}

/** Nine significant digits say a 32-bit float exactly. */
const shorten = (value: number) => Number(value.toPrecision(9));

const [folder] = process.argv.slice(2).filter(argument => argument !== "--");
if (folder === undefined || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
  process.stderr.write("usage: npm run train:vision -- <folder of class/photo>\n");
  process.exitCode = 2;
} else await main(folder);
