import { setTimeout as pause } from "node:timers/promises";
import { type Client, clientOf, type StreamEvent } from "../../../scripts/client.ts";
import { makePicture } from "../../builders/picture.builder.ts";
import type { Arena } from "./arena.ts";

const TRY_AGAIN_MS = 250;
const HANGING_MS = 20_000;

/** A job that the house has accepted, and what its client has seen of it. */
export interface AcceptedJob {
  id: string;
  question: string;
  path: string;
  person: Person;
  /** Undefined where nobody watches. */
  watched: Promise<WatchedJob> | undefined;
}
export interface WatchedJob {
  /** As they came, over all connections. */
  events: StreamEvent[];
  connections: number;
}
export interface Person {
  client: Client;
  photo: string;
}

/** People who are signed in and have uploaded a photo. */
export async function people(arena: Arena, count: number): Promise<Person[]> {
  const picture = Uint8Array.from(await makePicture());
  const gateway = arena.gateways[0] ?? "";
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const client = clientOf(gateway);
      await client.signIn(`person ${n}`);
      return { client, photo: await client.upload(picture, { name: "photo.jpg", type: "image/jpeg" }) };
    }),
  );
}

export interface Orders {
  /** Part of every question, so that the jobs of one case are told apart from another's. */
  name: string;
  count: number;
  people: readonly Person[];
  /** Share of the jobs whose stream a client follows to its end, coming back with Last-Event-ID. */
  watched?: number;
  /** Orders at the same time. */
  atOnce?: number;
  signal?: AbortSignal;
}

/** Orders scans like the app does: an order that fails or hangs is repeated with its idempotency key until it is accepted. */
export async function order(arena: Arena, orders: Orders): Promise<AcceptedJob[]> {
  const { name, count, people: ordering, watched = 1, atOnce = 20, signal } = orders;
  const accepted: AcceptedJob[] = [];
  let next = 0;
  const orderSome = async () => {
    for (let n = next++; n < count && signal?.aborted !== true; n = next++) {
      const person = ordering[n % ordering.length];
      if (person) accepted.push(await orderOne(arena, `${name} ${n}`, person, n % Math.round(1 / watched) === 0));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, orderSome));
  return accepted;
}

async function orderOne(arena: Arena, question: string, person: Person, isWatched: boolean): Promise<AcceptedJob> {
  for (let attempt = 0; ; attempt++) {
    const answer = await post(arena, attempt, question, person).catch(() => undefined);
    if (answer?.ok) {
      const { job_id: id, stream_url: path } = (await answer.json()) as { job_id: string; stream_url: string };
      return { id, question, path, person, watched: isWatched ? watch(arena, person, path) : undefined };
    }
    if (answer && answer.status < 500) throw new Error(`an order was refused: ${answer.status} ${await answer.text()}`);
    await answer?.text().catch(() => undefined);
    await pause(TRY_AGAIN_MS);
  }
}

const post = (arena: Arena, attempt: number, question: string, { client, photo }: Person) =>
  client.request(new URL("/api/v1/scan", gatewayOf(arena, attempt)).href, {
    method: "POST",
    headers: { "content-type": "application/json", "x-idempotency-key": question },
    body: JSON.stringify({ image_url: photo, user_input: question }),
    signal: AbortSignal.timeout(HANGING_MS),
  });

const gatewayOf = ({ gateways }: Arena, attempt: number): string => gateways[attempt % gateways.length] ?? "";

/** Follows a job to `done`, through every gateway and over every interruption. */
async function watch(arena: Arena, { client }: Person, path: string): Promise<WatchedJob> {
  const seen: WatchedJob = { events: [], connections: 0 };
  for (;;) {
    seen.connections++;
    const lastEventId = seen.events.at(-1)?.id;
    try {
      const url = new URL(path, gatewayOf(arena, seen.connections)).href;
      for await (const event of client.events(url, lastEventId === undefined ? {} : { lastEventId })) {
        if (event.event === "keepalive" || event.event === "error") continue;
        seen.events.push(event);
        if (event.event === "done") return seen;
      }
    } catch {
      // Cut off: it comes back with what it has seen.
    }
    await pause(TRY_AGAIN_MS);
  }
}
