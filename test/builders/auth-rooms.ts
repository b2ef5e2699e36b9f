import { jest } from "@jest/globals";
import type { CallingOptions, ServiceBroker } from "moleculer";
import type { Actions, Events } from "../../broker/contract.ts";
import type { Meta } from "../../broker/service.ts";
import type { Database } from "../../mixins/database/database.ts";
import type { AuthSettings } from "../../services/auth/auth.settings.ts";
import type { TestDatabase } from "../servers/databases.ts";

/** What the gateway would have written to the response. */
export interface Answer<K extends keyof Actions> {
  result: Actions[K]["result"];
  status: number | undefined;
  location: string;
  headers: Record<string, string | string[]>;
  cookies: Record<string, string>;
}

export interface Rooms {
  broker: ServiceBroker;
  db: Database;
  /** Every `auth.revoked` that was broadcast. */
  revoked: Events["auth.revoked"][];
  /** Whom `character.owned` was asked about. */
  greeted: string[];
  /** Calls an action the way the gateway does; by default from this machine's own browser. */
  ask<K extends keyof Actions>(action: K, params: Actions[K]["params"], meta?: Meta): Promise<Answer<K>>;
  /** Another process of the house, with other settings, on the same database. */
  beside(settings: Partial<AuthSettings>): Promise<Rooms>;
  stop(): Promise<void>;
  /** Stops, and gives the database back. */
  close(): Promise<void>;
}

export const atHome: Meta = {
  http: { origin: "http://localhost:5173", baseUrl: "http://127.0.0.1:3000", loopback: true },
};

/**
 * A house of two rooms, sign-in and users, on a database of its own. The modules are loaded afresh, since the settings of a process
 * are read once. `character` is not part of it: what users asks it for is answered here.
 */
export async function openRooms(database: TestDatabase, settings: Partial<AuthSettings> = {}): Promise<Rooms> {
  jest.resetModules();
  process.env["DATA_DIR"] = database.options.dataDir;
  process.env["LOG_LEVEL"] = "silent";
  if (database.options.databaseUrl === undefined) delete process.env["DATABASE_URL"];
  else process.env["DATABASE_URL"] = database.options.databaseUrl;
  const { openDatabase } = await import("../../mixins/database/database.ts");
  const { migrate } = await import("../../mixins/database/migrate.ts");
  const db = await openDatabase(database.options);
  await migrate(db, { logger: { info: () => undefined } });
  return startRooms(db, settings, await loadRooms());
}

type Modules = Awaited<ReturnType<typeof loadRooms>>;
async function loadRooms() {
  const { ServiceBroker } = await import("moleculer");
  const { env } = await import("../../broker/env.ts");
  const { SchemaValidator } = await import("../../broker/validator.ts");
  const { authService } = await import("../../services/auth/auth.service.ts");
  const { default: users } = await import("../../services/users/users.service.ts");
  return { ServiceBroker, env, SchemaValidator, authService, users };
}

async function startRooms(db: Database, settings: Partial<AuthSettings>, modules: Modules): Promise<Rooms> {
  const broker = new modules.ServiceBroker({
    logger: false,
    validator: new modules.SchemaValidator({}),
    contextParamsCloning: true,
    requestTimeout: 10_000,
  });
  const revoked: Rooms["revoked"] = [];
  const greeted: string[] = [];
  broker.createService(modules.authService({ ...modules.env, ...settings }));
  broker.createService(modules.users);
  broker.createService({
    name: "character",
    actions: {
      owned(ctx: { params: { user_id: string } }) {
        greeted.push(ctx.params.user_id);
        return [ECO];
      },
      catalog: () => [ECO, { ...ECO, name: "페티" }],
    },
  });
  broker.createService({
    name: "listener",
    events: { "auth.revoked": (ctx: { params: Events["auth.revoked"] }) => void revoked.push(ctx.params) },
  });
  await broker.start();
  return {
    broker,
    db,
    revoked,
    greeted,
    ask: (action, params, meta = atHome) => ask(broker, action, params, meta),
    beside: async others => startRooms(db, { ...settings, ...others }, modules),
    stop: () => broker.stop(),
    async close() {
      await broker.stop();
      await db.close();
    },
  };
}

const ECO = {
  id: "5b4c1f0e-8d5a-5a31-a6a4-2f6b0c1d2e3f",
  code: "char-eco",
  name: "이코",
  type: "기본",
  dialog: "안녕!",
  acquired_at: "2026-03-01T00:00:00.000Z",
};

/** Actions that the browser's own cookie goes to. */
const WITH_BROWSER = ["auth.start", "auth.authorize", "auth.callback"];
/** One browser for all of a file's questions; a case that needs another one brings its cookie. */
const browser = new Map<string, string>();

async function ask<K extends keyof Actions>(
  broker: ServiceBroker,
  action: K,
  params: Actions[K]["params"],
  meta: Meta,
): Promise<Answer<K>> {
  const options: CallingOptions = { meta: { ...meta } };
  const own = WITH_BROWSER.includes(action) ? Object.fromEntries(browser) : {};
  const call = broker.call(action, { ...own, ...(params as Record<string, unknown>) }, options) as Promise<
    Actions[K]["result"]
  > & {
    ctx: { meta: Meta };
  };
  const result = await call;
  const { $statusCode: status, $location: location = "", $responseHeaders: headers = {} } = call.ctx.meta;
  const lines = [headers["Set-Cookie"] ?? []].flat();
  const pairs = lines.map(line => line.split(/[=;]/, 2) as [string, string]);
  for (const [name, value] of pairs) if (name === "s_browser") browser.set(name, value);
  return { result, status, location, headers, cookies: Object.fromEntries(pairs) };
}

/** The whole sign-in of a named person. @returns the cookies that the browser has afterwards */
export async function signIn(
  rooms: Rooms,
  name = "망고",
  provider: "google" | "kakao" | "naver" = "kakao",
): Promise<{ s_access: string; s_refresh: string; location: string }> {
  const code = await authorize(rooms, name, provider);
  const { location, cookies } = await rooms.ask("auth.callback", { provider, ...code });
  return { s_access: cookies["s_access"] ?? "", s_refresh: cookies["s_refresh"] ?? "", location };
}

/** Starts a sign-in and lets the identity page answer for the person. @returns what the callback is called with */
export async function authorize(
  rooms: Rooms,
  name = "망고",
  provider: "google" | "kakao" | "naver" = "kakao",
): Promise<{ code: string; state: string }> {
  const { result } = await rooms.ask("auth.start", { provider, login_hint: name });
  const query = new URL(result.data.authorization_url).searchParams;
  const page = await rooms.ask("auth.identityPage", {
    provider,
    state: query.get("state") ?? "",
    login_hint: query.get("login_hint") ?? "",
  });
  const answer = new URL(page.location, "http://127.0.0.1:3000").searchParams;
  return { code: answer.get("code") ?? "", state: answer.get("state") ?? "" };
}
