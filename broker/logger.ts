import type { ServiceBroker } from "moleculer";
import pino, { type DestinationStream, type LoggerOptions } from "pino";
import pretty from "pino-pretty";
import { env } from "./env.ts";

/** Never written to a log, wherever in a record they turn up (at most three levels down). */
const SECRET_KEYS = [
  "password",
  "authorization",
  "cookie",
  "set-cookie",
  "token",
  "access_token",
  "refresh_token",
  "s_access",
  "s_refresh",
  "code_verifier",
  "api_key",
  "apiKey",
  "phone_number",
  "email",
  "upload_url",
];
const paths = SECRET_KEYS.flatMap(key =>
  ["", "*.", "*.*."].map(prefix => (key.includes("-") ? `${prefix.replace(/\.$/, "")}["${key}"]` : `${prefix}${key}`)),
);

const loggerOptions: LoggerOptions = {
  level: env.LOG_LEVEL,
  redact: { paths, censor: "[redacted]" },
  formatters: { level: level => ({ level }) },
  timestamp: pino.stdTimeFunctions.isoTime,
};

/** Lines for people on a terminal, JSON for collectors; both to standard output, whole lines only. */
function logDestination(): DestinationStream {
  const forPeople = env.LOG_FORMAT === undefined ? process.stdout.isTTY : env.LOG_FORMAT === "pretty";
  return forPeople
    ? pretty({
        colorize: process.stdout.isTTY,
        ignore: "pid,hostname,nodeID,ns,svc,mod",
        translateTime: "SYS:HH:MM:ss",
        messageFormat: "{mod} {msg}",
        hideObject: false,
        sync: true,
      })
    : pino.destination({ fd: 1, sync: true });
}

/** Moleculer's logger setting: pino with redaction. */
export const brokerLogger = {
  type: "Pino",
  options: { level: env.LOG_LEVEL, pino: { options: loggerOptions, destination: logDestination() } },
};

/** A logger of one part of a process, as `broker.getLogger(part)` gives it. */
export type Log = ServiceBroker["logger"];
