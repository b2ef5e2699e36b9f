import { type Static, type TObject, type TSchema } from "typebox";
import type { ErrorCode } from "./errors.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Route = `${Method} /${string}`;

/** One line of a room's door: what may be asked, by whom, and what comes back. */
export interface ActionContract {
  /** One English sentence; it becomes the OpenAPI summary. */
  summary: string;
  params: TObject;
  result: TSchema;
  /** Paths below `/api/v1`. Several routes are aliases of one action. No route: reachable through the broker only. */
  rest?: Route | readonly Route[];
  /** `rest`: JSON both ways. `stream`: server-sent events fed by the progress log. `raw`: bytes in (`ctx.stream`) or out. */
  kind?: "rest" | "stream" | "raw";
  /** Who may come in by REST. Deny by default: left out means a signed-in user. */
  auth?: "user" | "public";
  /** Status of success; 200 when left out. */
  status?: 200 | 201 | 202 | 204 | 302;
  /** Other statuses that are no error either (`ctx.meta.$statusCode`), each with what it means. */
  also?: Partial<Record<202 | 204 | 302, string>>;
  /** Codes of the catalogue that this action answers with, beside the ones every route can give. */
  errors?: readonly ErrorCode[];
  /** Safe to repeat after a lost answer; only such calls are ever retried. */
  idempotent?: boolean;
  /** Longest time for an answer; the broker's `requestTimeout` when left out. */
  timeoutMs?: number;
  /** Counts against a limit of its own beside the usual ones (`services/api/limits.ts`). */
  limit?: "sign-in" | "refresh" | "work";
  /** The answer may be given again for a while. Left out: every call is worked on. */
  cache?: CacheContract;
}

/** Events about one person: only they can say whose cached answers are over. */
type PersonalEvent = { [K in keyof Events]: Events[K] extends { user_id: string } ? K : never }[keyof Events];

/**
 * How long an answer counts, and whose it is: everyone's, the caller's, or that of the person in the parameter `user_id`. It is kept
 * under all parameters besides, and its handler's context has nothing that would make it another's. Without its headers.
 */
export type CacheContract = { ttlS: number } & (
  | { of: "everyone" }
  | {
      of: "caller" | "user_id";
      /** Events after which a person's answers are over. Best effort: what is missed costs `ttlS`. */
      forgetOn: readonly PersonalEvent[];
    }
);

/** A durable message of this room: `<domain>.<happened>`, past tense. */
export interface MessageContract {
  summary: string;
  /** Consumers dead-letter versions they do not know; unknown fields are ignored. */
  version: number;
  message: TObject;
}

/** A room's own queue on a channel: `<consumer>.<domain>.<happened>`. */
export interface ConsumerContract {
  /** The message as the sending room's door declares it. */
  of: MessageContract;
  /** Messages handled at the same time by one process (= prefetch). */
  concurrency: number;
  /** A handler that takes longer is given up and the message retried. */
  timeoutMs: number;
}

export interface Contract {
  name: string;
  actions: Record<string, ActionContract>;
  channels?: Record<string, MessageContract>;
  consumes?: Record<string, ConsumerContract>;
}

/** Declares the door of a room. Everything else (checks, types, routes, OpenAPI, topology) is computed from it. */
export const contract = <
  const N extends string,
  const A extends Record<string, ActionContract>,
  const C extends Record<string, MessageContract> = Record<never, never>,
  const Q extends Partial<Record<keyof Channels, ConsumerContract>> = Record<never, never>,
>(
  name: N,
  parts: { actions: A; channels?: C; consumes?: Q },
) => ({ name, actions: parts.actions, channels: (parts.channels ?? {}) as C, consumes: (parts.consumes ?? {}) as Q });

export type ActionsOf<C extends { name: string; actions: Record<string, ActionContract> }> = {
  [K in keyof C["actions"] & string as `${C["name"]}.${K}`]: {
    params: Static<C["actions"][K]["params"]>;
    result: Static<C["actions"][K]["result"]>;
  };
};

/** Every action of the house; each `*.contract.ts` adds its own rows by module augmentation. */
export interface Actions {}
/** Every channel of the house and the message it carries. */
export interface Channels {}
/** Every broadcast event. Best effort: never the only copy of a fact. */
export interface Events {}

interface ParameterPlace {
  in: "header" | "query" | "cookie";
  name?: string;
}
const PLACE = "x-place";

/** A parameter that arrives in a request header, e.g. `fromHeader("x-idempotency-key", Type.String())`. */
export const fromHeader = <S extends TSchema>(name: string, schema: S): S => ({
  ...schema,
  [PLACE]: { in: "header", name },
});

/** A parameter that arrives in a cookie. */
export const fromCookie = <S extends TSchema>(name: string, schema: S): S => ({
  ...schema,
  [PLACE]: { in: "cookie", name },
});

/** A parameter that a POST, PUT or PATCH takes from the query instead of the body. */
export const fromQuery = <S extends TSchema>(schema: S): S => ({ ...schema, [PLACE]: { in: "query" } });

/** Where the gateway finds parameter `key` of a route: path when the route names it, else as marked, else query (GET, DELETE) or body. */
export function placeOf(
  route: Route,
  key: string,
  schema: TSchema,
): { in: "path" | "query" | "header" | "cookie" | "body"; name: string } {
  const [method = "", path = ""] = route.split(" ", 2);
  if (path.split("/").includes(`:${key}`)) return { in: "path", name: key };
  const marked = (schema as TSchema & { [PLACE]?: ParameterPlace })[PLACE];
  if (marked) return { in: marked.in, name: marked.name ?? key };
  return { in: method === "GET" || method === "DELETE" ? "query" : "body", name: key };
}

/** The routes of an action as a list. */
export const routesOf = (action: ActionContract): readonly Route[] =>
  action.rest === undefined ? [] : typeof action.rest === "string" ? [action.rest] : action.rest;
