import type { Log } from "../logger.ts";
import { keepConnection } from "./amqp-connection.ts";
import type { Carrier, Envelope } from "./carrier.ts";
import { type AmqpSubscription, openConsumer } from "./consumer.ts";
import { openPublisher, type Publisher, PublishFault } from "./publisher.ts";
import type { TopologyMode } from "./topology.ts";

export interface AmqpCarrierOptions {
  urls: readonly string[];
  heartbeatS: number;
  topology: TopologyMode;
}

/** The carrier over RabbitMQ. Publishing and consuming have connections of their own: a blocked publisher must not stop consumers. */
export function amqpCarrier({ urls, heartbeatS, topology }: AmqpCarrierOptions, logger: Log): Carrier {
  const outgoing = keepConnection(urls, heartbeatS, logger);
  const incoming = keepConnection(urls, heartbeatS, logger);
  const publisher = openPublisher(outgoing, topology, logger);
  const subscriptions = new Set<AmqpSubscription>();
  let started = false;
  return {
    async publish(batch) {
      const results = await Promise.allSettled(batch.map(envelope => publishEnvelope(publisher, envelope)));
      const faults = results.flatMap(result => (result.status === "rejected" ? [result.reason as unknown] : []));
      const unknown = faults.find(fault => !(fault instanceof PublishFault));
      if (faults.length > 0)
        logger.warn({ err: unknown ?? faults[0], messages: faults.length }, "messages wait for RabbitMQ");
      return new Set(batch.filter((_, index) => results[index]?.status === "fulfilled").map(({ id }) => id));
    },
    async consume(consumer, recipient) {
      const subscription = openConsumer(incoming, publisher, consumer, recipient, topology, logger);
      subscriptions.add(subscription);
      if (started) subscription.begin();
      return { drain: graceMs => subscription.drain(graceMs).finally(() => subscriptions.delete(subscription)) };
    },
    start() {
      started = true;
      for (const subscription of subscriptions) subscription.begin();
    },
    async close() {
      await Promise.all([...subscriptions].map(subscription => subscription.drain(0)));
      await Promise.all([outgoing.close(), incoming.close()]);
    },
  };
}

const publishEnvelope = (
  publisher: Publisher,
  { id, channel, version, message, headers, createdAt }: Envelope,
): Promise<void> =>
  publisher.publish(channel, "", Buffer.from(JSON.stringify(message)), {
    messageId: id,
    type: channel,
    contentType: "application/json",
    timestamp: createdAt.getTime(),
    headers: {
      "x-eco2-version": version,
      ...(headers.requestId === undefined ? {} : { "x-request-id": headers.requestId }),
      ...(headers.traceparent === undefined ? {} : { traceparent: headers.traceparent }),
    },
  });
