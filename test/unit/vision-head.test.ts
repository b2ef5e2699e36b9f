import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import {
  type Head,
  type HeadFile,
  packWeights,
  rankClasses,
  readHead,
  softmax,
  unpackWeights,
} from "../../mixins/vision/head.ts";
import { FEATURES, NET_ID } from "../../mixins/vision/net-facts.ts";
import type { HeadReport } from "../../mixins/vision/training/head-report.ts";
import { writeModelCard } from "../../mixins/vision/training/write-model-card.ts";
import { type WasteLabel, wasteLabels } from "../../mixins/vision/waste-labels.ts";

const folder = new URL("../../mixins/vision/", import.meta.url);
const shipped = JSON.parse(readFileSync(new URL("head.json", folder), "utf8")) as HeadReport;
const classOf = (label: WasteLabel) => ({ label, ...wasteLabels[label] });

describe("softmax", () => {
  it("gives shares that add up to one, in the order of the logits", () => {
    const shares = softmax([1, 3, 2]);
    expect(shares[0]! + shares[1]! + shares[2]!).toBeCloseTo(1, 12);
    expect(shares[1]).toBeCloseTo(Math.exp(3) / (Math.exp(1) + Math.exp(2) + Math.exp(3)), 12);
    expect(shares[1]).toBeGreaterThan(shares[2]!);
    expect(shares[2]).toBeGreaterThan(shares[0]!);
  });

  it("does not overflow on large logits, nor underflow to nothing on very negative ones", () => {
    expect([...softmax([5000, 4000])]).toEqual([1, 0]);
    expect([...softmax([-5000, -5000])]).toEqual([0.5, 0.5]);
  });

  it("grows less sure with a higher temperature", () => {
    expect(Math.max(...softmax([2, 0], 4))).toBeLessThan(Math.max(...softmax([2, 0], 1)));
    expect(softmax([2, 0], 4)[0]).toBeCloseTo(softmax([0.5, 0])[0]!, 12);
  });
});

describe("packed weights", () => {
  const weights = Float32Array.from([0.5, -2, 1e-3, 0, 0, 0, 30, -29.5, 0.01]);
  const head = { featureCount: 3, weights, bias: Float32Array.from([0.25, -1, 2]), temperature: 1.5 };

  it("come back to within half a step of each class' scale", () => {
    const back = unpackWeights(JSON.parse(JSON.stringify(packWeights(head))) as ReturnType<typeof packWeights>);
    for (const [i, weight] of weights.entries()) {
      const most = [2, 0, 30][Math.floor(i / 3)]!;
      expect(Math.abs(back.weights[i]! - weight)).toBeLessThanOrEqual((most / 32_767) * 0.5001);
    }
    expect([...back.bias]).toEqual([...head.bias]);
    expect(back).toMatchObject({ featureCount: 3, temperature: 1.5 });
  });

  it("are refused when they are cut off or don't fit together", () => {
    const packed = packWeights(head);
    const cut = { ...packed, weights: packed.weights.map(row => row.slice(0, 4)) };
    expect(() => unpackWeights(cut)).toThrow("cut off");
    expect(() => unpackWeights({ ...packed, scale: [1] })).toThrow("fit together");
    expect(() => unpackWeights({ ...packed, temperature: 0 })).toThrow("fit together");
  });
});

describe("a head", () => {
  const packed = packWeights({
    featureCount: 2,
    weights: Float32Array.from([1, 0, 0, 1]),
    bias: Float32Array.from([0, 0]),
    temperature: 1,
  });
  const file: HeadFile = { version: "t", net: "n", classes: [classOf("glass"), classOf("metal")], ...packed };

  it("ranks every class, best first, with what it stands for", () => {
    const ranked = rankClasses(readHead(file, "n"), Float32Array.from([0, Math.log(3)]));
    expect(ranked.map(({ label }) => label)).toEqual(["metal", "glass"]);
    expect(ranked[0]).toMatchObject({ major: "재활용폐기물", middle: "금속류" });
    expect(ranked[0]!.probability).toBeCloseTo(0.75, 3);
    expect(ranked[1]!.probability).toBeCloseTo(0.25, 3);
  });

  it("refuses features of another length, another net, and labels that are not of the house", () => {
    const head: Head = readHead(file, "n");
    expect(() => rankClasses(head, new Float32Array(3))).toThrow("takes 2 features, not 3");
    expect(() => readHead(file, "m")).toThrow("trained on n, not on m");
    const strange = { ...file, classes: [classOf("glass"), { ...classOf("metal"), label: "lamp" as WasteLabel }] };
    expect(() => readHead(strange, "n")).toThrow("lamp");
    expect(() => readHead({ ...file, classes: [classOf("glass")] }, "n")).toThrow("fit together");
  });
});

describe("the shipped head", () => {
  it("is small, fits the net and knows every label of the house with its class", () => {
    expect(statSync(new URL("head.json", folder)).size).toBeLessThan(300_000);
    const head = readHead(shipped, NET_ID);
    expect(head.featureCount).toBe(FEATURES);
    expect(Object.fromEntries(head.classes.map(({ label, ...meaning }) => [label, meaning]))).toEqual(wasteLabels);
  });

  it("tells where its photos come from and under what licence", () => {
    expect(shipped.data.sources.map(({ licence }) => licence)).not.toContain("UNKNOWN");
    const total = Object.values(shipped.data.photos).reduce((a, b) => a + b, 0);
    expect(shipped.data.sources.reduce((sum, { photos }) => sum + photos, 0)).toBe(total);
    expect(shipped.metrics.test.photos + shipped.training.photos).toBe(total);
  });

  it("is as good as its trials say the way of making it is", () => {
    const { test, confusion } = shipped.metrics;
    expect(test.top1).toBeGreaterThan(0.79);
    expect(test.top3).toBeGreaterThan(0.95);
    expect(test.calibrationError).toBeLessThan(0.08);
    expect(confusion.flat().reduce((a, b) => a + b, 0)).toBe(test.photos);
  });

  it("has the model card that its report gives", () => {
    // The formatter may pad tables; the words and figures are the same.
    const bare = (text: string) => text.replaceAll(/[\s-]+/g, " ");
    expect(bare(readFileSync(new URL("MODEL_CARD.md", folder), "utf8"))).toBe(bare(writeModelCard(shipped)));
  });
});

describe("waste labels", () => {
  it("name classes that the house has rules for; a major without middles is repeated", () => {
    const middles = ["종이", "종이팩", "무색페트병", "플라스틱류", "비닐류", "유리병", "금속류", "의류및원단"];
    const majors = ["일반종량제폐기물", "불연성종량제폐기물", "음식물류폐기물"];
    for (const meaning of Object.values(wasteLabels))
      for (const { major, middle } of [meaning, ...meaning.also])
        if (major === "재활용폐기물") expect(middles).toContain(middle);
        else expect([majors.includes(major), middle]).toEqual([true, major]);
  });
});
