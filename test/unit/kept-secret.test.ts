import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";

const folder = mkdtempSync(join(tmpdir(), "eco2-kept-"));
process.env["DATA_DIR"] = join(folder, "data");
const { keptSecret } = await import("../../mixins/kept-secret.ts");
const dataDir = join(folder, "data");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a kept secret", () => {
  it("is made once and stays the same", () => {
    expect(keptSecret("one.secret", () => "first")).toBe("first");
    expect(keptSecret("one.secret", () => "second")).toBe("first");
  });

  it("belongs to the owner alone and leaves no half-made file behind", () => {
    keptSecret("two.secret", () => "x");
    expect(statSync(join(dataDir, "two.secret")).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir).filter(name => name.startsWith("."))).toEqual([]);
  });

  it("yields to the process that was quicker", () => {
    const kept = keptSecret("three.secret", () => {
      writeFileSync(join(dataDir, "three.secret"), "theirs");
      return "ours";
    });
    expect(kept).toBe("theirs");
  });

  it("takes back a mode that a restore has widened", () => {
    writeFileSync(join(dataDir, "four.secret"), "x", { mode: 0o644 });
    keptSecret("four.secret", () => "y");
    expect(statSync(join(dataDir, "four.secret")).mode & 0o777).toBe(0o600);
  });

  it("refuses an empty file instead of signing with nothing", () => {
    writeFileSync(join(dataDir, "five.secret"), "\n");
    expect(() => keptSecret("five.secret", () => "y")).toThrow(/is empty/);
  });

  it.each(["../x", "a/b", "", ".hidden", "A"])("takes no name that leaves the folder: %j", name => {
    expect(() => keptSecret(name, () => "y")).toThrow(/Not a file name/);
  });
});
