import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { freePort } from "../../scripts/free-port.ts";
import { bodyOf, type Client, clientOf, type StreamEvent } from "../../scripts/client.ts";
import { type HouseProcess, spawnHouse } from "../../scripts/house-process.ts";
import type { ScanResultBody } from "../../services/scan/scan.contract.ts";
import { makePicture } from "../builders/picture.builder.ts";
import { until } from "../builders/until.ts";
import { walkTour } from "../builders/walk-tour.ts";
import { type Cluster, startCluster } from "../cluster.ts";
import { houseEnvironment } from "../house.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";
import { amqpUrl } from "../servers/rabbitmq.ts";
import { clearNamespace, redisUrl, testNamespace } from "../servers/redis.ts";
import { startRabbitMq } from "../servers/start-rabbitmq.ts";
import type { StartedServer } from "../servers/started-server.ts";

const postgres = databases.find(({ name }) => name === "PostgreSQL");
const describeOnServers = amqpUrl !== "" && redisUrl !== "" && postgres ? describe : describe.skip;
const MEMBERS = [
  "gateway-1",
  "gateway-2",
  "auth",
  "users-1",
  "users-2",
  "images",
  "scan-1",
  "scan-2",
  "chat-1",
  "chat-2",
  "character",
  "location",
  "info",
];

describeOnServers("npm run cluster", () => {
  let rabbit: StartedServer | undefined;
  let database: TestDatabase;
  let settings: Record<string, string>;
  let cluster: Cluster;
  let url: string;

  beforeAll(async () => {
    // The queues of a house have fixed names: one that is started here needs a RabbitMQ of its own.
    rabbit = await startRabbitMq();
    database = await postgres!.make();
    settings = {
      AMQP_URL: rabbit?.url ?? amqpUrl,
      DATABASE_URL: database.options.databaseUrl!,
      DATABASE_POOL: "3",
      REDIS_URL: redisUrl,
      NAMESPACE: testNamespace(),
      PORT: String(await freePort()),
    };
    cluster = startCluster(settings);
    [, url = ""] = await cluster.said(/Eco² is up at (\S+)/);
  }, 180_000);
  afterAll(async () => {
    await cluster.clear();
    await clearNamespace(settings["NAMESPACE"]!);
    await database.remove();
    await rabbit?.stop();
  }, 60_000);

  const signedIn = async (name: string): Promise<Client> => {
    const client = clientOf(url);
    await client.signIn(name);
    return client;
  };
  const photo = async () => Uint8Array.from(await makePicture());

  it("migrates, and shows who runs where", () => {
    expect(cluster.output()).toContain("migrated scan/001-jobs");
    expect(url).toBe(`http://127.0.0.1:${settings["PORT"]!}`);
    for (const name of MEMBERS) expect([name, cluster.pidOf(name) > 0]).toEqual([name, true]);
    expect(new Set(MEMBERS.map(name => cluster.pidOf(name))).size).toBe(MEMBERS.length);
  });

  it("serves the tour of the README as printed", () => walkTour(url), 60_000);

  it("streams at one gateway, as it happens, the progress of a scan that another one accepted", async () => {
    const other: HouseProcess = await spawnHouse({
      env: { ...houseEnvironment(cluster.dataDir, settings), SERVICES: "api", PORT: "0" },
    });
    try {
      const here = await signedIn("하나");
      const there = clientOf(other.url);
      for (const [name, value] of here.cookies) there.cookies.set(name, value);
      const image = await here.upload(await photo(), { name: "photo.jpg", type: "image/jpeg" });
      const job = bodyOf(await here.post("/api/v1/scan", { image_url: image })) as { stream_url: string };
      const events = [];
      for await (const event of there.events(job.stream_url)) events.push(event);
      expect(events.map(({ event, data }) => `${event} ${String(data["status"])}`)).toEqual([
        "queued started",
        ...["vision", "rule", "answer", "reward"].flatMap(stage => [`${stage} started`, `${stage} completed`]),
        "done completed",
      ]);
      // Rebuilt from the job it would have begun at the very moment that the one before it ended.
      expect(events[1]?.data["ts"]).not.toBe(events[0]?.data["ts"]);
    } finally {
      await other.end("SIGTERM");
    }
  }, 60_000);

  it("loses no scan and no sign-in when any one process is killed in the middle: it costs time or one reconnect", async () => {
    const minji = await signedIn("민지");
    for (const name of MEMBERS) {
      const { job_id: id, image } = await submitPersistently(minji, await photo(), `no ${name}`);
      const killed = cluster.pidOf(name);
      process.kill(killed, "SIGKILL");
      const { stages, result: told } = await followPersistently(minji, `/api/v1/scan/${id}/events`);
      const result = told as ScanResultBody;
      expect([name, stages]).toEqual([name, ["queued", "vision", "rule", "answer", "reward", "done"]]);
      expect(result.status).toBe("completed");
      expect(result.error).toBeNull();
      expect(image).toContain(url);
      await until(() => cluster.pidOf(name) !== killed);
    }
    for (const name of MEMBERS)
      expect(cluster.output()).toContain(`${name} was ended by SIGKILL; it starts again now.`);
  }, 180_000);

  it("answers in a chat across processes, and a killed worker is a pause", async () => {
    const minji = await signedIn("민지");
    const { id: chat } = (await persistently(async () => bodyOf(await minji.post("/api/v1/chat", {})))) as {
      id: string;
    };
    for (const [message, name] of [
      ["생수병 어떻게 버려요?", "chat-1"],
      ["그럼 뚜껑은?", "chat-2"],
    ] as const) {
      const { job_id: job } = (await persistently(async () =>
        bodyOf(await minji.post(`/api/v1/chat/${chat}/messages`, { message })),
      )) as { job_id: string };
      const killed = cluster.pidOf(name);
      process.kill(killed, "SIGKILL");
      const { events, result: told } = await followPersistently(minji, `/api/v1/chat/${job}/events`);
      const result = told as { answer: string };
      const tokens = events.filter(({ event }) => event === "token").map(({ data }) => String(data["content"]));
      const recovered = events.find(({ event }) => event === "token_recovery")?.data["accumulated"];
      expect(recovered ?? tokens.join("")).toBe(result.answer);
      await until(() => cluster.pidOf(name) !== killed);
    }
    const { messages } = (await persistently(async () => bodyOf(await minji.get(`/api/v1/chat/${chat}`)))) as {
      messages: { content: string }[];
    };
    expect(messages).toHaveLength(4);
    expect(messages[3]?.content).toContain("뚜껑");
  }, 120_000);

  it("starts again what was asked to drain, without taking it for a fault", async () => {
    const before = cluster.pidOf("scan-1");
    process.kill(before, "SIGTERM");
    await cluster.said(/scan-1 was drained; it starts again now\./);
    await until(() => cluster.pidOf("scan-1") !== before);
  }, 60_000);

  it("stops cleanly when it is asked to, and leaves nothing running", async () => {
    const pids = MEMBERS.map(name => cluster.pidOf(name));
    expect(await cluster.end("SIGINT")).toBe(0);
    expect(cluster.output()).toContain("All processes are stopped.");
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  }, 60_000);

  it("tells a crash loop plainly, with the last words of what keeps ending", async () => {
    const squatter = createServer();
    await new Promise<void>(resolve => squatter.listen(0, "127.0.0.1", resolve));
    const taken = String((squatter.address() as { port: number }).port);
    const failing = startCluster({ ...settings, METRICS_PORT: taken }, ["--gateways", "1", "--workers", "1"]);
    try {
      await failing.said(/gateway-1 ended with exit code 1; it starts again in 1 s/);
      await failing.said(/gateway-1 keeps ending \(3 times in a row\)/);
      await failing.said(new RegExp(`^ {4}.*${taken}`, "m"));
      expect(failing.output()).not.toMatch(/scan-1 ended|auth ended/);
    } finally {
      await failing.clear();
      squatter.close();
    }
  }, 120_000);
});

