import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { bodyOf, type Client, type StreamEvent } from "../../scripts/client.ts";
import type { PipelineResultBody, ScanResultBody } from "../../services/scan/scan.contract.ts";
import { makePicture } from "../builders/picture.builder.ts";
import { type House, startHouse } from "../house.ts";

let house: House;
let minji: Client;
let photo: string;

beforeAll(async () => {
  house = await startHouse();
  minji = await house.signIn("민지");
  photo = await minji.upload(await bytes(), { name: "photo.jpg", type: "image/jpeg" });
}, 120_000);
afterAll(() => house.stop());

const bytes = async () => Uint8Array.from(await makePicture());
interface Job {
  job_id: string;
  stream_url: string;
  result_url: string;
  status: string;
}
const submit = async (order: object, headers?: Record<string, string>) =>
  bodyOf(await minji.post("/api/v1/scan", order, headers)) as Job;

/** Everything the stream says until the server ends it, without the keepalives. */
async function listen(client: Client, path: string, lastEventId?: string): Promise<StreamEvent[]> {
  const heard: StreamEvent[] = [];
  for await (const event of client.events(path, lastEventId === undefined ? {} : { lastEventId }))
    if (event.event !== "keepalive") heard.push(event);
  return heard;
}
const line = (events: StreamEvent[]) => events.map(({ event, data }) => `${event} ${String(data["status"])}`);

/** Whole, sourced and honest, whatever the class. */
function expectAnswer(pipeline: PipelineResultBody | null, question: string): void {
  expect(pipeline).not.toBeNull();
  const { classification_result: seen, final_answer: answer, engine } = pipeline!;
  for (const name of Object.values(seen.classification)) expect(name).not.toBe("");
  expect(seen.candidates).toHaveLength(2);
  expect(seen.meta.user_input).toBe(question);
  expect(Object.keys(answer.disposal_steps)).toEqual(
    Object.keys(answer.disposal_steps).map((_, index) => `${index + 1}단계`),
  );
  for (const step of Object.values(answer.disposal_steps)) expect(step).not.toBe("");
  expect(answer.user_answer).toMatch(/[가-힣]/);
  expect(answer.citations.length).toBeGreaterThan(0);
  for (const { source } of answer.citations) expect(source).not.toBe("");
  expect(engine).toMatchObject({ name: "on-device", knowledge: expect.stringMatching(/^\d{4}-\d\d-\d\d\+/) });
}

