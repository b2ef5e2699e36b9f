import { isWasteLabel, type LabelMeaning, type WasteLabel } from "./waste-labels.ts";

/** A label with what it stands for, as a head was trained with it. */
export interface HeadClass extends LabelMeaning {
  readonly label: WasteLabel;
}

/** One class with the share that the head gives it. */
export interface Candidate extends HeadClass {
  /** 0 … 1, calibrated; all candidates of a picture add up to 1. */
  readonly probability: number;
}

/** The numbers of a head: logit of class c = bias[c] + Σ feature[i] · weights[c · featureCount + i]. */
export interface HeadWeights {
  readonly featureCount: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  /** Logits are divided by it before the softmax; chosen on photos that the head had not seen. */
  readonly temperature: number;
}
export interface Head extends HeadWeights {
  readonly version: string;
  readonly classes: readonly HeadClass[];
}

/** `HeadWeights` as JSON: each class' weights as 16-bit integers (base64, little endian) of one scale. */
export interface PackedWeights {
  readonly featureCount: number;
  readonly temperature: number;
  readonly bias: readonly number[];
  readonly scale: readonly number[];
  readonly weights: readonly string[];
}
/** What `head.json` must hold to be used; what it says of its making stands beside it. */
export interface HeadFile extends PackedWeights {
  readonly version: string;
  readonly net: string;
  readonly classes: readonly HeadClass[];
}

const MAX_INT16 = 32_767;

/** @returns the file's numbers, to within 1/65 000 of each class' largest weight */
export function packWeights({ featureCount, weights, bias, temperature }: HeadWeights): PackedWeights {
  const rows = Array.from(bias, (_, c) => weights.subarray(c * featureCount, (c + 1) * featureCount));
  const scale = rows.map(row => row.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / MAX_INT16 || 1);
  return {
    featureCount,
    temperature,
    bias: Array.from(bias),
    scale,
    weights: rows.map((row, c) => packRow(row, scale[c] ?? 1)),
  };
}

/** @throws Error when the numbers don't fit together */
export function unpackWeights(packed: PackedWeights): HeadWeights {
  const { featureCount, temperature, bias, scale } = packed;
  const weights = new Float32Array(bias.length * featureCount);
  if (scale.length !== bias.length || packed.weights.length !== bias.length || !(temperature > 0))
    throw new Error("The head's weights, scales and biases don't fit together.");
  for (const [c, text] of packed.weights.entries()) {
    const row = Buffer.from(text, "base64");
    if (row.length !== featureCount * 2) throw new Error(`The head's weights of class ${c} are cut off.`);
    for (let i = 0; i < featureCount; i++) weights[c * featureCount + i] = row.readInt16LE(i * 2) * (scale[c] ?? 0);
  }
  return { featureCount, weights, bias: Float32Array.from(bias), temperature };
}

function packRow(row: Float32Array, scale: number): string {
  const bytes = Buffer.alloc(row.length * 2);
  for (const [i, weight] of row.entries()) bytes.writeInt16LE(Math.round(weight / scale), i * 2);
  return bytes.toString("base64");
}

/**
 * Makes a head of its file.
 * @param net what the features come from; a head of another net would answer nonsense with confidence
 * @throws Error when the file is not a head for that net
 */
export function readHead(file: HeadFile, net: string): Head {
  if (file.net !== net) throw new Error(`The head was trained on ${file.net}, not on ${net}.`);
  if (file.classes.length !== file.bias.length) throw new Error("The head's classes and weights don't fit together.");
  const stranger = file.classes.find(({ label }) => !isWasteLabel(label));
  if (stranger) throw new Error(`The head knows a label that the house doesn't: ${stranger.label}`);
  return { version: file.version, classes: file.classes, ...unpackWeights(file) };
}

/** Shares of e^(logit / temperature); they add up to 1 for any finite logits. */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const scaled = Float64Array.from(logits, logit => logit / temperature);
  const most = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
  const shares = scaled.map(logit => Math.exp(logit - most));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map(share => share / sum);
}

/** @throws Error when the features are not of the head's length */
export function logitsOf({ featureCount, weights, bias }: Omit<HeadWeights, "temperature">, features: Float32Array) {
  if (features.length !== featureCount)
    throw new Error(`The head takes ${featureCount} features, not ${features.length}.`);
  return Float64Array.from(bias, (start, c) => {
    let sum = start;
    for (let i = 0; i < featureCount; i++) sum += (features[i] ?? 0) * (weights[c * featureCount + i] ?? 0);
    return sum;
  });
}

/** Every class of the head with its probability, best first. */
export function rankClasses(head: Head, features: Float32Array): Candidate[] {
  const shares = softmax(logitsOf(head, features), head.temperature);
  return head.classes
    .map((entry, c) => ({ ...entry, probability: shares[c] ?? 0 }))
    .sort((a, b) => b.probability - a.probability);
}