describeOnServers("npm run cluster without its servers", () => {
  it("names what is not to be had, why, and how to get it", async () => {
    const wrong = new URL(amqpUrl);
    wrong.password = "wrong";
    const cluster = startCluster({ AMQP_URL: wrong.href, DATABASE_URL: "postgres://eco2@127.0.0.1:1/eco2", PORT: "0" });
    await cluster.said(/One process needs none of them: npm start/);
    expect(cluster.output()).toContain("it refuses the user or the password");
    expect(cluster.output()).toContain("DATABASE_URL: PostgreSQL at 127.0.0.1:1: nobody listens there");
    expect(cluster.output()).toContain("docker compose up -d");
    expect(cluster.output()).not.toContain("wrong@");
    await cluster.clear();
  }, 60_000);

  it("does not wait for what will not change by itself", async () => {
    const wrong = new URL(amqpUrl);
    wrong.password = "wrong";
    const cluster = startCluster({
      AMQP_URL: wrong.href,
      DATABASE_URL: process.env["TEST_DATABASE_URL"]!,
      REDIS_URL: redisUrl,
    });
    expect(await cluster.ended).toBe(69);
    expect(cluster.output()).toContain("it refuses the user or the password");
    await cluster.clear();
  }, 60_000);
});

/** Answers that ask to come back, and connections that broke, are tried again. Nothing else is forgiven. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work();
    } catch (thrown) {
      const { status, name, cause } = thrown as Error & { status?: number };
      // What fetch throws is a TypeError of another realm.
      const broke = name === "TypeError" && cause !== undefined;
      if (status !== 503 && status !== 504 && !broke) throw thrown;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
}

async function submitPersistently(client: Client, bytes: Uint8Array<ArrayBuffer>, question: string) {
  const image = await persistently(() => client.upload(bytes, { name: "photo.jpg", type: "image/jpeg" }));
  const { job_id } = (await persistently(async () =>
    bodyOf(
      await client.post(
        "/api/v1/scan",
        { image_url: image, user_input: question },
        { "x-idempotency-key": question.replaceAll(" ", "-") },
      ),
    ),
  )) as { job_id: string };
  return { job_id, image };
}

/** Follows to the end over as many connections as it takes. */
async function followPersistently(
  client: Client,
  streamUrl: string,
): Promise<{ stages: string[]; events: StreamEvent[]; result: unknown }> {
  const seen: StreamEvent[] = [];
  while (seen.at(-1)?.event !== "done")
    await persistently(async () => {
      const last = seen.findLast(({ id }) => id !== undefined)?.id;
      const options = last === undefined ? {} : { lastEventId: last };
      for await (const each of client.events(streamUrl, options)) if (each.event !== "keepalive") seen.push(each);
    });
  // Every event once, in order, whatever broke in between.
  const ids = seen.map(({ id }) => Number(id?.split("-")[1]));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  const stages = [...new Set(seen.map(({ event }) => event))];
  return { stages, events: seen, result: seen.at(-1)?.data["result"] };
}
