import { connect } from "amqplib";
import { Redis } from "ioredis";
import { Client } from "pg";

const KNOCK_MS = 3_000;

/** A server that several processes need and one alone does without. */
export interface NeededServer {
  name: string;
  setting: "AMQP_URL" | "DATABASE_URL" | "REDIS_URL";
  /** Where it is, as the setting says it. */
  url: string;
  knock: (url: string) => Promise<void>;
}

/** Why a server cannot be used. */
export interface Absence {
  server: NeededServer;
  why: string;
  /** It may only be starting: worth another look. */
  maySoon: boolean;
}

const kinds: readonly Omit<NeededServer, "url">[] = [
  { name: "RabbitMQ", setting: "AMQP_URL", knock: knockRabbitMq },
  { name: "PostgreSQL", setting: "DATABASE_URL", knock: knockPostgres },
  { name: "Redis", setting: "REDIS_URL", knock: knockRedis },
];
/** What compose.yaml starts. */
const DEFAULTS: Record<NeededServer["setting"], string> = {
  AMQP_URL: "amqp://guest:guest@127.0.0.1:5672",
  DATABASE_URL: "postgres://postgres:postgres@127.0.0.1:5432/eco2",
  REDIS_URL: "redis://127.0.0.1:6379",
};

/** The servers that the settings name; this machine's where they name none. */
export const neededServers = (env: Record<string, string | undefined>): NeededServer[] =>
  kinds.map(kind => ({ ...kind, url: env[kind.setting] || DEFAULTS[kind.setting] }));

/** Where a server is, without its password. */
export const placeOf = ({ url }: NeededServer): string =>
  url
    .split(",")
    .map(each => new URL(each).host)
    .join(", ");

/** Knocks at all of them. @returns those that cannot be used */
export async function findAbsent(servers: readonly NeededServer[]): Promise<Absence[]> {
  const looked = await Promise.all(
    servers.map(server =>
      server.knock(server.url).then(
        () => undefined,
        (thrown: unknown): Absence => ({ server, ...explain(thrown) }),
      ),
    ),
  );
  return looked.filter(absence => absence !== undefined);
}

async function knockRabbitMq(urls: string): Promise<void> {
  // Any one of a cluster will do.
  const connection = await Promise.any(urls.split(",").map(url => connect(url, { timeout: KNOCK_MS })));
  await connection.close();
}

async function knockPostgres(url: string): Promise<void> {
  await onDatabase(url, async () => undefined).catch(async (thrown: unknown) => {
    if ((thrown as { code?: string }).code !== NO_SUCH_DATABASE) throw thrown;
    await createDatabase(url);
  });
}

const NO_SUCH_DATABASE = "3D000";

/** A server that was just installed has no database of ours yet. */
async function createDatabase(url: string): Promise<void> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const maintenance = new URL(url);
  maintenance.pathname = "/postgres";
  await onDatabase(maintenance.href, client => client.query(`create database ${client.escapeIdentifier(name)}`));
}

async function onDatabase(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: KNOCK_MS });
  // A server that goes away in the middle tells it here as well as in the query.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function knockRedis(url: string): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: KNOCK_MS,
    commandTimeout: KNOCK_MS,
    retryStrategy: () => null,
  });
  let cause: Error | undefined;
  redis.on("error", error => (cause = error));
  try {
    await redis.connect();
    await redis.ping();
  } catch (thrown) {
    throw cause ?? thrown;
  } finally {
    redis.disconnect();
  }
}

const NOT_YET: Record<string, string | undefined> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "it hangs up at once",
  ETIMEDOUT: "no answer",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host's name cannot be looked up",
  // PostgreSQL while it starts.
  "57P03": "it is still starting",
};
const REFUSED: Record<string, string | undefined> = {
  "28P01": "it refuses the user or the password",
  "28000": "it refuses the user",
  "42501": "the user may not create the database",
  "53300": "it has no connection left",
};

function explain(thrown: unknown): Pick<Absence, "why" | "maySoon"> {
  const causes = thrown instanceof AggregateError ? (thrown.errors as unknown[]) : [thrown];
  const { code = "", message = "" } = (causes.find(cause => (cause as { code?: string }).code !== undefined) ??
    causes[0]) as { code?: string | number; message?: string };
  const refused = REFUSED[code];
  if (refused !== undefined) return { why: refused, maySoon: false };
  if (/ACCESS[_-]REFUSED|NOAUTH|WRONGPASS/.test(message))
    return { why: "it refuses the user or the password", maySoon: false };
  if (/NOT_ALLOWED|Expected ConnectionOpenOk/.test(message))
    return { why: "it has no such vhost, or the user may not enter it", maySoon: false };
  return { why: NOT_YET[code] ?? (message || "no answer"), maySoon: true };
}
