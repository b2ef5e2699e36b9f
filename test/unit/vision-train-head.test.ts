import { describe, expect, it } from "@jest/globals";
import { logitsOf } from "../../mixins/vision/head.ts";
import {
  calibrationError,
  confusionOf,
  fitTemperature,
  type Judged,
  scoreOf,
} from "../../mixins/vision/training/measure-head.ts";
import { randomFrom, shuffle } from "../../mixins/vision/training/random.ts";
import { type Examples, trainHead } from "../../mixins/vision/training/train-head.ts";

/** Three clouds around corners of a space whose axes have very different scales; class 2 is rare. */
function clouds(perClass: readonly number[], spread: number, seed: number): Examples {
  const random = randomFrom(seed);
  const corners = [
    [0, 0, 5],
    [400, 0, 5],
    [0, 0.02, 5],
  ];
  const pick = (c: number) =>
    Float32Array.from(corners[c]!, (value, axis) => value + [400, 0.02, 1][axis]! * spread * (random() - 0.5));
  const classes = perClass.flatMap((count, c) => Array.from({ length: count }, () => c));
  return { rows: classes.map(pick), classes };
}
const judge = (head: ReturnType<typeof trainHead>, { rows, classes }: Examples): Judged[] =>
  rows.map((row, i) => ({ logits: logitsOf(head, row), wanted: classes[i]! }));

describe("training", () => {
  it("learns what can be told apart, on features of any scale", () => {
    const head = trainHead(clouds([300, 300, 300], 0.5, 1), { classCount: 3, decay: 1e-4, epochs: 100 });
    expect(scoreOf(judge(head, clouds([100, 100, 100], 0.5, 2))).top1).toBe(1);
  });

  it("gives the same head for the same examples and seed, to the last bit", () => {
    const examples = clouds([60, 60, 60], 1.5, 3);
    const options = { classCount: 3, decay: 0.01, epochs: 10 };
    const [first, again, other] = [
      trainHead(examples, options),
      trainHead(examples, options),
      trainHead(examples, { ...options, seed: 2 }),
    ];
    expect(again).toEqual(first);
    expect(other.weights).not.toEqual(first.weights);
  });

  it("does not leave a rare class out", () => {
    const test = clouds([0, 0, 200], 1.6, 5);
    const head = trainHead(clouds([600, 600, 15], 1.6, 4), { classCount: 3, decay: 0.01, epochs: 60 });
    expect(scoreOf(judge(head, test)).top1).toBeGreaterThan(0.6);
  });

  it("holds weights smaller the more it is told to", () => {
    const examples = clouds([60, 60, 60], 1, 6);
    const size = (decay: number) =>
      trainHead(examples, { classCount: 3, decay, epochs: 400 }).weights.reduce(
        (sum, weight) => sum + Math.abs(weight),
        0,
      );
    expect(size(1)).toBeLessThan(size(0.001) / 2);
  });
});

describe("figures", () => {
  const judged: Judged[] = [
    { logits: [3, 1, 0, -1], wanted: 0 },
    { logits: [3, 2, 1, 0], wanted: 2 },
    { logits: [3, 2, 1, 0], wanted: 3 },
    { logits: [0, 9, 1, 0], wanted: 1 },
  ];

  it("count the right class first, and among the first three", () => {
    expect(scoreOf(judged)).toEqual({ photos: 4, top1: 0.5, top3: 0.75, balancedTop1: 0.5 });
    expect(scoreOf([])).toEqual({ photos: 0, top1: 0, top3: 0, balancedTop1: 0 });
  });

  it("show what is taken for what", () => {
    expect(confusionOf(judged, 4)).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
  });

  it("find the temperature at which the probabilities hold", () => {
    // Of photos with these logits three in four are right, so the honest logit is ln 3; it is stated four times too high.
    const sure = Array.from({ length: 400 }, (_, i) => ({ logits: [4 * Math.log(3), 0], wanted: i % 4 === 0 ? 1 : 0 }));
    const temperature = fitTemperature(sure);
    expect(temperature).toBeCloseTo(4, 3);
    expect(calibrationError(sure, temperature)).toBeCloseTo(0, 4);
    expect(calibrationError(sure, 1)).toBeCloseTo(81 / 82 - 0.75, 4);
  });
});

describe("random numbers", () => {
  it("are the same for a seed and spread over [0, 1)", () => {
    const draw = (seed: number) => Array.from({ length: 1000 }, randomFrom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    const mean = draw(7).reduce((a, b) => a + b, 0) / 1000;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
    expect(Math.max(...draw(7))).toBeLessThan(1);
  });

  it("shuffle without losing anything", () => {
    const list = shuffle([...Array(50).keys()], randomFrom(1));
    expect(list).not.toEqual([...Array(50).keys()]);
    expect([...list].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
  });
});
