import { once } from "node:events";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ServiceSchema } from "moleculer";
import Type from "typebox";
import { contract, fromCookie, fromHeader, fromQuery } from "../../broker/contract.ts";
import { fail } from "../../broker/errors.ts";
import { service } from "../../broker/service.ts";
import type { ProgressEvent } from "../../mixins/progress/progress.ts";

/** A door with every kind of route and parameter that a room may declare. */
export const probe = contract("probe", {
  actions: {
    open: {
      summary: "Tells what it was given",
      rest: "GET /probe/open",
      auth: "public",
      params: Type.Object({
        count: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
        flag: Type.Optional(Type.Boolean()),
        word: Type.String({ default: "none" }),
      }),
      result: Type.Unknown(),
    },
    show: {
      summary: "Tells what the path names",
      rest: ["GET /probe/:id", "GET /other-probe/:id"],
      auth: "public",
      params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      result: Type.Unknown(),
    },
    make: {
      summary: "Makes something of a body",
      rest: "POST /probe/:id",
      status: 201,
      params: Type.Object({
        id: Type.String(),
        name: Type.String({ minLength: 1 }),
        inner: Type.Optional(Type.Object({ size: Type.Integer() })),
        dry: Type.Optional(fromQuery(Type.Boolean())),
        key: Type.Optional(fromHeader("x-idempotency-key", Type.String())),
        old: Type.Optional(fromCookie("s_old", Type.String())),
      }),
      result: Type.Unknown(),
    },
    nothing: {
      summary: "Takes no body at all",
      rest: "POST /probe/nothing",
      auth: "public",
      status: 204,
      params: Type.Object({}),
      result: Type.Null(),
    },
    leave: {
      summary: "Goes elsewhere",
      rest: "GET /probe/leave",
      auth: "public",
      status: 302,
      params: Type.Object({}),
      result: Type.Null(),
    },
    break: {
      summary: "Fails as it is told",
      rest: "GET /probe/break",
      auth: "public",
      params: Type.Object({ how: Type.String() }),
      result: Type.Unknown(),
    },
    upload: {
      summary: "Counts bytes",
      rest: "PUT /probe/bytes/:name",
      kind: "raw",
      auth: "public",
      params: Type.Object({
        name: Type.String(),
        sign: fromQuery(Type.String()),
        content_type: fromHeader("content-type", Type.String({ default: "application/octet-stream" })),
        content_length: Type.Optional(fromHeader("content-length", Type.Integer())),
      }),
      result: Type.Unknown(),
    },
    download: {
      summary: "Gives bytes",
      rest: "GET /probe/bytes/:name",
      kind: "raw",
      auth: "public",
      params: Type.Object({ name: Type.String() }),
      result: Type.Unknown(),
    },
    events: {
      summary: "What happens to a job",
      rest: "GET /probe/:job_id/events",
      kind: "stream",
      params: Type.Object({ job_id: Type.String() }),
      result: Type.Unknown(),
    },
  },
});

/** What a test may look at and change. */
export interface Probe {
  service: ServiceSchema;
  /** What `events` rebuilds from the job. */
  job: ProgressEvent[];
  /** Resolves to the error that ended the upload under way. */
  uploadBroken: Promise<Error>;
  /** The stream that the last download gave. */
  given: Readable | undefined;
  calls: string[];
}

const dying = async function* (after: string) {
  yield after;
  await Promise.resolve();
  throw new Error("disk on fire at /secret/place");
};

export function probeRoom(): Probe {
  let broken: (thrown: Error) => void = () => undefined;
  const uploadBroken = new Promise<Error>(resolve => (broken = resolve));
  const state: Probe = { service: { name: "probe" }, job: [], uploadBroken, given: undefined, calls: [] };
  const breaks: Record<string, () => never> = {
    plainly: () => {
      throw new Error("password=hunter2 in /secret/place");
    },
    world: () => {
      throw fail("DATABASE_UNAVAILABLE");
    },
    ours: () => {
      throw fail("INTERNAL", "table users is gone");
    },
    caller: () => {
      throw fail("IMAGE_INVALID", "Nothing to see in it.");
    },
    text: () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- rooms may use libraries that do
      throw "just a string";
    },
  };
  state.service = service(probe)({
    actions: {
      open: async ctx => ({ ...ctx.params, user: ctx.user, http: ctx.meta.http, requestId: ctx.requestID }),
      show: async ctx => ctx.params,
      make: async ctx => {
        state.calls.push("make");
        return { ...ctx.params, user: ctx.user };
      },
      nothing: async () => null,
      async leave(ctx) {
        ctx.meta.$location = "http://localhost:5173/#/home";
        ctx.meta.$responseHeaders = { "Set-Cookie": ["a=1; Path=/", "b=2; Path=/"] };
        return null;
      },
      async break(ctx) {
        if (ctx.params.how === "unknown-action") return ctx.call("nobody.home" as never, {});
        if (ctx.params.how === "late") return new Promise(() => undefined);
        if (ctx.params.how === "with-cookie") {
          ctx.meta.$responseHeaders = { "Set-Cookie": ["s_old=; Max-Age=0"] };
          throw fail("TOKEN_REVOKED");
        }
        if (ctx.params.how === "odd-header") ctx.meta.$responseHeaders = { "X-Odd": "줄\n바꿈" };
        breaks[ctx.params.how]?.();
        return null;
      },
      async upload(ctx) {
        const stream = ctx.stream as Readable;
        if (ctx.params.sign !== "good") throw fail("SIGNATURE_INVALID");
        try {
          if (ctx.params.name === "picky") {
            await once(stream, "data");
            throw fail("IMAGE_INVALID");
          }
          return { ...ctx.params, length: (await text(stream)).length };
        } catch (thrown) {
          broken(thrown as Error);
          throw thrown;
        } finally {
          stream.destroy();
        }
      },
      async download(ctx) {
        ctx.meta.$responseType = "image/png";
        if (ctx.params.name === "buffer") return Buffer.from("whole");
        if (ctx.params.name === "text") return "텍스트";
        if (ctx.params.name === "tagged") ctx.meta.$responseHeaders = { ETag: '"v1"', "Cache-Control": "max-age=60" };
        if (ctx.params.name === "endless")
          state.given = new Readable({
            read: size => {
              endless(state, size);
            },
          });
        else if (ctx.params.name === "dies-late")
          state.given = Readable.from(dying("first bytes"), { objectMode: false });
        else if (ctx.params.name === "dies-first")
          state.given = new Readable({
            read() {
              this.destroy(fail("STORAGE_UNAVAILABLE"));
            },
          });
        else state.given = Readable.from([Buffer.from("stre"), Buffer.from("amed")], { objectMode: false });
        return state.given;
      },
      async events(ctx) {
        state.calls.push("events");
        if (ctx.params.job_id === "foreign") throw fail("RESULT_NOT_FOUND");
        return { topic: ctx.params.job_id, events: state.job };
      },
    },
  });
  return state;
}

function endless(state: Probe, size: number): void {
  setImmediate(() => void state.given?.push(Buffer.alloc(size, 1)));
}
