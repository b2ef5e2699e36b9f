import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "@jest/globals";
import ts from "typescript";
import { type ActionContract, type Contract } from "../../broker/contract.ts";
import { contracts } from "../../services/contracts.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cached = (contracts as readonly Contract[]).flatMap(room =>
  Object.entries(room.actions).flatMap(([name, action]) =>
    action.cache === undefined ? [] : [{ name: `${room.name}.${name}`, action, cache: action.cache }],
  ),
);
const needsUser = (action: ActionContract) => action.rest !== undefined && action.auth !== "public";

describe("every action that is cached", () => {
  it("is one that may be asked twice and answers with JSON alone", () => {
    expect(cached.length).toBeGreaterThan(0);
    for (const { name, action } of cached)
      expect([name, action.idempotent, action.kind ?? "rest", action.status ?? 200, action.also]).toEqual([
        name,
        true,
        "rest",
        200,
        undefined,
      ]);
  });

  it("has an owner that every call of it names", () => {
    for (const { name, action, cache } of cached) {
      if (cache.of === "caller") expect([name, needsUser(action)]).toEqual([name, true]);
      if (cache.of === "user_id")
        expect([name, action.params["required"]]).toEqual([name, expect.arrayContaining(["user_id"])]);
    }
  });

  it("is short-lived where it is a person's: an event may be missed", () => {
    for (const { name, cache } of cached)
      if (cache.of !== "everyone")
        expect([name, cache.ttlS <= 60, cache.forgetOn.length > 0]).toEqual([name, true, true]);
  });
});

/** A room with a cached action of each kind; what a test puts in for the handler must compile or not. */
const roomWith = (cache: string, handler: string) => `
import Type from "typebox";
import { contract } from "../../broker/contract.ts";
import { type Ctx, service } from "../../broker/service.ts";
const look = (_ctx: Ctx<unknown>) => 1;
const door = contract("fixture", { actions: { ask: {
  summary: "Asks", rest: "GET /fixture", params: Type.Object({ user_id: Type.String() }), result: Type.Unknown(), cache: ${cache},
} } });
export const room = service(door)({ actions: { async ask(ctx) { void look; return ${handler}; } } });`;
const everyone = `{ ttlS: 9, of: "everyone" }`;
const caller = `{ ttlS: 9, of: "caller", forgetOn: ["users.changed"] }`;
const person = `{ ttlS: 9, of: "user_id", forgetOn: ["users.changed"] }`;

const fixtures: { what: string; cache: string; handler: string; compiles: boolean }[] = [
  { what: "everyone's answer from parameters", cache: everyone, handler: "ctx.params", compiles: true },
  { what: "everyone's answer from who asks", cache: everyone, handler: "ctx.user", compiles: false },
  { what: "everyone's answer from the request's meta", cache: everyone, handler: "ctx.meta.caller", compiles: false },
  {
    what: "everyone's answer from another room, which may know who asks",
    cache: everyone,
    handler: `ctx.call("auth.jwks", {})`,
    compiles: false,
  },
  {
    what: "everyone's answer from whoever the context is handed to",
    cache: everyone,
    handler: "look(ctx)",
    compiles: false,
  },
  {
    what: "the caller's answer from the caller",
    cache: caller,
    handler: "[ctx.user.userId, ctx.user.provider]",
    compiles: true,
  },
  { what: "the caller's answer from the session", cache: caller, handler: "ctx.user.sessionId", compiles: false },
  { what: "the caller's answer with headers", cache: caller, handler: "ctx.meta.$responseHeaders", compiles: false },
  { what: "a person's answer from the parameters", cache: person, handler: "ctx.params.user_id", compiles: true },
  { what: "a person's answer from who asks for it", cache: person, handler: "ctx.user", compiles: false },
  {
    what: "an event that does not say whose answers are over",
    cache: `{ ttlS: 9, of: "caller", forgetOn: ["auth.revoked"] }`,
    handler: "1",
    compiles: false,
  },
  { what: "a person's answer that no event ends", cache: `{ ttlS: 9, of: "caller" }`, handler: "1", compiles: false },
];

describe("the compiler", () => {
  const faults: string[][] = [];
  beforeAll(() => {
    const names = fixtures.map((_, index) => `${root}services/fixture/fixture-${index}.ts`);
    const textOf = (file: string) => {
      const fixture = fixtures[names.indexOf(file)];
      return fixture && roomWith(fixture.cache, fixture.handler);
    };
    const { config } = ts.readConfigFile(`${root}tsconfig.json`, path => ts.sys.readFile(path)) as { config: object };
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
    const host = ts.createCompilerHost(options);
    const disk = ts.createCompilerHost(options);
    host.fileExists = file => textOf(file) !== undefined || disk.fileExists(file);
    host.readFile = file => textOf(file) ?? disk.readFile(file);
    host.getSourceFile = (file, target, ...rest) => {
      const text = textOf(file);
      return text === undefined ? disk.getSourceFile(file, target, ...rest) : ts.createSourceFile(file, text, target);
    };
    // The contracts of the rooms bring the events.
    const program = ts.createProgram([...names, `${root}services/contracts.ts`], { ...options, noEmit: true }, host);
    for (const name of names) {
      const source = program.getSourceFile(name);
      faults.push(
        program
          .getSemanticDiagnostics(source)
          .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")),
      );
    }
  }, 120_000);

  it.each(fixtures.map((fixture, index) => ({ ...fixture, index })))(
    "$what: compiles $compiles",
    ({ index, compiles }) => {
      if (compiles) expect(faults[index]).toEqual([]);
      else expect(faults[index]).not.toEqual([]);
    },
  );
});
