import { type HeadWeights, logitsOf } from "../head.ts";
import type { Photo } from "./list-photos.ts";
import { fitTemperature, type Judged, type Score, scoreOf, surpriseOf } from "./measure-head.ts";
import { FRAMINGS, type Framing, type PhotoFeatures } from "./read-features.ts";
import { blocksOf, foldsOf, type Split } from "./split-photos.ts";
import { trainHead } from "./train-head.ts";

/** Photos with what the net makes of them; all lists go by the same index. */
export interface Material {
  photos: readonly Photo[];
  features: readonly PhotoFeatures[];
  /** The class of each photo, an index into the labels. */
  classes: readonly number[];
  labels: readonly string[];
}

/** Strengths of weight decay that are tried. */
const DECAYS = [0.003, 0.01, 0.03, 0.1];
const FOLDS = 5;

/** Trains on the given photos, each in all framings. */
export function fit(material: Material, chosen: readonly number[], decay: number): HeadWeights {
  const examples = FRAMINGS.flatMap(framing => chosen.map(i => ({ i, row: material.features[i]?.features[framing] })));
  const full = examples.flatMap(({ i, row }) => (row ? [{ row, wanted: material.classes[i] ?? 0 }] : []));
  return trainHead(
    { rows: full.map(({ row }) => row), classes: full.map(({ wanted }) => wanted) },
    { classCount: material.labels.length, decay },
  );
}

/** What the head says of the given photos. */
export function judge(
  material: Material,
  head: Omit<HeadWeights, "temperature">,
  chosen: readonly number[],
  framing: Framing = "whole",
): Judged[] {
  return chosen.flatMap(i => {
    const row = material.features[i]?.features[framing];
    return row ? [{ logits: logitsOf(head, row), wanted: material.classes[i] ?? 0 }] : [];
  });
}

/**
 * The head to ship: decay and temperature are chosen on the calibration photos, then the weights are trained on those too.
 * The test photos take no part.
 */
export function makeHead(material: Material, { train, calibration }: Split): { head: HeadWeights; decay: number } {
  const tries = DECAYS.map(decay => {
    const judged = judge(material, fit(material, train, decay), calibration);
    const temperature = fitTemperature(judged);
    return { decay, temperature, surprise: surpriseOf(judged, temperature) };
  });
  const best = tries.reduce((a, b) => (b.surprise < a.surprise ? b : a));
  const head = fit(material, [...train, ...calibration], best.decay);
  return { head: { ...head, temperature: best.temperature }, decay: best.decay };
}

export interface CrossFigure {
  folds: number;
  top1: number;
  top3: number;
  /** Spread of top-1 between folds (standard deviation). */
  top1Spread: number;
}

/** Every photo tested once by a head that saw none of its block: how much the one split is luck. */
export function crossValidate(material: Material, decay: number): CrossFigure {
  const fold = foldsOf(material.photos, FOLDS, blocksOf(material.photos));
  const scores = Array.from({ length: FOLDS }, (_, f) => scoreOf(heldOut(material, fold, f, decay)));
  const mean = (pick: (score: Score) => number) => scores.reduce((sum, score) => sum + pick(score), 0) / FOLDS;
  const top1 = mean(score => score.top1);
  const top1Spread = Math.sqrt(mean(score => (score.top1 - top1) ** 2));
  return { folds: FOLDS, top1, top3: mean(score => score.top3), top1Spread };
}

function heldOut(material: Material, fold: readonly number[], out: number, decay: number): Judged[] {
  const all = material.photos.map((_, i) => i);
  const head = fit(
    material,
    all.filter(i => fold[i] !== out),
    decay,
  );
  return judge(
    material,
    head,
    all.filter(i => fold[i] === out),
  );
}

/**
 * Kinds that the head has never seen: whole groups are left out, of those classes that have several.
 * @param group `source`: another collection with its own camera and ground; `origin`: another product of a known collection
 * @returns null when no class has as many groups as asked for
 */
export function testUnseen(
  material: Material,
  decay: number,
  group: "source" | "origin",
  leastGroups: number,
): Score | null {
  const { photos, labels } = material;
  const groups = new Map(
    labels.map(label => [
      label,
      new Set(photos.filter(photo => photo.label === label).map(photo => photo[group])).size,
    ]),
  );
  const rich = (photo: Photo) => (groups.get(photo.label) ?? 0) >= leastGroups;
  if (!photos.some(rich)) return null;
  const names = photos.map(photo => photo[group]);
  const count = Math.min(FOLDS, Math.max(...groups.values()));
  // Photos of poor classes are always taught, never asked.
  const fold = foldsOf(photos, count, names).map((f, i) => (rich(photos[i] as Photo) ? f : -1));
  return scoreOf(Array.from({ length: count }, (_, f) => heldOut(material, fold, f, decay)).flat());
}
