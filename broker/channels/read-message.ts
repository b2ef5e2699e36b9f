import type { ConsumeMessage, Options } from "amqplib";
import { fail } from "../errors.ts";
import type { Envelope } from "./carrier.ts";

/** Failures a handler reported so far; the deaths of processes are counted by the queue itself. */
const FAILURES = "x-eco2-failures";
const REASON = "x-eco2-reason";
const DELIVERIES = "x-delivery-count";

/** amqplib says nothing of what headers hold; they may be anybody's. */
const propertiesOf = ({ properties }: ConsumeMessage) =>
  properties as Omit<Options.Publish, "headers"> & { headers?: Record<string, unknown> };

/** A message without an id of its own is told apart by its delivery. */
export const messageIdOf = ({ properties, fields }: ConsumeMessage): string =>
  typeof properties.messageId === "string" ? properties.messageId : `${fields.consumerTag}/${fields.deliveryTag}`;

export const failuresOf = (message: ConsumeMessage): number => countIn(message, FAILURES);

/** How often a quorum queue handed the message over before without any word: its process died, or the line broke. */
export const deliveriesOf = (message: ConsumeMessage): number => countIn(message, DELIVERIES);

function countIn(message: ConsumeMessage, header: string): number {
  const count = Number(propertiesOf(message).headers?.[header] ?? 0);
  return Number.isInteger(count) && count > 0 ? count : 0;
}

/** Its properties after a failed try. A foreign message may lack any; what it has goes with it. */
export function movedOn(
  message: ConsumeMessage,
  failures: number,
  reason: string,
): Options.Publish & { messageId: string } {
  const { headers, ...properties } = propertiesOf(message);
  return {
    ...properties,
    messageId: messageIdOf(message),
    // The queue that it comes to counts its deliveries anew.
    headers: { ...headers, [DELIVERIES]: undefined, [FAILURES]: failures, [REASON]: reason },
  };
}

/** Its properties when an operator sends it again: as if it had never been tried. */
export function replayed(message: ConsumeMessage): Options.Publish {
  const { headers, ...properties } = propertiesOf(message);
  const forgotten = [DELIVERIES, FAILURES, REASON, "x-death"].map(name => [name, undefined]);
  return { ...properties, headers: { ...headers, ...(Object.fromEntries(forgotten) as Record<string, undefined>) } };
}

/** Why a message is among the dead letters; one that RabbitMQ itself buried has the broker's word. */
export function reasonIn(message: ConsumeMessage): string {
  const headers = propertiesOf(message).headers;
  const reason = headers?.[REASON] ?? headers?.["x-first-death-reason"];
  return typeof reason === "string" ? reason : "unknown";
}

/** @returns an error where the message is not one of ours: it belongs to the dead letters */
export function readEnvelope(message: ConsumeMessage, channel: string): Envelope | Error {
  const { headers, timestamp } = propertiesOf(message);
  try {
    return {
      id: messageIdOf(message),
      channel,
      version: Number(headers?.["x-eco2-version"]),
      message: JSON.parse(message.content.toString("utf8")) as unknown,
      headers: {
        ...(typeof headers?.["x-request-id"] === "string" ? { requestId: headers["x-request-id"] } : {}),
        ...(typeof headers?.["traceparent"] === "string" ? { traceparent: headers["traceparent"] } : {}),
      },
      createdAt: new Date(Number(timestamp)),
    };
  } catch {
    return fail("VALIDATION_FAILED", "the message is not valid JSON");
  }
}
