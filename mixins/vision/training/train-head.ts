import { type HeadWeights, softmax } from "../head.ts";
import { randomFrom, shuffle } from "./random.ts";

/** Rows of features with the class (an index) that each shows. */
export interface Examples {
  readonly rows: readonly Float32Array[];
  readonly classes: readonly number[];
}
export interface TrainingOptions {
  classCount: number;
  /** Strength of the pull of all weights towards zero (L2), on features of unit spread. */
  decay: number;
  epochs?: number;
  seed?: number;
}

const BATCH = 64;
const RATE = 1e-3;
/** Keeps a feature that hardly ever fires from being blown up. */
const LEAST_SPREAD = 1e-2;

/**
 * Trains a linear softmax head: Adam over shuffled batches, the rate falling to nothing. Each class weighs the same, however many
 * examples it has. The same examples, options and seed give the same head to the last bit.
 * @returns weights for raw features (the spread they were trained at is folded in), temperature 1
 */
export function trainHead({ rows, classes }: Examples, options: TrainingOptions): HeadWeights {
  const { classCount, decay, epochs = 15, seed = 1 } = options;
  const featureCount = rows[0]?.length ?? 0;
  const { centre, spread } = measureFeatures(rows, featureCount);
  const standard = rows.map(row => row.map((value, i) => (value - (centre[i] ?? 0)) / (spread[i] ?? 1)));
  const worth = worthOf(classes, classCount);
  const head = new LinearHead(classCount, featureCount, decay);
  const order = Uint32Array.from(rows.keys());
  const random = randomFrom(seed);
  const total = epochs * Math.ceil(order.length / BATCH);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (let from = 0; from < order.length; from += BATCH) {
      const batch = order.subarray(from, from + BATCH);
      for (const i of batch)
        head.learn(standard[i] ?? new Float32Array(), classes[i] ?? 0, (worth[i] ?? 0) / batch.length);
      head.step(RATE * 0.5 * (1 + Math.cos((Math.PI * step) / total)));
      step += 1;
    }
  }
  return foldIn(head, centre, spread);
}

/** Softmax regression and the state of its Adam. */
class LinearHead {
  readonly classCount: number;
  readonly featureCount: number;
  /** Weights class by class, then the biases. */
  readonly values: Float32Array;
  readonly #decay: number;
  readonly #slope: Float32Array;
  readonly #mean: Float32Array;
  readonly #square: Float32Array;
  #steps = 0;

  constructor(classCount: number, featureCount: number, decay: number) {
    this.classCount = classCount;
    this.featureCount = featureCount;
    this.#decay = decay;
    const size = classCount * (featureCount + 1);
    [this.values, this.#slope, this.#mean, this.#square] = [size, size, size, size].map(n => new Float32Array(n)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
  }

  /** Adds one example's slope of the loss. */
  learn(row: Float32Array, wanted: number, worth: number): void {
    const { classCount, featureCount, values } = this;
    const logits = Array.from({ length: classCount }, (_, c) => {
      let sum = values[classCount * featureCount + c] ?? 0;
      const start = c * featureCount;
      for (let i = 0; i < featureCount; i++) sum += (row[i] as number) * (values[start + i] as number);
      return sum;
    });
    for (const [c, share] of softmax(logits).entries()) {
      const pull = worth * (share - (c === wanted ? 1 : 0));
      const start = c * featureCount;
      for (let i = 0; i < featureCount; i++) add(this.#slope, start + i, pull * (row[i] as number));
      add(this.#slope, classCount * featureCount + c, pull);
    }
  }

  /** Moves all values against the slope that was gathered (Adam with its usual constants), and forgets it. */
  step(rate: number): void {
    this.#steps += 1;
    const early = 1 - 0.9 ** this.#steps;
    const earlySquare = 1 - 0.999 ** this.#steps;
    const weights = this.classCount * this.featureCount;
    for (let i = 0; i < this.values.length; i++) {
      const value = this.values[i] as number;
      const slope = (this.#slope[i] as number) + (i < weights ? this.#decay * value : 0);
      const mean = (this.#mean[i] = 0.9 * (this.#mean[i] as number) + 0.1 * slope);
      const square = (this.#square[i] = 0.999 * (this.#square[i] as number) + 0.001 * slope * slope);
      this.values[i] = value - (rate * (mean / early)) / (Math.sqrt(square / earlySquare) + 1e-8);
    }
    this.#slope.fill(0);
  }
}

function add(sums: Float32Array | Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] as number) + value;
}

function measureFeatures(rows: readonly Float32Array[], featureCount: number) {
  const centre = new Float64Array(featureCount);
  const spread = new Float64Array(featureCount);
  for (const row of rows) for (const [i, value] of row.entries()) add(centre, i, value / rows.length);
  for (const row of rows)
    for (const [i, value] of row.entries()) add(spread, i, (value - (centre[i] as number)) ** 2 / rows.length);
  return { centre, spread: spread.map(variance => Math.sqrt(variance) + LEAST_SPREAD) };
}

/** What each example weighs, so that every class weighs the same and the mean is 1. */
function worthOf(classes: readonly number[], classCount: number): number[] {
  const counts = Array.from({ length: classCount }, (_, c) => classes.filter(other => other === c).length);
  return classes.map(c => classes.length / (classCount * (counts[c] ?? 1)));
}

function foldIn(
  { values, classCount, featureCount }: LinearHead,
  centre: Float64Array,
  spread: Float64Array,
): HeadWeights {
  const weights = new Float32Array(classCount * featureCount);
  const bias = Float32Array.from({ length: classCount }, (_, c) => {
    let start = values[classCount * featureCount + c] ?? 0;
    for (let i = 0; i < featureCount; i++) {
      const weight = (values[c * featureCount + i] ?? 0) / (spread[i] ?? 1);
      weights[c * featureCount + i] = weight;
      start -= weight * (centre[i] ?? 0);
    }
    return start;
  });
  return { featureCount, weights, bias, temperature: 1 };
}
