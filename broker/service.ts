import type { CallingOptions, Context, Service, ServiceSchema } from "moleculer";
import type { Static } from "typebox";
import type { ActionContract, Actions, Channels, ConsumerContract, Events, MessageContract } from "./contract.ts";
import { fail } from "./errors.ts";

/** Who asks: set by the gateway from a verified token, carried in `ctx.meta` through the whole call tree. */
export interface Caller {
  userId: string;
  sessionId: string;
  provider: string;
}
export interface Meta {
  caller?: Caller;
  /** Address and origin of the HTTP request, for sign-in and signed URLs. */
  http?: {
    origin: string | undefined;
    baseUrl: string;
    /** The request came from this machine to a loopback name. */ loopback: boolean;
  };
  /** Read by moleculer-web when the answer is written. */
  $statusCode?: number;
  $location?: string;
  $responseType?: string;
  $responseHeaders?: Record<string, string | string[]>;
}

type ParamsOf<K extends keyof Actions> = Actions[K] extends { params: infer P } ? P : never;
type ResultOf<K extends keyof Actions> = Actions[K] extends { result: infer R } ? R : never;

/** Calls an action of the house; a misspelt name, field or result does not compile. */
export interface Call {
  call<K extends keyof Actions>(action: K, params: ParamsOf<K>, opts?: CallingOptions): Promise<ResultOf<K>>;
}
export type Ctx<P, Who = Caller | undefined> = Omit<Context<P, Meta>, "call" | "emit" | "broadcast" | "caller"> &
  Call & {
    user: Who;
    broadcast<K extends keyof Events>(event: K, payload: Events[K]): Promise<unknown>;
  };

/** What a consumer learns of a message beside its content. */
export interface Delivery extends Call {
  messageId: string;
  requestId: string | undefined;
  /** 1 at the first try. */
  attempt: number;
  /** True when no retry follows a failure of this one: the last chance to leave a fallback. */
  lastAttempt: boolean;
  signal: AbortSignal;
}

type Methods = object;
export type Mixin<M extends Methods = Methods> = Partial<Omit<ServiceSchema, "methods">> & { methods: M };
type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;
type MethodsOf<X extends readonly Mixin[]> = X extends readonly []
  ? unknown
  : UnionToIntersection<X[number]["methods"]>;
type Room<X extends readonly Mixin[], M extends Methods> = Service & MethodsOf<X> & M;
type CtxOf<A extends ActionContract> = CacheableCtx<A, Ctx<Static<A["params"]>, WhoOf<A>>>;
/** An answer that is kept may depend on nothing but what it is kept under. */
type CacheableCtx<A extends ActionContract, C extends Ctx<unknown, unknown>> = A extends { cache: { of: infer Of } }
  ? Of extends "caller"
    ? Pick<C, "params" | "call" | "broadcast"> & { user: Omit<Caller, "sessionId"> }
    : Pick<C, "params" | "broadcast">
  : C;
type WhoOf<A extends ActionContract> = A extends { rest: unknown }
  ? A extends { auth: "public" }
    ? Caller | undefined
    : Caller
  : Caller | undefined;

interface DoorOf {
  name: string;
  actions: Record<string, ActionContract>;
  channels: Record<string, MessageContract>;
  consumes: Partial<Record<string, ConsumerContract>>;
}

/** A consumed channel and the message that came over it. */
type LettersOf<C extends DoorOf> = {
  [K in keyof C["consumes"] & keyof Channels]: [channel: K, message: Channels[K]];
}[keyof C["consumes"] & keyof Channels];

