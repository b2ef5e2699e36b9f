import { setTimeout as pause } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";
import { deadQueueName, queuesOf, topologyOf } from "../../../broker/channels/topology.ts";
import { contracts } from "../../../services/contracts.ts";
import type { Arena } from "./arena.ts";
import type { AcceptedJob, WatchedJob } from "./jobs.ts";
import type { ModelStage } from "./model.ts";

const LOOK_AGAIN_MS = 250;
const STAGES = ["vision", "rule", "answer", "reward"];
const WHOLE_STREAM = [
  "queued started",
  ...STAGES.flatMap(stage => [`${stage} started`, `${stage} completed`]),
  "done completed",
];

export interface Bounds {
  /** Further calls that a job's stage may have cost beyond the first: times that the case can have interrupted it. */
  retriesPerStage: number;
  /** All further calls together. */
  retries?: number;
  /** Jobs whose message may lie among the dead letters. */
  dead?: number;
  /** Time for all of it to come to its end. */
  withinMs?: number;
}

/** What the house has to show for its jobs, for the table at the end. */
export interface Outcome {
  jobs: number;
  done: number;
  failed: number;
  dead: number;
  rewards: number;
  modelCalls: number;
  reconnects: number;
  endedMs: number;
}

interface JobRow {
  id: string;
  state: string;
  user_id: string;
  failure: string | null;
  reward: { received: boolean; name: string } | null;
}

/**
 * Waits for the end of every job and holds the house to its promises. Members are still up afterwards.
 * @throws Error naming every promise that was broken
 */
export async function holdToPromises(arena: Arena, jobs: readonly AcceptedJob[], bounds: Bounds): Promise<Outcome> {
  const { dead: mayDie = 0, withinMs = 180_000 } = bounds;
  const startedAt = Date.now();
  const deadline = startedAt + withinMs;
  const broken: string[] = [];

  let rows: JobRow[] = [];
  let letters: Map<string, string> = new Map();
  for (;;) {
    rows = await rowsOf(arena, jobs);
    letters = await deadLetters(arena);
    const open = rows.filter(({ id, state }) => !isOver(state) && !letters.has(id));
    if (open.length === 0) break;
    if (Date.now() > deadline) {
      broken.push(
        `${open.length} of ${jobs.length} jobs never ended: ${JSON.stringify(countBy(open, row => row.state))}`,
      );
      break;
    }
    await pause(LOOK_AGAIN_MS);
  }
  const endedMs = Date.now() - startedAt;

  if (rows.length !== jobs.length) broken.push(`${jobs.length - rows.length} accepted jobs are not there`);
  const dead = rows.filter(({ id }) => letters.has(id));
  if (dead.length > mayDie)
    broken.push(`${dead.length} jobs are dead, ${mayDie} may be: ${[...new Set(letters.values())].join("; ")}`);
  const failed = rows.filter(({ state }) => state === "failed");
  if (failed.length > mayDie)
    broken.push(
      `${failed.length} jobs failed, ${mayDie} may: ${JSON.stringify(countBy(failed, row => row.failure ?? ""))}`,
    );

  broken.push(...brokenRewards(rows), ...brokenBudget(arena, jobs, bounds));
  const streams = await watchedStreams(jobs, new Map(rows.map(row => [row.id, row.state])), broken, deadline);
  broken.push(...(await leftovers(arena, deadline)));
  if (broken.length > 0)
    throw new Error(`promises were broken (logs: ${arena.folder}):\n${broken.map(each => `  - ${each}`).join("\n")}`);
  return {
    jobs: jobs.length,
    done: rows.filter(({ state }) => state === "done").length,
    failed: failed.length,
    dead: dead.length,
    rewards: rows.filter(({ reward }) => reward?.received === true).length,
    modelCalls: arena.model.total,
    reconnects: streams.reduce((sum, { connections }) => sum + connections - 1, 0),
    endedMs,
  };
}

const isOver = (state: string): boolean => state === "done" || state === "failed";

const rowsOf = (arena: Arena, jobs: readonly AcceptedJob[]): Promise<JobRow[]> =>
  arena.sql<JobRow>("select id, state, user_id, failure, reward from scan.jobs where id = any($1::uuid[])", [
    jobs.map(({ id }) => id),
  ]);

/** One reward per person and character, in what people were told and in what they own. */
function brokenRewards(rows: readonly JobRow[]): string[] {
  const received = rows.filter(({ reward }) => reward?.received === true);
  const twice = Object.entries(countBy(received, row => `${row.user_id} ${row.reward?.name}`)).filter(([, n]) => n > 1);
  return twice.map(([who, times]) => `${who} was rewarded ${times} times`);
}

