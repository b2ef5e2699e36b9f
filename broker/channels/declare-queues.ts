import type { Channel, ChannelModel } from "amqplib";
import type { Consumer } from "./carrier.ts";
import { queuesOf, type Queue, type TopologyMode } from "./topology.ts";

const NOT_FOUND = 404;

/** The queues of a consumer that are not there at the moment. Each is asked for on a channel of its own, since the answer no costs the channel. */
export async function missingQueues(up: ChannelModel, queue: string): Promise<Queue[]> {
  const queues = queuesOf(queue);
  const found = await Promise.all(queues.map(({ name }) => isThere(up, name)));
  return queues.filter((_, index) => found[index] === false);
}

async function isThere(up: ChannelModel, queue: string): Promise<boolean> {
  const channel = await up.createChannel();
  channel.on("error", () => undefined); // the call below rejects with it
  try {
    await channel.checkQueue(queue);
    await channel.close();
    return true;
  } catch (cause) {
    if ((cause as { code?: unknown }).code === NOT_FOUND) return false;
    throw cause;
  }
}

/** Declares exchange, queues and binding of a consumer, or expects the queues that an operator made. Costs the channel where it fails. */
export async function bindQueues(channel: Channel, { channel: exchange, queue }: Consumer, mode: TopologyMode) {
  if (mode === "check") {
    for (const { name } of queuesOf(queue)) await channel.checkQueue(name);
    return;
  }
  await channel.assertExchange(exchange, "fanout", { durable: true });
  for (const { name, arguments: all } of queuesOf(queue))
    await channel.assertQueue(name, { durable: true, arguments: all });
  await channel.bindQueue(queue, exchange, "");
}