interface Parts<C extends DoorOf, X extends readonly Mixin[], M extends Methods> {
  mixins?: X;
  dependencies?: string[];
  settings?: Record<string, unknown>;
  /** Write them above `actions`: the compiler infers `this` of the handlers from what it has read before. */
  methods?: M & ThisType<Room<X, M>>;
  events?: { [K in keyof Events]?: (this: Room<X, M>, ctx: Context<Events[K], Meta>) => unknown };
  actions: {
    [K in keyof C["actions"]]: (
      this: Room<X, M>,
      ctx: CtxOf<C["actions"][K]>,
    ) => Promise<Static<C["actions"][K]["result"]>>;
  };
  channels?: {
    [K in keyof C["consumes"] & keyof Channels]: (
      this: Room<X, M>,
      message: Channels[K],
      delivery: Delivery,
    ) => Promise<void>;
  };
  /** A message of a consumed channel went to the dead letters without its handler's knowledge: it killed every process that had it. */
  messageBuried?: (this: Room<X, M>, ...letter: LettersOf<C>) => Promise<void>;
  /** A queue of this room was missing and was made anew: what it held has to be sent again. */
  queueLost?: (this: Room<X, M>, channel: keyof C["consumes"] & keyof Channels) => Promise<void>;
  started?: (this: Room<X, M>) => Promise<void>;
  stopped?: (this: Room<X, M>) => Promise<void>;
}

/** A part shared by rooms: gives a few verbs (`methods`) and brings up and down what they need. */
export function mixin<M extends Methods>(
  parts: Partial<Omit<ServiceSchema, "methods">> & { methods: M & ThisType<Service & M> },
): Mixin<M> {
  return parts;
}

/** Builds the Moleculer service behind a door. Every action and every consumed channel of the contract must be there. */
export const service =
  <C extends DoorOf>(door: C) =>
  <const X extends readonly Mixin[] = [], M extends Methods = Record<never, never>>(
    parts: Parts<C, X, M>,
  ): ServiceSchema => {
    const actions = Object.fromEntries(
      Object.entries(door.actions).map(([name, action]) => [
        name,
        {
          params: action.params,
          ...(action.timeoutMs === undefined ? {} : { timeout: action.timeoutMs }),
          visibility: action.rest === undefined ? "public" : "published",
          cache: action.cache === undefined ? false : { ...action.cache, signedIn: needsUser(action) },
          handler: guarded(action, parts.actions[name as keyof C["actions"]] as unknown as Handler),
        },
      ]),
    );
    const { channels, mixins = [], ...rest } = parts;
    // Moleculer starts mixins from the last to the first. In the order they are named, each may stand on those before it, and when the
    // room stops it is finished before they are gone: messages in hand end while the database is still there.
    const inOrder = [...mixins].reverse();
    return {
      ...rest,
      mixins: [...inOrder, forgetsAnswers(door)],
      name: door.name,
      actions,
      door,
      handlers: channels ?? {},
    } as unknown as ServiceSchema;
  };

type Handler = (this: Service, ctx: Context<unknown, Meta> & { user?: Caller | undefined }) => Promise<unknown>;

const needsUser = (action: ActionContract): boolean => action.rest !== undefined && action.auth !== "public";

/** Makes the events that contracts name end what is kept of a person's answers. */
function forgetsAnswers(door: DoorOf): Partial<ServiceSchema> {
  const answersBy = new Map<string, string[]>();
  for (const [name, { cache }] of Object.entries(door.actions))
    for (const event of cache !== undefined && "forgetOn" in cache ? cache.forgetOn : [])
      answersBy.set(event, [...(answersBy.get(event) ?? []), `${door.name}.${name}`]);
  const events = [...answersBy].map(([event, answers]) => {
    const forget = async (ctx: Context<{ user_id: string }>): Promise<void> =>
      ctx.broker.cacher?.clean(answers.map(answer => `${answer}:${ctx.params.user_id}`));
    return [event, forget] as const;
  });
  return { events: Object.fromEntries(events) };
}

/** Puts the caller on the context, and refuses an action of signed-in users when nobody is signed in, whichever way it was reached. */
function guarded(action: ActionContract, handler: Handler): Handler {
  const refusesStrangers = needsUser(action);
  return function (this: Service, ctx) {
    ctx.user = ctx.meta.caller;
    if (refusesStrangers && ctx.user === undefined) return Promise.reject(fail("UNAUTHENTICATED"));
    return handler.call(this, ctx);
  };
}
