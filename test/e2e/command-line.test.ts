import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { ScanResultBody } from "../../services/scan/scan.contract.ts";
import { type House, houseEnvironment, startHouse } from "../house.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let house: House;
/** Where the person types the commands. */
let desk: string;
beforeAll(async () => {
  house = await startHouse();
  desk = mkdtempSync(join(tmpdir(), "eco2-desk-"));
}, 120_000);
afterAll(async () => {
  await house.stop();
  rmSync(desk, { recursive: true, force: true });
});

/** Runs a command as npm does, its output not on a terminal. */
async function command(script: "ask" | "scan", args: string[], dataDir = house.dataDir) {
  const env = { ...houseEnvironment(dataDir), PORT: "3000", INIT_CWD: desk };
  const child = spawn(process.execPath, [`scripts/${script}.ts`, ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}
const photo = (name: string) => join(root, "test/photos", name);
const stagesIn = (stderr: string) =>
  stderr
    .trim()
    .split("\n")
    .map(line => line.replace(/ [\d.]+초$/, ""));

describe("npm run scan", () => {
  it("shows the stages as they happen and then the answer, from the house that runs", async () => {
    const { code, stdout, stderr } = await command("scan", [photo("carton.jpg"), "이거", "어떻게", "버려요?"]);
    expect(code).toBe(0);
    expect(stagesIn(stderr)).toEqual([
      "사진 올리기",
      "사진 살펴보기",
      "배출 기준 찾기",
      "답변 쓰기",
      "캐릭터 확인하기",
    ]);
    for (const part of [
      "재활용폐기물 › 종이팩",
      "혹시:",
      "버리는 방법",
      "  1. ",
      "답변",
      "출처",
      "https://www.law.go.kr/",
      "on-device",
    ])
      expect(stdout).toContain(part);
    expect(stdout).not.toContain("\u001b[");
  }, 60_000);

  it("gives the whole result as JSON to programs, and nothing else", async () => {
    const { code, stdout, stderr } = await command("scan", ["--json", photo("glass.jpg")]);
    expect([code, stderr]).toEqual([0, ""]);
    const result = JSON.parse(stdout) as ScanResultBody;
    expect(result.pipeline_result?.classification_result.classification.middle_category).toBe("유리병");
  }, 60_000);

  it("finds files from where it was typed, and says what is wrong with one", async () => {
    writeFileSync(join(desk, "empty.jpg"), "");
    writeFileSync(join(desk, "text.jpg"), "no picture at all");
    writeFileSync(join(desk, "huge.jpg"), Buffer.alloc(11 * 1024 * 1024, 0xff));
    writeFileSync(join(desk, "clip.gif"), "GIF89a");
    const outcomes = await Promise.all(
      [["nope.jpg"], ["."], ["empty.jpg"], ["huge.jpg"], ["text.jpg"], ["clip.gif"], [], ["--colour", "x.jpg"]].map(
        async args => {
          const { code, stdout, stderr } = await command("scan", args);
          expect(stdout).toBe("");
          return [code, stderr.split("\n").find(line => line.startsWith("✗"))];
        },
      ),
    );
    expect(outcomes).toEqual([
      [64, "✗ 그런 파일이 없어요: nope.jpg"],
      [64, "✗ 파일이 아니라 폴더예요: ."],
      [64, "✗ 빈 파일이에요: empty.jpg"],
      [64, "✗ 사진이 너무 커요 (10 MiB까지): huge.jpg"],
      [1, "✗ 사진을 읽을 수 없어요. (The file is not a picture.)"],
      [1, expect.stringMatching(/^✗ 이 형식의 사진은 받을 수 없어요.*GIF/)],
      [64, '✗ 사진을 골라 주세요: npm run scan -- photo.jpg "질문"'],
      [64, expect.stringContaining("--colour")],
    ]);
  }, 60_000);
});

describe("npm run ask", () => {
  it("opens a house where none runs, answers, and leaves nothing running", async () => {
    const dataDir = join(desk, "data");
    const { code, stdout, stderr } = await command("ask", ["깨진 컵은 어떻게 버려요?"], dataDir);
    expect(stagesIn(stderr)).toEqual(["Eco²를 여는 중", "답을 찾는 중"]);
    expect(code).toBe(0);
    expect(stdout).toContain("불연성종량제폐기물");
    expect(stdout).toContain("출처");
    expect(existsSync(join(dataDir, "house.json"))).toBe(false);
    expect(existsSync(join(dataDir, "lock.json"))).toBe(false);
  }, 120_000);

  it("explains itself", async () => {
    const { code, stdout } = await command("ask", ["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain('npm run ask -- "');
  });
});
