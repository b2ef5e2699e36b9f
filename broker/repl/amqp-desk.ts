import { type ChannelModel, type ConfirmChannel, connect, type ConsumeMessage, type Options } from "amqplib";
import { RETRY_LADDER_MS } from "../channels/carrier.ts";
import { deliveriesOf, messageIdOf, reasonIn, replayed } from "../channels/read-message.ts";
import { deadQueueName, retryQueueName } from "../channels/topology.ts";
import { type DeadLetter, previewOf, type QueueDesk, type QueueFacts, SHOWN, type Which } from "./queue-desk.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const CONFIRM_TIMEOUT_MS = 10_000;
const NOT_FOUND = 404;
/** Each look counts as a delivery, and RabbitMQ 4 throws a message away at its twentieth: it is written anew well before. */
const LOOKS_BEFORE_REWRITE = 10;

type Verdict = "keep" | "settled" | "enough";
type Look = (line: ConfirmChannel, message: ConsumeMessage) => Promise<Verdict> | Verdict;

/**
 * The desk over AMQP alone: RabbitMQ's passive answers tell depth and consumers, not what is in hand nor how old it is.
 * @throws what the last of the addresses failed with
 */
export async function amqpDesk(urls: readonly string[], names: readonly string[]): Promise<QueueDesk> {
  const up = await connectToOne(urls);
  up.on("error", () => undefined); // whatever waits for an answer rejects with it
  return {
    queues: () => Promise.all(names.map(name => factsOf(up, name))),
    dead: queue => listDead(up, queue),
    replay: (queue, which) => settle(up, queue, which, (line, message) => send(line, queue, message)),
    drop: (queue, which) => settle(up, queue, which, () => Promise.resolve()),
    close: () => up.close(),
  };
}

async function connectToOne(urls: readonly string[]): Promise<ChannelModel> {
  let fault: unknown;
  for (const url of urls) {
    try {
      const socket = { noDelay: true, timeout: CONNECT_TIMEOUT_MS, servername: new URL(url).hostname };
      return await connect(url, socket);
    } catch (cause) {
      fault = cause;
    }
  }
  throw fault;
}

async function factsOf(up: ChannelModel, name: string): Promise<QueueFacts> {
  const asked = [name, deadQueueName(name), ...RETRY_LADDER_MS.map(waitMs => retryQueueName(name, waitMs))];
  const [own, dead, ...steps] = await Promise.all(asked.map(queue => ask(up, queue)));
  return {
    name,
    ready: own?.messageCount ?? null,
    consumers: own?.consumerCount ?? null,
    inHand: null,
    oldestAgeS: null,
    retrying: steps.reduce((sum, step) => sum + (step?.messageCount ?? 0), 0),
    dead: dead?.messageCount ?? 0,
  };
}

/** On a channel of its own: the answer no costs the channel. */
async function ask(up: ChannelModel, queue: string): Promise<{ messageCount: number; consumerCount: number } | null> {
  const channel = await up.createChannel();
  channel.on("error", () => undefined); // the call below rejects with it
  try {
    const answer = await channel.checkQueue(queue);
    await channel.close();
    return answer;
  } catch (cause) {
    if ((cause as { code?: unknown }).code === NOT_FOUND) return null;
    throw cause;
  }
}

async function listDead(up: ChannelModel, queue: string): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  await walk(up, queue, (_, message) => (letters.push(letterOf(message)) < SHOWN ? "keep" : "enough"));
  return letters;
}

/** Acknowledges each wanted message only after `act` resolved: a kill in between leaves it dead, or there twice, never nowhere. */
async function settle(
  up: ChannelModel,
  queue: string,
  which: Which,
  act: (line: ConfirmChannel, message: ConsumeMessage) => Promise<void>,
): Promise<number> {
  let done = 0;
  await walk(up, queue, async (line, message) => {
    if (which !== "all" && messageIdOf(message) !== which.id) return "keep";
    await act(line, message);
    line.ack(message);
    done++;
    return "settled";
  });
  return done;
}

/** Shows the dead letters that are there now, each once; what is kept goes back when the channel closes. */
async function walk(up: ChannelModel, queue: string, look: Look): Promise<void> {
  const dead = deadQueueName(queue);
  const count = (await ask(up, dead))?.messageCount ?? 0;
  if (count === 0) return;
  const line = await up.createConfirmChannel();
  line.on("error", () => undefined); // the call in hand rejects with it
  for (let seen = 0; seen < count; seen++) {
    const got = await line.get(dead);
    if (got === false) break;
    const message: ConsumeMessage = { ...got, fields: { ...got.fields, consumerTag: "" } };
    const verdict = await look(line, message);
    if (verdict !== "settled" && deliveriesOf(message) >= LOOKS_BEFORE_REWRITE) {
      await publish(line, dead, message, rewritten(message));
      line.ack(message);
    }
    if (verdict === "enough") break;
  }
  // Closing also sends the acknowledgements that are still on their way.
  await line.close();
}

const rewritten = ({ properties }: ConsumeMessage): Options.Publish => ({
  ...(properties as Options.Publish),
  headers: { ...(properties.headers as Record<string, unknown>), "x-delivery-count": undefined },
});

const send = (line: ConfirmChannel, queue: string, message: ConsumeMessage): Promise<void> =>
  publish(line, queue, message, replayed(message));

/** Resolves once the queue has the message on disk. */
async function publish(line: ConfirmChannel, queue: string, { content }: ConsumeMessage, options: Options.Publish) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`${queue} did not confirm in time`)), CONFIRM_TIMEOUT_MS);
  const refuse = () => reject(new Error(`there is no queue ${queue}`));
  const gone = () => reject(new Error("RabbitMQ closed the line"));
  // An unroutable message is returned before it is confirmed.
  line.once("return", refuse).once("close", gone);
  line.publish("", queue, content, { ...options, persistent: true, mandatory: true }, fault =>
    fault ? reject(new Error(`${queue} refused the message`)) : resolve(),
  );
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    line.off("return", refuse).off("close", gone);
  }
}

function letterOf(message: ConsumeMessage): DeadLetter {
  const { timestamp } = message.properties as Options.Publish;
  return {
    id: messageIdOf(message),
    reason: reasonIn(message),
    sentAt: typeof timestamp === "number" ? new Date(timestamp) : null,
    preview: previewOf(parse(message.content)),
  };
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch {
    return undefined;
  }
}
