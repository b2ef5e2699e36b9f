import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { listPhotos, type Photo } from "../../mixins/vision/training/list-photos.ts";
import { blocksOf, foldsOf, splitPhotos } from "../../mixins/vision/training/split-photos.ts";

const shots = (label: Photo["label"], count: number, origin = ""): Photo[] =>
  Array.from({ length: count }, (_, i) => ({ file: `${label}/${origin}${i}.jpg`, label, source: "", origin }));

describe("splitting photos", () => {
  const photos = [
    ...shots("glass", 400),
    ...shots("general", 70),
    ...shots("carton", 45, "milk/"),
    ...shots("carton", 55, "soy/"),
  ];
  const split = splitPhotos(photos);

  it("puts every photo on one side, some 70 : 10 : 20 in each class", () => {
    const all = [...split.train, ...split.calibration, ...split.test].sort((a, b) => a - b);
    expect(all).toEqual(photos.map((_, i) => i));
    for (const label of ["glass", "general", "carton"]) {
      const whole = photos.filter(photo => photo.label === label).length;
      const of = (side: number[]) => side.filter(i => photos[i]!.label === label).length / whole;
      expect(of(split.test)).toBeGreaterThan(0.14);
      expect(of(split.test)).toBeLessThan(0.3);
      expect(of(split.calibration)).toBeGreaterThan(0.05);
      expect(of(split.train)).toBeGreaterThan(0.55);
    }
  });

  it("keeps neighbours together: a block is on one side, and never spans two origins", () => {
    const side = new Map<number, string>();
    for (const [name, list] of Object.entries(split)) for (const i of list as number[]) side.set(i, name);
    const blocks = Map.groupBy(
      photos.map((_, i) => i),
      i => blocksOf(photos)[i],
    );
    for (const members of blocks.values()) {
      expect(new Set(members.map(i => side.get(i))).size).toBe(1);
      expect(new Set(members.map(i => photos[i]!.origin)).size).toBe(1);
      expect(members).toEqual(members.map((_, n) => members[0]! + n));
      expect(members.length).toBeLessThanOrEqual(20);
    }
    expect(blocks.size).toBe(400 / 20 + 10 + 5 + 6);
  });

  it("is the same every time", () => {
    expect(splitPhotos(structuredClone(photos))).toEqual(split);
  });

  it("deals whole groups to folds", () => {
    const folds = foldsOf(
      photos,
      2,
      photos.map(photo => photo.origin),
    );
    const of = (origin: string) => new Set(photos.flatMap((photo, i) => (photo.origin === origin ? [folds[i]] : [])));
    expect([...of("milk/"), ...of("soy/")].sort()).toEqual([0, 1]);
  });
});

describe("listing photos", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "eco2-photos-"));
    for (const file of ["glass/2.jpg", "glass/10.jpg", "glass/1.PNG", "glass/notes.txt", "food/a.webp"]) {
      mkdirSync(join(folder, file, ".."), { recursive: true });
      writeFileSync(join(folder, file), "");
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("goes by the numbers in the names and takes pictures only", () => {
    expect(listPhotos(folder).map(({ file }) => file)).toEqual([
      "food/a.webp",
      "glass/1.PNG",
      "glass/2.jpg",
      "glass/10.jpg",
    ]);
  });

  it("goes by where they come from, as far as index.csv tells, their old train and test folders aside", () => {
    const index = [
      "file,class,source,source_path",
      "glass/2.jpg,glass,shop,train/jar/12.jpg",
      "glass/10.jpg,glass,shop,test/jar/9.jpg",
      "glass/1.PNG,glass,shop,train/bottle/1.jpg",
    ];
    writeFileSync(join(folder, "index.csv"), `${index.join("\r\n")}\r\n`);
    const glass = listPhotos(folder).filter(({ label }) => label === "glass");
    expect(glass.map(({ file, source, origin }) => [file, source, origin])).toEqual([
      ["glass/1.PNG", "shop", "/bottle/"],
      ["glass/10.jpg", "shop", "/jar/"],
      ["glass/2.jpg", "shop", "/jar/"],
    ]);
  });

  it("refuses a folder that is no label, and an empty one", () => {
    mkdirSync(join(folder, "lamp"));
    expect(() => listPhotos(folder)).toThrow("lamp");
    rmSync(join(folder, "lamp"), { recursive: true });
    rmSync(join(folder, "glass"), { recursive: true });
    rmSync(join(folder, "food"), { recursive: true });
    expect(() => listPhotos(folder)).toThrow("no photo");
  });
});
