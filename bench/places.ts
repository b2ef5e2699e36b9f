/** `npm run bench -- places`: the map's index alone and through the gateway, its scale, and the import. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Agent, get } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGeoIndex } from "../mixins/geo/geo-index.ts";
import { clientOf } from "../scripts/client.ts";
import { spawnHouse } from "../scripts/house-process.ts";
import { note, type Row, table } from "./rows.ts";
import { repeat } from "./sample.ts";
import { measureImport } from "./weigh-import.ts";

const SITES = 15_000;
const QUERIES = 2_000;
const REQUESTS = 3_000;
const CONNECTIONS = 32;
const SCALES = [1_000, 10_000, 100_000, 1_000_000];
const IMPORTED = 100_000;

/** The same numbers at every run, so that runs can be compared. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296) / 4_294_967_296;
}

const next = numbers(7);
const spot = () => ({ latitude: 34.5 + next() * 3.3, longitude: 126.5 + next() * 2.8 });

async function measureIndex(rows: Row[]): Promise<void> {
  const index = buildGeoIndex(Array.from({ length: SITES }, spot));
  for (const [radiusM, target] of [
    [5_000, 0.05],
    [50_000, 0.1],
  ] as const) {
    const look = async () => index.nearest(spot(), radiusM, 200);
    await repeat(QUERIES, look);
    const { p50, p95 } = await repeat(QUERIES, look);
    note(rows, `nearest 200 of ${SITES} within ${radiusM / 1000} km, p50`, p50, "ms", {
      most: target,
      detail: `  (p95 ${p95.toFixed(3)} ms)`,
    });
  }
  for (const size of SCALES) {
    global.gc?.();
    const before = process.memoryUsage();
    const sites = Array.from({ length: size }, spot);
    const startedAt = performance.now();
    const big = buildGeoIndex(sites);
    const builtMs = performance.now() - startedAt;
    const after = process.memoryUsage();
    const { p50 } = await repeat(500, async () => big.nearest(spot(), 5_000, 200));
    const mb = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6;
    note(rows, `  ${size} sites: 5 km p50`, p50, "ms", {
      detail: `  (built in ${builtMs.toFixed(0)} ms, about ${mb.toFixed(0)} MB)`,
    });
  }
}

/** Requests a second over `CONNECTIONS` kept connections. */
async function rate(url: URL, headers: Record<string, string>): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      get(url, { agent, headers }, res => {
        res.resume();
        res.once("end", () =>
          res.statusCode === 200 ? resolve() : reject(new Error(`the answer is ${res.statusCode}`)),
        );
      }).once("error", reject);
    });
  const run = async (times: number) => {
    let left = times;
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        while (left-- > 0) await ask();
      }),
    );
  };
  await run(REQUESTS / 3);
  const startedAt = performance.now();
  await run(REQUESTS);
  const perSecond = REQUESTS / ((performance.now() - startedAt) / 1000);
  agent.destroy();
  return perSecond;
}

async function measureGateway(rows: Row[], dataDir: string): Promise<void> {
  const { PATH, HOME, TMPDIR } = process.env;
  const house = await spawnHouse({
    env: { PATH, HOME, TMPDIR, PORT: "0", DATA_DIR: dataDir, LOG_LEVEL: "error", LOG_FORMAT: "json" },
  });
  try {
    const client = clientOf(house.url);
    await client.signIn("bench");
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const center = "lat=36.2&lon=127.9&store_category=all&pickup_category=all";
    for (const [what, query] of [
      ["a few rows", `${center}&radius=5000`],
      ["200 rows", `${center}&radius=50000`],
    ] as const) {
      const url = new URL(`/api/v1/locations/centers?${query}`, house.url);
      const { text, body } = await client.get(url.pathname + url.search);
      const bare = createServer((_req, res) => res.writeHead(200, { "content-type": "application/json" }).end(text));
      await once(bare.listen(0, "127.0.0.1"), "listening");
      const address = new URL(`http://127.0.0.1:${(bare.address() as AddressInfo).port}/`);
      const [ours, theirs] = [await rate(url, { cookie }), await rate(address, {})];
      bare.close();
      const detail = `  (${ours.toFixed(0)} of ${theirs.toFixed(0)} requests/s, ${(body as unknown[]).length} rows)`;
      note(rows, `/centers with ${what}, share of bare node:http`, ours / theirs, "×", { least: 0.5, detail });
    }
  } finally {
    await house.end("SIGTERM");
  }
}

function writeSites(path: string, count: number): void {
  const lines = ["source,key,name,road_address,latitude,longitude,items,attribution"];
  for (let n = 0; n < count; n += 1) {
    const { latitude, longitude } = spot();
    lines.push(
      `bench,${n},시험 장소 ${n},시험시 시험로 ${n},${latitude.toFixed(6)},${longitude.toFixed(6)},"캔, 종이팩",시험 자료`,
    );
  }
  writeFileSync(path, lines.join("\n"));
}

const folder = mkdtempSync(join(tmpdir(), "eco2-bench-places-"));
const rows: Row[] = [];
try {
  await measureIndex(rows);
  const [few, many] = [join(folder, "few.csv"), join(folder, "many.csv")];
  writeSites(few, SITES);
  writeSites(many, IMPORTED);
  const dataDir = join(folder, "data");
  await measureImport(few, dataDir);
  await measureGateway(rows, dataDir);
  const { tookS, peakMb } = await measureImport(many, join(folder, "other"));
  note(rows, `import of ${IMPORTED} rows`, tookS, "s", { most: 30 });
  note(rows, "  its memory at most, with the embedded database", peakMb, "MB", {});
} finally {
  rmSync(folder, { recursive: true, force: true });
  for (const line of table(rows)) process.stdout.write(`${line}\n`);
}