describe("a photo becomes an answer", () => {
  it("told stage by stage, with the result there before done is said", async () => {
    const job = await submit({ image_url: photo, user_input: "이거 어떻게 버려요?" });
    expect(job).toEqual({
      job_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      stream_url: `/api/v1/scan/${job.job_id}/events`,
      result_url: `/api/v1/scan/${job.job_id}/result`,
      status: "queued",
    });
    const events: StreamEvent[] = [];
    let whenDone: { status: number; body: unknown } | undefined;
    for await (const event of minji.events(job.stream_url)) {
      if (event.event === "keepalive") continue;
      events.push(event);
      if (event.event === "done") whenDone = await minji.get(job.result_url);
    }
    expect(line(events)).toEqual([
      "queued started",
      ...["vision", "rule", "answer", "reward"].flatMap(stage => [`${stage} started`, `${stage} completed`]),
      "done completed",
    ]);
    const numbers = events.map(({ id }) => Number(id?.split("-")[1]));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    const result = whenDone?.body as ScanResultBody;
    expect([whenDone?.status, result.status, result.task_id, result.error]).toEqual([
      200,
      "completed",
      job.job_id,
      null,
    ]);
    expect(result).toEqual(events.at(-1)?.data["result"]);
    expectAnswer(result.pipeline_result, "이거 어떻게 버려요?");
    if (result.reward !== null) expect(result.reward.name).not.toBe("");

    const task = await minji.get(`/api/v1/scan/task/${job.job_id}`);
    expect(task.body).toMatchObject({
      task_id: job.job_id,
      status: "completed",
      pipeline_result: result.pipeline_result,
    });
  }, 120_000);

  it("and whoever comes late or comes back hears what is missing, no more", async () => {
    const job = await submit({ image_url: photo });
    const all = await listen(minji, job.stream_url);
    expect(line(await listen(minji, job.stream_url))).toEqual(line(all));
    const ruled = all.find(({ event, data }) => event === "rule" && data["status"] === "completed");
    expect(line(await listen(minji, job.stream_url, ruled?.id))).toEqual(line(all.slice(all.indexOf(ruled!) + 1)));
    expect(await listen(minji, job.stream_url, all.at(-1)?.id)).toEqual([]);
  }, 120_000);

  it("in one request for the first generation of the app", async () => {
    const answer = await minji.post("/api/v1/scan/classify", { image_url: photo, user_input: "이건요?" });
    const result = answer.body as ScanResultBody;
    expect([answer.status, result.status]).toEqual([200, "completed"]);
    expectAnswer(result.pipeline_result, "이건요?");
  }, 120_000);

  it("once for one idempotency key, however often it is sent", async () => {
    const key = { "x-idempotency-key": randomUUID() };
    const jobs = await Promise.all([1, 2, 3].map(() => submit({ image_url: photo }, key)));
    expect(new Set(jobs.map(({ job_id }) => job_id)).size).toBe(1);
    const other = await minji.post("/api/v1/scan", { image_url: photo, user_input: "다른 질문" }, key);
    expect([other.status, other.body]).toEqual([409, expect.objectContaining({ code: "IDEMPOTENCY_KEY_REUSED" })]);
  }, 60_000);

  it("for its owner alone", async () => {
    const job = await submit({ image_url: photo });
    const stranger = await house.signIn("모르는 사람");
    const unknown = randomUUID();
    for (const client of [stranger, minji]) {
      const id = client === stranger ? job.job_id : unknown;
      for (const path of [`/scan/${id}/result`, `/scan/${id}/events`, `/scan/task/${id}`]) {
        const answer = await client.get(`/api/v1${path}`);
        expect([path, answer.status, answer.body]).toEqual([
          path,
          404,
          expect.objectContaining({ code: "RESULT_NOT_FOUND" }),
        ]);
      }
    }
    const scanned = await stranger.post("/api/v1/scan", { image_url: photo });
    expect([scanned.status, scanned.body]).toEqual([400, expect.objectContaining({ code: "IMAGE_URL_REFUSED" })]);
    expect((await house.visitor().get(job.result_url)).status).toBe(401);
  }, 60_000);
});

describe("a real photo becomes the right answer", () => {
  it.each([
    ["carton.jpg", "종이팩"],
    ["glass.jpg", "유리병"],
    ["textile.jpg", "의류및원단"],
  ])(
    "%s → %s, with the steps of its rule and their source",
    async (file, middle) => {
      const picture = Uint8Array.from(readFileSync(new URL(`../photos/${file}`, import.meta.url)));
      const job = await submit({ image_url: await minji.upload(picture, { name: file }) });
      const events = await listen(minji, job.stream_url);
      const { pipeline_result: pipeline, reward } = events.at(-1)?.data["result"] as ScanResultBody;
      expect(pipeline?.classification_result.classification).toMatchObject({
        major_category: "재활용폐기물",
        middle_category: middle,
      });
      expect(pipeline?.disposal_rules).toMatchObject({ key: `재활용폐기물_${middle}` });
      expect(Object.keys(pipeline?.final_answer.disposal_steps ?? {}).length).toBeGreaterThan(0);
      expect(pipeline?.final_answer.citations.map(({ url }) => url)).toContainEqual(
        expect.stringMatching(/^https:\/\/www\.law\.go\.kr\//),
      );
      // What a photo cannot show to be done is asked for; only a clean item wins its character.
      expect(reward === null).toBe((pipeline?.final_answer.insufficiencies.length ?? 0) > 0);
    },
    60_000,
  );
});

describe("a question becomes an answer", () => {
  it.each([
    ["깨진 컵은 어떻게 버려요?", "불연성종량제폐기물"],
    ["다 쓴 건전지는 어디에 버려요?", "재활용폐기물"],
    ["먹다 남은 수박 껍질은요?", "음식물류폐기물"],
    ["오래된 소파를 버리고 싶어요", "대형폐기물"],
    ["우유팩은 어떻게 버리나요?", "재활용폐기물"],
  ])("%s → %s", async (question, major) => {
    const answer = await minji.post("/api/v1/scan/classify", { user_input: question });
    const result = answer.body as ScanResultBody;
    expect(result.error).toBeNull();
    expect(result.pipeline_result?.classification_result.classification.major_category).toBe(major);
    expect(Object.keys(result.pipeline_result?.final_answer.disposal_steps ?? {})).not.toEqual([]);
    expect(result.pipeline_result?.final_answer.citations).not.toEqual([]);
    expect(result.reward).toBeNull();
  });
});
