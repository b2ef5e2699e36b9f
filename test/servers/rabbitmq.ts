import { describe } from "@jest/globals";

/** The server that `npm test` found or started; its suites are skipped where it could do neither. */
export const amqpUrl = process.env["TEST_AMQP_URL"] ?? "";

/** A suite that needs RabbitMQ. */
export const describeOnRabbitMq = amqpUrl === "" ? describe.skip : describe;