function brokenBudget({ model }: Arena, jobs: readonly AcceptedJob[], { retriesPerStage, retries }: Bounds): string[] {
  const stages: ModelStage[] = ["vision", "answer"];
  const further = jobs.flatMap(({ question }) =>
    stages.map(stage => ({ what: `${stage} of "${question}"`, count: Math.max(0, model.calls(question, stage) - 1) })),
  );
  const all = further.reduce((sum, { count }) => sum + count, 0);
  const most = retries ?? Infinity;
  return [
    ...further
      .filter(({ count }) => count > retriesPerStage)
      .map(
        ({ what, count }) => `the model was asked ${count + 1} times for ${what}, ${retriesPerStage + 1} were allowed`,
      ),
    ...(all > most ? [`the model was asked ${all} times more than once a stage, ${most} were allowed`] : []),
  ];
}

/** A client that comes back with Last-Event-ID sees every stage once, in order, and `done` last. */
async function watchedStreams(
  jobs: readonly AcceptedJob[],
  states: ReadonlyMap<string, string>,
  broken: string[],
  deadline: number,
): Promise<WatchedJob[]> {
  const late = pause(Math.max(5_000, deadline - Date.now()), undefined, { ref: false });
  const streams: WatchedJob[] = [];
  for (const { id, question, watched } of jobs) {
    if (!watched || !isOver(states.get(id) ?? "")) continue;
    const stream = await Promise.race([watched, late]);
    if (!stream) {
      broken.push(`the stream of "${question}" did not come to its end`);
      continue;
    }
    streams.push(stream);
    const seen = stream.events.map(({ event, data }) => `${event} ${String(data["status"])}`);
    const expected = states.get(id) === "done" ? WHOLE_STREAM : WHOLE_STREAM.filter(each => seen.includes(each));
    if (seen.join() !== expected.join() || seen.at(-1) !== "done completed")
      broken.push(`the stream of "${question}" was: ${seen.join(", ")}`);
  }
  return streams;
}

const allQueues = topologyOf(contracts)
  .bindings.map(({ queue }) => queue)
  .sort();

/** The jobs among the dead letters, each with the reason; the letters stay where they are. */
async function deadLetters({ servers }: Arena): Promise<Map<string, string>> {
  const letters = new Map<string, string>();
  await atBroker(servers.rabbitmq.url, async connection => {
    for (const queue of allQueues.map(deadQueueName)) {
      if (!(await countIn(connection, queue))) continue;
      const channel = await connection.createChannel();
      for (let letter = await channel.get(queue); letter; letter = await channel.get(queue)) {
        const { scan_id: id } = JSON.parse(letter.content.toString()) as { scan_id?: string };
        const reason = letter.properties.headers?.["x-eco2-reason"] as unknown;
        letters.set(id ?? "foreign", typeof reason === "string" ? reason : "without a reason");
      }
      await channel.close();
    }
  });
  return letters;
}

/** Outbox and queues have to be empty once everything is over. */
async function leftovers(arena: Arena, deadline: number): Promise<string[]> {
  for (;;) {
    const [row] = await arena.sql<{ count: number }>("select count(*)::int as count from messages.outbox");
    const left = row?.count ? [`the outbox holds ${row.count}`] : [];
    await atBroker(arena.servers.rabbitmq.url, async connection => {
      for (const { name } of allQueues.flatMap(queuesOf)) {
        if (name.endsWith(".dead")) continue;
        const count = await countIn(connection, name);
        if (count !== 0) left.push(`${name}: ${count ?? "missing"}`);
      }
    });
    if (left.length === 0 || Date.now() > deadline) return left;
    await pause(LOOK_AGAIN_MS);
  }
}

async function atBroker(url: string, work: (connection: ChannelModel) => Promise<void>): Promise<void> {
  const connection = await connect(url);
  try {
    await work(connection);
  } finally {
    await connection.close();
  }
}

/** Messages that wait in a queue; undefined where there is none, which costs the channel that asks. */
async function countIn(connection: ChannelModel, queue: string): Promise<number | undefined> {
  const channel = await connection.createChannel();
  channel.on("error", () => undefined);
  try {
    const { messageCount } = await channel.checkQueue(queue);
    await channel.close();
    return messageCount;
  } catch {
    return undefined;
  }
}

function countBy<T>(all: readonly T[], keyOf: (each: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of all) counts[keyOf(each)] = (counts[keyOf(each)] ?? 0) + 1;
  return counts;
}
