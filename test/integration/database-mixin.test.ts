import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { SchemaValidator } from "../../broker/validator.ts";
import type { Database } from "../../mixins/database/database.ts";
import { openDatabase } from "../../mixins/database/database.ts";
import { migrate } from "../../mixins/database/migrate.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";

const ID = "0195f7a2-0000-7000-8000-000000000001";
const OTHER = "0195f7a2-0000-7000-8000-000000000002";

describe.each(databases)("the database mixin on $name", ({ make }) => {
  let place: TestDatabase;
  let broker: ServiceBroker;
  let seen: { db: Database; inTransaction: unknown };

  /** The rooms of a process whose settings name this database. */
  const makeBroker = async () => {
    jest.resetModules();
    process.env["DATA_DIR"] = place.options.dataDir;
    if (place.options.databaseUrl === undefined) delete process.env["DATABASE_URL"];
    else process.env["DATABASE_URL"] = place.options.databaseUrl;
    const { database } = await import("../../mixins/database/database.mixin.ts");
    const made = new ServiceBroker({ logger: false, validator: new SchemaValidator({}), contextParamsCloning: true });
    made.createService({
      name: "users",
      mixins: [database("users", { tables: ["accounts"] }) as object],
      async started(this: { db(): Database; transaction: Database["transaction"] }) {
        const inTransaction = await this.transaction(tx => tx.one("select count(*) as n from users.accounts"));
        seen = { db: this.db(), inTransaction };
      },
    });
    made.createService({ name: "scan", mixins: [database("scan") as object] });
    return made;
  };

  beforeAll(async () => {
    place = await make();
    if (place.options.databaseUrl !== undefined) {
      const unmigrated = await makeBroker();
      await expect(unmigrated.start()).rejects.toThrow(/npm run migrate/);
      await unmigrated.stop();
      const db = await openDatabase(place.options);
      await migrate(db, { logger: { info: () => undefined } });
      await db.close();
    }
    broker = await makeBroker();
    await broker.start();
    await broker.waitForServices(["users.accounts"]);
  });
  afterAll(async () => {
    await broker.stop();
    await place.remove();
  });
  const call = (action: string, params: object) => broker.call(`users.accounts.${action}`, params);
  const fails = (action: string, params: object) =>
    call(action, params).then(
      () => "no failure",
      (thrown: unknown) => (thrown as { type: string }).type,
    );

  it("opens the migrated database before the room's own start", () => {
    expect(seen.inTransaction).toEqual({ n: 0 });
  });

  it("serves rows to operators, without a route", async () => {
    expect(await call("create", { id: ID, nickname: "새싹" })).toMatchObject({ id: ID, nickname: "새싹", email: null });
    expect(await call("insert", { entities: [{ id: OTHER, nickname: "이코" }] })).toHaveLength(1);
    expect(await call("get", { id: ID })).toMatchObject({ nickname: "새싹" });
    expect(await call("get", { id: [ID, OTHER] })).toHaveLength(2);
    expect(await call("find", { query: { nickname: "이코" } })).toMatchObject([{ id: OTHER }]);
    expect(await call("count", {})).toBe(2);
    expect(await call("list", { sort: "-nickname", pageSize: 1 })).toMatchObject({
      rows: [{ nickname: "이코" }],
      total: 2,
      totalPages: 2,
    });
    expect(await call("update", { id: ID, email: "a@b.kr" })).toMatchObject({ nickname: "새싹", email: "a@b.kr" });
    expect(await seen.db.one("select email from users.accounts where id = $1", [ID])).toEqual({ email: "a@b.kr" });
    expect(await call("remove", { id: OTHER })).toMatchObject({ id: OTHER });
    expect(await call("count", {})).toBe(1);
    const services: { name: string; actions: Record<string, object> }[] = await broker.call("$node.services", {
      withActions: true,
    });
    const actions = services.find(service => service.name === "users.accounts")?.actions ?? {};
    expect(
      Object.keys(actions)
        .map(name => name.split(".").at(-1))
        .sort(),
    ).toEqual(["count", "create", "find", "get", "insert", "list", "remove", "update"]);
    for (const action of Object.values(actions)) expect(action).toMatchObject({ visibility: "public", rest: null });
  });

  it("reads what was written past it: nothing is cached", async () => {
    await call("get", { id: ID });
    await seen.db.run("update users.accounts set nickname = '바뀜' where id = $1", [ID]);
    expect(await call("get", { id: ID })).toMatchObject({ nickname: "바뀜" });
  });

  it("answers malformed requests as the caller's fault", async () => {
    expect(await fails("get", { id: "not-a-uuid" })).toBe("VALIDATION_FAILED");
    expect(await fails("update", { id: "1; drop table users.accounts", nickname: "x" })).toBe("VALIDATION_FAILED");
    expect(await fails("remove", { id: "" })).toBe("VALIDATION_FAILED");
    expect(await fails("get", { id: OTHER })).toBe("NOT_FOUND");
    expect(await fails("find", { query: { id: "x" } })).toBe("VALIDATION_FAILED");
    expect(await fails("find", { query: "{" })).toBe("VALIDATION_FAILED");
    expect(await fails("find", { sort: "nowhere" })).toBe("VALIDATION_FAILED");
    expect(await fails("create", { id: OTHER, nickname: "x", is_admin: true })).toBe("VALIDATION_FAILED");
    expect(await fails("update", { id: ID, is_admin: true })).toBe("VALIDATION_FAILED");
    expect(await fails("create", { id: ID, nickname: "twice" })).toBe("VALIDATION_FAILED");
    expect(await fails("create", { id: OTHER })).toBe("VALIDATION_FAILED");
    expect(await seen.db.one("select count(*) as n from users.accounts")).toEqual({ n: 1 });
  });

  it("opens again after a stop", async () => {
    await broker.stop();
    broker = await makeBroker();
    await broker.start();
    expect(seen.inTransaction).toEqual({ n: 1 });
  });
});
