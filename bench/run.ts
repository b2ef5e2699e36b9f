/** `npm run bench [-- places]`: measures the house on this machine against the targets it was built for, and prints a table. */
import { mkdtempSync, rmSync } from "node:fs";
import { arch, cpus, platform, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { searchItems } from "../mixins/knowledge/search-items.ts";
import { bodyOf, type Client, clientOf } from "../scripts/client.ts";
import { type HouseProcess, spawnHouse } from "../scripts/house-process.ts";
import type { ScanResultBody } from "../services/scan/scan.contract.ts";
import { note as noteRow, type Row, table } from "./rows.ts";
import { repeat, sampleOf } from "./sample.ts";
import { installedMb, residentMb } from "./weigh.ts";

const STARTS = 5;
const SCANS = 20;
const QUESTIONS = 30;
const RETRIEVALS = 1_000;
const IDLE_MS = 5_000;

const questions = [
  "깨진 컵은 어떻게 버려요?",
  "다 쓴 건전지는 어디에 버려요?",
  "우유팩도 종이로 버리나요?",
  "치킨 먹고 남은 뼈",
  "오래된 소파를 버리고 싶어요",
];
const question = (n: number): string => questions[n % questions.length] ?? "";

const rows: Row[] = [];
const note = (what: string, value: number, unit: "ms" | "MB", most?: number, detail = ""): void =>
  noteRow(rows, what, value, unit, { detail, ...(most === undefined ? {} : { most }) });
const worst = (p95: number, count: number): string => `  (p95 ${p95.toFixed(p95 < 10 ? 2 : 0)} ms, n = ${count})`;

async function start(dataDir: string): Promise<{ house: HouseProcess; tookMs: number }> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, TMPDIR, PORT: "0", DATA_DIR: dataDir, LOG_LEVEL: "warn", LOG_FORMAT: "json" };
  const startedAt = performance.now();
  const house = await spawnHouse({ env });
  return { house, tookMs: performance.now() - startedAt };
}

/** A photo of 12 megapixels with the grain and the size in bytes of a phone's. */
async function makePhoto(): Promise<Buffer<ArrayBuffer>> {
  const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
  const grain = await sharp({ create: { width: 1000, height: 750, channels: 3, background: "#808080", noise } })
    .png()
    .toBuffer();
  return Buffer.from(await sharp(grain).resize(4000, 3000, { kernel: "cubic" }).jpeg({ quality: 85 }).toBuffer());
}

/** From the file to the answer, as the app does it. */
async function scan(client: Client, photo: Buffer<ArrayBuffer>): Promise<void> {
  const imageUrl = await client.upload(photo, { name: "photo.jpg", type: "image/jpeg" });
  const job = bodyOf(await client.post("/api/v1/scan", { image_url: imageUrl })) as { stream_url: string };
  for await (const { event, data } of client.events(job.stream_url)) {
    if (event !== "done") continue;
    const { error } = data["result"] as ScanResultBody;
    if (error !== null) throw new Error(`the scan ended with ${error}`);
    return;
  }
  throw new Error("the stream ended before the scan");
}

async function ask(client: Client, text: string): Promise<void> {
  const { error } = bodyOf(await client.post("/api/v1/scan/classify", { user_input: text })) as ScanResultBody;
  if (error !== null) throw new Error(`the question ended with ${error}`);
}

async function chatWith(client: Client, chat: string, message: string): Promise<void> {
  const { job_id: job } = bodyOf(await client.post(`/api/v1/chat/${chat}/messages`, { message })) as { job_id: string };
  for await (const { event } of client.events(`/api/v1/chat/${job}/events`)) if (event === "done") return;
  throw new Error("the stream ended before the answer");
}

async function measureStarts(dataDir: string): Promise<HouseProcess> {
  const first = await start(dataDir);
  note("first-ever start to /ready", first.tookMs, "ms", 10_000);
  let { house } = first;
  const warmMs: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    await house.end("SIGTERM");
    const again = await start(dataDir);
    warmMs.push(again.tookMs);
    house = again.house;
  }
  const warm = sampleOf(warmMs);
  note("warm start to /ready, p50", warm.p50, "ms", 3_000, worst(warm.p95, warm.count));
  return house;
}

async function measureHouse(house: HouseProcess): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, IDLE_MS));
  note("memory at rest", residentMb(house.pid), "MB", 500);
  const client = clientOf(house.url);
  await client.signIn("bench");
  const asked = await repeat(QUESTIONS, n => ask(client, question(n)));
  note("question to answer, p50", asked.p50, "ms", undefined, worst(asked.p95, asked.count));
  const { id: chat } = bodyOf(await client.post("/api/v1/chat", {})) as { id: string };
  const answered = await repeat(QUESTIONS, n => chatWith(client, chat, question(n)));
  note("message of a chat to the whole answer, p95", answered.p95, "ms", 50, `  (p50 ${answered.p50.toFixed(0)} ms)`);
  const photo = await makePhoto();
  const first = await repeat(1, () => scan(client, photo));
  note("first scan, which loads the net", first.p50, "ms");
  const scans = await repeat(SCANS, () => scan(client, photo));
  const size = `${(photo.length / 1e6).toFixed(1)} MB`;
  note(`scan of a 12 MP JPEG (${size}), p50`, scans.p50, "ms", 1_000, worst(scans.p95, scans.count));
  note("memory after the scans", residentMb(house.pid), "MB");
}

async function measureRetrieval(): Promise<void> {
  searchItems(question(0)); // builds the index
  const found = await repeat(RETRIEVALS, async n => searchItems(question(n)));
  note("retrieval from the knowledge, p50", found.p50, "ms", 2, worst(found.p95, found.count));
}

function print(): void {
  const [cpu] = cpus();
  process.stdout.write(
    `\n${cpu?.model.trim() ?? "unknown CPU"} × ${cpus().length}, ${(totalmem() / 1e9).toFixed(0)} GB · ` +
      `${platform()} ${release()} ${arch()} · Node ${process.versions.node}\n\n`,
  );
  for (const line of table(rows)) process.stdout.write(`${line}\n`);
}

async function measureAll(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "eco2-bench-"));
  let running: HouseProcess | undefined;
  try {
    running = await measureStarts(dataDir);
    await measureHouse(running);
    await measureRetrieval();
    note(
      "installed, without development packages and Node",
      installedMb(fileURLToPath(new URL("..", import.meta.url))),
      "MB",
      450,
    );
  } finally {
    await running?.end("SIGTERM");
    rmSync(dataDir, { recursive: true, force: true });
    print();
  }
}

const [suite] = process.argv.slice(2);
if (suite === "places") await import("./places.ts");
else await measureAll();
