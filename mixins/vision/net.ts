import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { type GraphModel, loadGraphModel } from "@tensorflow/tfjs-converter";
import { concat, dispose, mean, setBackend, tensor4d, tidy } from "@tensorflow/tfjs-core";
import type { io, Tensor } from "@tensorflow/tfjs-core";
import { MobileNetV2MidModel } from "nsfwjs/models/mobilenet_v2_mid";
import { SIDE } from "./read-pixels.ts";

/**
 * A middle layer (14 × 14 × 816), a late one (7 × 7 × 1344) and the last convolution (7 × 7 × 1792). The last alone tells shapes; what
 * a thing is made of shows in the texture, which the earlier ones still have: in trials they took two of ten errors away.
 */
const FEATURE_NODES = ["expanded_conv_13/expand/Relu6", "expanded_conv_16/expand/Relu6", "MobilenetV2/Conv_1/Relu6"];

/** Order of the net's own classes (nsfwjs, `NSFW_CLASSES`): Drawing, Hentai, Neutral, Porn, Sexy. */
const UNSAFE_CLASSES = [1, 3];

/** nsfwjs' own types get lost on the way: they import without file endings. */
interface ShippedModel {
  modelJson(): Promise<{ default: io.ModelJSON }>;
  /** Parts of the weights, in order, in base64. */
  weightBundles: (() => Promise<{ default: string }>)[];
}

export interface Glance {
  features: Float32Array;
  /** Probability that the picture is pornographic, drawn or photographed: 0 … 1. */
  unsafe: number;
}

export interface Net {
  /** @param pixels SIDE × SIDE × RGB bytes. Blocks its thread for some 45 ms. */
  look(pixels: Uint8Array): Glance;
}

/**
 * Loads MobileNetV2 (width 1.4, weights of nsfwjs, MIT) from node_modules onto the wasm backend: nothing is downloaded.
 * Takes about 0.4 s and 100 MB, so it belongs into a thread of its own.
 */
export async function loadNet(): Promise<Net> {
  // CommonJS resolution, because the package names no exports and its wasm lies beside its main file.
  const wasmFolder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(wasmFolder + sep);
  setThreadsCount(1);
  if (!(await setBackend("wasm"))) throw new Error("The wasm backend of the vision net did not start.");
  const artifacts = await readArtifacts();
  const model = await loadGraphModel({ load: async () => artifacts });
  const nodes = [...FEATURE_NODES.map(ending => findNode(artifacts, ending)), "Identity"];
  return { look: pixels => look(model, nodes, pixels) };
}

async function readArtifacts(): Promise<io.ModelArtifacts> {
  const shipped = MobileNetV2MidModel as ShippedModel;
  const { default: json } = await shipped.modelJson();
  const shards = await Promise.all(shipped.weightBundles.map(async load => (await load()).default));
  const weights = Buffer.concat(shards.map(shard => Buffer.from(shard, "base64")));
  return {
    modelTopology: json.modelTopology,
    weightSpecs: json.weightsManifest.flatMap(group => group.weights),
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.length),
  };
}

/** A node's full name carries the path it was exported under. */
function findNode({ modelTopology }: io.ModelArtifacts, ending: string): string {
  const { node } = modelTopology as { node: { name: string }[] };
  const found = node.find(({ name }) => name.endsWith(ending));
  if (!found) throw new Error(`The vision net has no node ${ending}: nsfwjs has changed.`);
  return found.name;
}

function look(model: GraphModel, nodes: string[], pixels: Uint8Array): Glance {
  const [features, safety] = tidy<[Tensor, Tensor]>(() => {
    const picture = tensor4d(scale(pixels), [1, SIDE, SIDE, 3]);
    // One pass for all; `execute` gives as many tensors as nodes are named.
    const [middle, late, last, classes] = model.execute(picture, nodes) as [Tensor, Tensor, Tensor, Tensor];
    const means = [middle, late, last].map(layer => mean(layer, [1, 2]));
    return [concat(means, 1), classes];
  });
  const glance = { features: Float32Array.from(features.dataSync()), unsafe: unsafeOf(safety.dataSync()) };
  dispose([features, safety]);
  return glance;
}

/** Bytes to 0 … 1. A plain loop: `Float32Array.from` with a function takes as long as the net itself. */
function scale(pixels: Uint8Array): Float32Array {
  const scaled = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) scaled[i] = (pixels[i] ?? 0) / 255;
  return scaled;
}

const unsafeOf = (classes: ArrayLike<number>): number =>
  Math.min(
    1,
    UNSAFE_CLASSES.reduce((sum, index) => sum + (classes[index] ?? 0), 0),
  );
