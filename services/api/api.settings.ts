import { env } from "../../broker/env.ts";
import type { BodyLimits } from "./read-body.ts";
import type { StreamTimes } from "./event-stream.ts";
import type { UploadLimits } from "./open-upload.ts";

export interface GatewaySettings {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Others of this machine may listen there too; the system spreads connections over them. */
  reusePort: boolean;
  /** Address that people reach the gateway at; default `http://{host}:{port}`. */
  publicUrl: string | undefined;
  /** Origins of the app, exact. */
  allowedOrigins: readonly string[];
  body: BodyLimits;
  upload: UploadLimits;
  stream: StreamTimes;
  /** Open event streams of one process; one more is answered 503. */
  maxStreams: number;
  /** Open event streams of one person at one process; one more is answered 429. */
  maxStreamsOfPerson: number;
  /** Share of the rate limits that holds, in percent; 0: none. */
  rateLimitPercent: number;
  /** Requests straight from this machine count against nothing. */
  sparesLoopback: boolean;
  /** Proxies in front of this process, each of which adds to X-Forwarded-For whom it got the request from. */
  trustedHops: number;
  /** All header lines of a request together. */
  headerBytes: number;
  headersTimeoutMs: number;
  /** Time for a whole request to arrive, body and all. */
  requestTimeoutMs: number;
  /** How often the two times above are looked at. */
  timeoutCheckMs: number;
  /** Time between saying on /ready that this process stops and refusing connections: who sends people here has to notice first. */
  lameDuckMs: number;
  /** Time to finish what is in hand after that. */
  shutdownMs: number;
  /** Time that one dependency has to answer `/ready`, and how long its answer counts. */
  readyTimeoutMs: number;
  readyCacheMs: number;
  /** Folder of the house; the gateway leaves word there of its address. Undefined: it tells nobody. */
  dataDir: string | undefined;
  /** How often the list of ended sessions is read anew. */
  revocationsMs: number;
}

/** The settings of the house. */
export const houseSettings: GatewaySettings = {
  host: env.HOST,
  port: env.PORT,
  reusePort: env.REUSE_PORT,
  publicUrl: env.PUBLIC_URL,
  allowedOrigins: env.ALLOWED_ORIGINS,
  body: { bytes: env.BODY_LIMIT_KB * 1024, timeoutMs: 15_000 },
  upload: { bytes: 16 * 1024 * 1024, idleMs: 20_000 },
  stream: { keepaliveMs: 15_000, rereadMs: 5_000, lifeMs: 300_000, backlogBytes: 256 * 1024 },
  maxStreams: 5_000,
  maxStreamsOfPerson: 50,
  rateLimitPercent: env.RATE_LIMIT_PERCENT,
  sparesLoopback: !env.PRODUCTION,
  trustedHops: env.TRUSTED_HOPS,
  headerBytes: 16 * 1024,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 200_000,
  timeoutCheckMs: 5_000,
  lameDuckMs: env.PRODUCTION ? 3_000 : 0,
  shutdownMs: env.SHUTDOWN_MS,
  readyTimeoutMs: 2_000,
  readyCacheMs: 1_000,
  dataDir: env.DATA_DIR,
  revocationsMs: 30_000,
};
