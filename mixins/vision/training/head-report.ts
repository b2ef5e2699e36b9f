import type { HeadFile } from "../head.ts";
import type { CrossFigure } from "./evaluate-head.ts";
import type { Score } from "./measure-head.ts";
import type { PhotoSource } from "./photo-sources.ts";
import type { Framing } from "./read-features.ts";

/** All of `head.json`: the head, and how it was made and measured. */
export interface HeadReport extends HeadFile {
  /** Day of the training. */
  trainedAt: string;
  /** Version of scripts/train-vision.ts. */
  script: number;
  data: { photos: Record<string, number>; sources: (PhotoSource & { photos: number })[] };
  training: { decay: number; photos: number; framings: readonly Framing[] };
  metrics: HeadMetrics;
}

/** All on photos that the measured head has not seen, with the weights as they stand in the file. */
export interface HeadMetrics {
  test: Score & {
    /** Expected calibration error of the best candidate's probability. */
    calibrationError: number;
  };
  /** The same photos, held differently: their middle square, and closer up. */
  framed: Record<Exclude<Framing, "whole">, Score>;
  /** By collection: telling things apart on one ground is harder than telling grounds apart. */
  bySource: Record<string, Score>;
  byClass: Record<string, { photos: number; recall: number; precision: number }>;
  /** In the order of the classes; row: what the photo shows, column: the best candidate. */
  confusion: number[][];
  crossValidated: CrossFigure;
  /** Products and kinds left out as a whole. */
  unseenKinds: Score | null;
  /** Collections left out as a whole. */
  unseenSources: Score | null;
  /** Harmless photos that the safety score would flag. */
  falseAlarms: { at50: number; at90: number; at50ByClass: Record<string, number> };
}
