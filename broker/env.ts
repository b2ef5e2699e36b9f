import Type, { type Static } from "typebox";
import { productionFaults } from "./production-faults.ts";
import { compileCheck } from "./validator.ts";

const HTTP = "^https?://";
const url = (description: string) => Type.Optional(Type.String({ format: "uri", pattern: HTTP, description }));
const address = (value: string, description: string) =>
  Type.String({ default: value, format: "uri", pattern: HTTP, description });
const text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const secret = (description: string, minLength = 32) =>
  Type.Optional(Type.String({ minLength, description, secret: true }));
const count = (value: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: value, minimum, maximum, description });
const oneOf = <const T extends string[]>(values: T, description: string, options: { default?: T[number] } = {}) =>
  Type.Unsafe<T[number]>({ type: "string", enum: values, description, ...options });

/** Every setting of the house. README's table is checked against this schema. */
export const Settings = Type.Object({
  NODE_ENV: oneOf(["development", "test", "production"], "production refuses development settings", {
    default: "development",
  }),
  PORT: count(3000, 0, 65535, "port of the gateway; 0 takes a free one"),
  HOST: Type.String({ default: "127.0.0.1", minLength: 1, description: "address the gateway listens on" }),
  REUSE_PORT: Type.Boolean({
    default: false,
    description: "gateways of one machine share PORT; npm run cluster sets it",
  }),
  PUBLIC_URL: url("address the app reaches the gateway at; default http://{HOST}:{PORT}"),
  METRICS_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      description: "internal port of each process: /health, /ready, /metrics; 0 takes a free one, unset = none",
    }),
  ),
  METRICS_HOST: Type.String({
    default: "127.0.0.1",
    minLength: 1,
    description: "address of METRICS_PORT; it asks nobody who they are, so never a public one",
  }),
  DATA_DIR: Type.String({ default: "data", minLength: 1, description: "folder of the embedded database and images" }),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "silent"], "least level that is logged", {
    default: "info",
  }),
  LOG_FORMAT: Type.Optional(
    oneOf(["pretty", "json"], "lines for people or for collectors; default pretty on a terminal"),
  ),
  NAMESPACE: Type.String({
    default: "eco2",
    pattern: "^[a-z0-9][a-z0-9-]{0,31}$",
    description: "name of this house among others at the same RabbitMQ and Redis",
  }),
  NODE_ID: text("name of this process among the others; default host name and pid"),
  SERVICES: Type.Optional(
    Type.String({ pattern: "^[a-z]+(,[a-z]+)*$", description: "rooms this process loads; unset = all" }),
  ),
  AMQP_URL: Type.Optional(
    Type.String({
      pattern: "^amqps?://[^,\\s]+(,amqps?://[^,\\s]+)*$",
      description: "RabbitMQ, several addresses of a cluster comma-separated; unset = all in this process",
    }),
  ),
  AMQP_HEARTBEAT_S: count(10, 1, 60, "seconds between signs of life; a frozen RabbitMQ is noticed after two"),
  REDIS_URL: Type.Optional(
    Type.String({
      format: "uri",
      pattern: "^rediss?://[^/]",
      description: "Redis (rediss:// with TLS): cache, limits, progress between processes; unset = in memory",
    }),
  ),
  TOPOLOGY: oneOf(["declare", "check"], "declare makes exchanges and queues; check expects an operator's", {
    default: "declare",
  }),
  DATABASE_URL: Type.Optional(
    Type.String({
      format: "uri",
      pattern: "^postgres(ql)?://",
      description: "PostgreSQL; unset = embedded database in DATA_DIR",
    }),
  ),
  DATABASE_POOL: count(10, 1, 100, "connections of this process to PostgreSQL"),
  S3_BUCKET: text("bucket of the images; unset = folder DATA_DIR/images"),
  S3_REGION: Type.String({ default: "ap-northeast-2", minLength: 1, description: "region of the bucket" }),
  S3_ENDPOINT: url("address of an S3-compatible store; unset = AWS"),
  S3_ACCESS_KEY_ID: text("key id; unset = the machine's own role"),
  S3_SECRET_ACCESS_KEY: secret("key to S3_ACCESS_KEY_ID", 8),
  CDN_URL: url("address that serves the bucket's images to readers; default the gateway itself"),
  IMAGE_TTL_DAYS: count(30, 1, 3650, "days after which uploaded images are deleted"),
  IMAGE_SIGNING_SECRET: secret("signs upload and read addresses; embedded: made at first start and kept in DATA_DIR"),
  OPENAI_API_KEY: secret("key of OpenAI's models; without any model's key the on-device engine answers", 8),
  OPENAI_BASE_URL: url("address of a compatible model endpoint; unset = OpenAI"),
  GEMINI_API_KEY: secret("key of the gemini-… models; unset = the default model answers for them", 8),
  GEMINI_BASE_URL: url("address of Gemini's OpenAI-compatible endpoint; unset = Google"),
  MODEL_TIMEOUT_MS: count(30_000, 100, 300_000, "deadline of one model call"),
  MODEL_CONCURRENCY: count(8, 1, 256, "model calls of this process at the same time"),
  NAVER_SEARCH_CLIENT_ID: text("client id of Naver's search API, for the news; unset = no news from Naver"),
  NAVER_SEARCH_CLIENT_SECRET: secret("secret to NAVER_SEARCH_CLIENT_ID", 8),
  NAVER_SEARCH_URL: address("https://openapi.naver.com", "address of Naver's search API"),
  NEWSDATA_API_KEY: secret("key of newsdata.io; unset = no news from there", 8),
  NEWSDATA_URL: address("https://newsdata.io", "address of NewsData"),
  NEWS_RSS_URLS: Type.Optional(
    Type.String({
      pattern: "^https?://[^,\\s]+(,https?://[^,\\s]+)*$",
      description: "RSS or Atom feeds of news, comma-separated; unset = none",
    }),
  ),
  NEWS_TTL_DAYS: count(30, 1, 365, "days after which news articles are deleted"),
  DATA_GO_KR_KEY: secret("key of data.go.kr, decoded: weather, fees, prices; unset = they say that there is none", 8),
  DATA_GO_KR_URL: address("https://apis.data.go.kr", "address of the portal's APIs (weather)"),
  BULK_WASTE_URL: url("list of bulk-waste fees in the portal; unset = no fees"),
  RECYCLABLE_PRICE_URL: url("list of prices of recyclables in the portal; unset = no prices"),
  OUTSIDE_TIMEOUT_MS: count(3_000, 50, 60_000, "longest wait for an outside source: news, weather, open data"),
  AUTH_PRIVATE_KEY: secret(
    "RSA private keys in PEM: the first signs tokens, all verify; embedded: made at first start and kept in DATA_DIR",
    256,
  ),
  GOOGLE_CLIENT_ID: text("client id at Google; without any provider's id a local identity page signs people in"),
  GOOGLE_CLIENT_SECRET: secret("secret to GOOGLE_CLIENT_ID", 8),
  GOOGLE_ISSUER: address("https://accounts.google.com", "issuer of Google's ID tokens"),
  GOOGLE_AUTHORIZE_URL: address("https://accounts.google.com/o/oauth2/v2/auth", "where Google signs people in"),
  GOOGLE_TOKEN_URL: address("https://oauth2.googleapis.com/token", "where Google trades codes"),
  GOOGLE_PROFILE_URL: address("https://www.googleapis.com/oauth2/v3/userinfo", "where Google tells who it is"),
  KAKAO_CLIENT_ID: text("REST API key at Kakao; unset = no sign-in with Kakao"),
  KAKAO_CLIENT_SECRET: secret("secret to KAKAO_CLIENT_ID, where Kakao's console asks for one", 8),
  KAKAO_AUTHORIZE_URL: address("https://kauth.kakao.com/oauth/authorize", "where Kakao signs people in"),
  KAKAO_TOKEN_URL: address("https://kauth.kakao.com/oauth/token", "where Kakao trades codes"),
  KAKAO_PROFILE_URL: address("https://kapi.kakao.com/v2/user/me", "where Kakao tells who it is"),
  NAVER_CLIENT_ID: text("client id at Naver; unset = no sign-in with Naver"),
  NAVER_CLIENT_SECRET: secret("secret to NAVER_CLIENT_ID", 8),
  NAVER_AUTHORIZE_URL: address("https://nid.naver.com/oauth2.0/authorize", "where Naver signs people in"),
  NAVER_TOKEN_URL: address("https://nid.naver.com/oauth2.0/token", "where Naver trades codes"),
  NAVER_PROFILE_URL: address("https://openapi.naver.com/v1/nid/me", "where Naver tells who it is"),
  OAUTH_TIMEOUT_MS: count(10_000, 50, 60_000, "longest wait for a provider of sign-in, for token and profile together"),
  ACCESS_TTL_MIN: count(180, 1, 4320, "life of an access token in minutes"),
  REFRESH_TTL_MIN: count(43_200, 1, 129_600, "life of a refresh token in minutes"),
  COOKIE_DOMAIN: Type.Optional(
    Type.String({ pattern: "^\\.?[a-z0-9.-]+$", description: "Domain of the cookies; unset = host only" }),
  ),
  COOKIE_SECURE: Type.Optional(
    Type.Boolean({ description: "Secure attribute; default on, except on http://localhost" }),
  ),
  FRONTEND_URL: Type.String({
    default: "http://localhost:5173",
    format: "uri",
    pattern: HTTP,
    description: "app that sign-in returns to when it names none",
  }),
  ALLOWED_ORIGINS: Type.String({
    default:
      "http://localhost:5173,https://localhost:5173,http://127.0.0.1:5173,http://localhost:3000,http://127.0.0.1:3000",
    pattern: "^https?://[^,/\\s*]+(,https?://[^,/\\s*]+)*$",
    description: "origins of the app, exact, comma-separated: CORS and sign-in returns",
  }),
  RATE_LIMIT_PERCENT: count(100, 0, 10_000, "share of the usual rate limits that holds; 0 = none"),
  TRUSTED_HOPS: count(0, 0, 5, "proxies in front whose X-Forwarded-For counts: 1 behind one load balancer"),
  BODY_LIMIT_KB: count(256, 1, 10_240, "largest JSON body"),
  SHUTDOWN_MS: count(30_000, 100, 600_000, "time to finish what is in hand after SIGTERM"),
  CHAT_TTL_DAYS: count(365, 1, 3650, "days after which chats that nobody uses are deleted"),
  SCAN_TTL_DAYS: count(90, 1, 3650, "days after which scans are deleted"),
});

