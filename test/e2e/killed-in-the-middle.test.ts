import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { bodyOf, type Client, clientOf } from "../../scripts/client.ts";
import type { ScanResultBody } from "../../services/scan/scan.contract.ts";
import { makePicture } from "../builders/picture.builder.ts";
import { type House, startHouse } from "../house.ts";

const SCANS = 10;

let house: House;
let minji: Client;

beforeAll(async () => {
  house = await startHouse();
  minji = await house.signIn("민지");
}, 120_000);
afterAll(() => house.stop());

describe("killing the process with SIGKILL in the middle of ten scans and starting again", () => {
  it("finishes all ten, each once", async () => {
    const photo = await minji.upload(Uint8Array.from(await makePicture()), { name: "photo.jpg", type: "image/jpeg" });
    const jobs = await Promise.all(
      Array.from({ length: SCANS }, async (_, n) => {
        const answer = await minji.post("/api/v1/scan", { image_url: photo, user_input: `${n}번째` });
        return bodyOf(answer) as { job_id: string; stream_url: string; result_url: string };
      }),
    );
    const finished = await untilTheMiddle(
      minji,
      jobs.map(job => job.stream_url),
    );
    expect(finished).toBeLessThan(SCANS);
    expect(await house.kill("SIGKILL")).toBeNull();
    await house.restart();

    // The session has survived too: the same cookies, another process.
    const again = clientOf(house.url);
    for (const [name, value] of minji.cookies) again.cookies.set(name, value);
    const results = await Promise.all(jobs.map(job => resultOf(again, job)));
    expect(results.map(({ task_id }) => task_id)).toEqual(jobs.map(({ job_id }) => job_id));
    expect(results.map(({ error }) => error)).toEqual(jobs.map(() => null));
    expect(results.map(result => result.pipeline_result?.classification_result.meta.user_input)).toEqual(
      jobs.map((_, n) => `${n}번째`),
    );
    // The same photo wins the same character: the first of the ten gets it, whoever that is, and no repeat gets it again.
    const granted = results.filter(({ reward }) => reward?.received === true);
    const rewarded = results.filter(({ reward }) => reward !== null);
    expect(granted).toHaveLength(rewarded.length === 0 ? 0 : 1);
  }, 240_000);

  it("leaves nothing to do for the next start", async () => {
    await house.restart();
    const client = clientOf(house.url);
    for (const [name, value] of minji.cookies) client.cookies.set(name, value);
    expect((await client.get("/api/v1/users/me")).status).toBe(200);
  }, 120_000);
});

/** Listens to all of them until the first has been looked at; by then the others wait, run or are done. @returns how many are done */
async function untilTheMiddle(client: Client, paths: string[]): Promise<number> {
  const leave = new AbortController();
  const { promise: classified, resolve } = Promise.withResolvers<void>();
  let finished = 0;
  const listen = async (path: string) => {
    for await (const { event, data } of client.events(path, { signal: leave.signal })) {
      if (event === "done") finished++;
      if (event === "vision" && data["status"] === "completed") resolve();
    }
  };
  const listening = paths.map(listen);
  await classified;
  leave.abort();
  await Promise.allSettled(listening);
  return finished;
}

/** Follows the job to its end, then reads the result like the app does. */
async function resultOf(client: Client, job: { stream_url: string; result_url: string }): Promise<ScanResultBody> {
  for await (const { event } of client.events(job.stream_url)) if (event === "done") break;
  return bodyOf(await client.get(job.result_url)) as ScanResultBody;
}