/** The settings as they stand in the environment. */
export type Raw = Static<typeof Settings>;
export type Env = Readonly<
  Omit<Raw, "ALLOWED_ORIGINS" | "SERVICES" | "AMQP_URL" | "NEWS_RSS_URLS"> & {
    NEWS_RSS_URLS: readonly string[];
    AMQP_URL: readonly string[] | undefined;
    ALLOWED_ORIGINS: readonly string[];
    SERVICES: readonly string[] | undefined;
    PRODUCTION: boolean;
  }
>;

const check = compileCheck(Settings, "coercing");

/**
 * Reads the settings from `source`, empty values counting as unset.
 * @returns the settings, or every fault at once as `NAME: what is wrong` (values are never repeated: they may be secrets)
 */
export function readEnv(
  source: Record<string, string | undefined>,
): { env: Env; faults: [] } | { env: undefined; faults: string[] } {
  const given = Object.fromEntries(
    Object.entries(source).filter(([name, value]) => name in Settings.properties && value !== ""),
  );
  const unfit = check(given).map(fault => `${fault.field}: ${fault.message}`);
  const raw = given as unknown as Raw;
  const faults = firstOfEach([
    ...unfit,
    ...(raw.NODE_ENV === "production" ? productionFaults(raw) : []),
    ...pairFaults(raw),
  ]);
  if (faults.length > 0) return { env: undefined, faults };
  const env: Env = {
    ...raw,
    ALLOWED_ORIGINS: raw.ALLOWED_ORIGINS.split(","),
    SERVICES: raw.SERVICES?.split(","),
    AMQP_URL: raw.AMQP_URL?.split(","),
    NEWS_RSS_URLS: raw.NEWS_RSS_URLS?.split(",") ?? [],
    PRODUCTION: raw.NODE_ENV === "production",
  };
  return { env: Object.freeze(env), faults: [] };
}

/** One fault a setting: what is no address at all is not also told to be a plain http one. */
const firstOfEach = (faults: string[]): string[] => {
  const byName = new Map<string, string>();
  for (const fault of faults) {
    const name = fault.slice(0, fault.indexOf(":"));
    if (!byName.has(name)) byName.set(name, fault);
  }
  return [...byName.values()];
};

const PAIRS = [
  ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"],
  ["NAVER_SEARCH_CLIENT_ID", "NAVER_SEARCH_CLIENT_SECRET"],
  ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
  ["NAVER_CLIENT_ID", "NAVER_CLIENT_SECRET"],
] as const;

const pairFaults = (raw: Raw): string[] =>
  PAIRS.filter(([id, secret]) => (raw[id] === undefined) !== (raw[secret] === undefined)).map(
    ([id, secret]) => `${id}: goes together with ${secret}`,
  );

function readOrExit(): Env {
  const { env, faults } = readEnv(process.env);
  if (env) return env;
  process.stderr.write(`Eco² cannot start with these settings:\n${faults.map(fault => `  ${fault}\n`).join("")}`);
  process.exit(78);
}

/** The settings of this process; every fault is reported at once, then it exits with 78 (EX_CONFIG). */
export const env: Env = readOrExit();
