import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Client } from "pg";
import { DataTypes, type Model, type ModelStatic } from "sequelize";
import {
  type Database,
  isDatabaseDown,
  isUniqueViolation,
  openDatabase,
  type Tx,
} from "../../mixins/database/database.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";

const failed = async (work: Promise<unknown>): Promise<Error & { code?: string; sql?: string; type?: string }> => {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(Error);
  return thrown as Error & { code?: string };
};

describe.each(databases)("a database ($name)", ({ name, make }) => {
  let place: TestDatabase;
  let db: Database;

  beforeAll(async () => {
    place = await make();
    db = await openDatabase(place.options);
    await db.run(`
      create table things (id int primary key, name text unique, data jsonb, at timestamptz);
      create table counters (id int primary key, n int not null);
      insert into counters values (1, 0), (2, 0)`);
  });
  afterAll(async () => {
    await db.close();
    await place.remove();
  });
  const names = async (like: string) =>
    (await db.rows<{ name: string }>("select name from things where name like $1 order by name", [like])).map(
      row => row.name,
    );
  const add = (tx: Tx, id: number, name: string) => tx.run("insert into things (id, name) values ($1, $2)", [id, name]);

  describe("values", () => {
    it("come back as they went in", async () => {
      const at = new Date("2026-03-01T12:34:56.789Z");
      const row = await db.one(
        `select $1::text as text, $2::jsonb as json, $3::timestamptz as at, $4::bytea as bytes, $5::int[] as list,
                $6::bigint as big, $7::numeric as exact, $8::boolean as yes, $9::text as nothing, $10::uuid as id, $11::jsonb as array`,
        [
          "한글 — 𝄞 'quoted' $1 \\0",
          { a: [1, { b: "나" }] },
          at,
          Buffer.from([0, 1, 255]),
          [1, 2, 3],
          9007199254740991,
          "12.30",
          true,
          undefined,
          "0195f7a2-0000-7000-8000-000000000001",
          JSON.stringify([1, "x"]),
        ],
      );
      expect(row).toEqual({
        text: "한글 — 𝄞 'quoted' $1 \\0",
        json: { a: [1, { b: "나" }] },
        at,
        bytes: Buffer.from([0, 1, 255]),
        list: [1, 2, 3],
        big: 9007199254740991,
        exact: "12.30",
        yes: true,
        nothing: null,
        id: "0195f7a2-0000-7000-8000-000000000001",
        array: [1, "x"],
      });
    });

    it("keep what a number cannot hold, a calendar day, and binds inside literals apart", async () => {
      const row = await db.one(
        "select 9007199254740993::bigint as big, date '2026-03-01' as day, count(*) as n, '$1' as literal, $1::int as one from things where false",
        [1],
      );
      expect(row).toEqual({ big: "9007199254740993", day: "2026-03-01", n: 0, literal: "$1", one: 1 });
    });

    it("may be megabytes", async () => {
      const text = "폐기물".repeat(500_000);
      expect((await db.one<{ text: string }>("select $1::text as text", [text]))?.text === text).toBe(true);
      expect(await db.rows("select repeat('y', 1000) from generate_series(1, 5000)")).toHaveLength(5000);
    });

    it("with NUL are the database's error, and the connection lives on", async () => {
      expect((await failed(db.rows("select $1::text", ["a\0b"]))).code).toBe("22021");
      expect(await db.one("select 1 as one")).toEqual({ one: 1 });
    });

    it("are in UTC whatever the server's own zone is", async () => {
      expect(
        await db.one(
          "select current_setting('TimeZone') in ('UTC', '<+00>-00') as utc, date_trunc('day', timestamptz '2026-03-01T20:00:00Z')::text as day",
        ),
      ).toEqual({
        utc: true,
        day: "2026-03-01 00:00:00+00",
      });
    });
  });

  describe("statements", () => {
    it("count the rows they touch and give the first row", async () => {
      await db.run("insert into things (id, name) values (101, 's1'), (102, 's2')");
      expect(await db.run("update things set data = '{}' where name like 's_'")).toBe(2);
      expect(await db.run("delete from things where id = 999")).toBe(0);
      expect(await db.one("select name from things where id = 101")).toEqual({ name: "s1" });
      expect(await db.one("select name from things where id = 999")).toBeUndefined();
    });

    it("fail with SQLSTATE and their text, without the values", async () => {
      const error = await failed(db.run("selec $1", ["secret"]));
      expect(error).toMatchObject({ code: "42601", sql: "selec $1" });
      expect(JSON.stringify(error)).not.toContain("secret");
      expect(isDatabaseDown(error)).toBe(false);
      expect(await db.one("select 1 as one")).toEqual({ one: 1 });
    });

    it("tell a row that exists already", async () => {
      await add(db, 110, "unique");
      const error = await failed(add(db, 111, "unique"));
      expect(isUniqueViolation(error)).toBe(true);
      expect(isUniqueViolation(error, "things_name_key")).toBe(true);
      expect(isUniqueViolation(error, "things_pkey")).toBe(false);
    });
  });

  describe("a transaction", () => {
    it("keeps all of it or nothing", async () => {
      await db.transaction(async tx => {
        await add(tx, 201, "kept1");
        await add(tx, 202, "kept2");
      });
      const error = await failed(
        db.transaction(async tx => {
          await add(tx, 203, "gone1");
          throw new Error("boom");
        }),
      );
      expect(error.message).toBe("boom");
      expect(await names("kept%")).toEqual(["kept1", "kept2"]);
      expect(await names("gone%")).toEqual([]);
    });

    it("is not seen by others before its commit, and not touched by them", async () => {
      const inside = Promise.withResolvers<undefined>();
      const goOn = Promise.withResolvers<undefined>();
      const first = failed(
        db.transaction(async tx => {
          await add(tx, 211, "isolated-a");
          inside.resolve(undefined);
          await goOn.promise;
          throw new Error("roll back");
        }),
      );
      await inside.promise;
      // Waits for the transaction on the embedded database, runs beside it on a server.
      const other = add(db, 212, "isolated-b");
      const seen = names("isolated-%");
      goOn.resolve(undefined);
      await Promise.all([first, other, seen]);
      expect(await seen).not.toContain("isolated-a");
      expect(await names("isolated-%")).toEqual(["isolated-b"]);
    });

    it("lets the connection be used after an error in it", async () => {
      const states: (string | undefined)[] = [];
      await failed(
        db.transaction(async tx => {
          states.push((await failed(tx.rows("select 1/0"))).code);
          states.push((await failed(tx.rows("select 1"))).code);
          throw new Error("give up");
        }),
      );
      expect(states).toEqual(["22012", "25P02"]);
      await Promise.all(
        Array.from({ length: 20 }, async () => expect(await db.one("select 1 as one")).toEqual({ one: 1 })),
      );
    });

    it("that hid an error is reported as rolled back, not as done", async () => {
      const error = await failed(
        db.transaction(async tx => {
          await add(tx, 221, "hidden");
          await failed(tx.rows("select 1/0"));
        }),
      );
      expect(error.message).toMatch(/rolled back/);
      expect(await names("hidden")).toEqual([]);
    });

    it("runs its hooks after the commit, and never after a rollback", async () => {
      const seen: unknown[] = [];
      await db.transaction(async tx => {
        tx.afterCommit(() => seen.push("committed"));
        await add(tx, 231, "hook");
        seen.push("inside");
      });
      await failed(
        db.transaction(async tx => {
          tx.afterCommit(() => seen.push("never"));
          throw new Error("boom");
        }),
      );
      db.afterCommit(() => seen.push("at once"));
      expect(seen).toEqual(["inside", "committed", "at once"]);
    });

    it("refuses what would wait for itself", async () => {
      const inTransaction = (work: () => Promise<unknown>) => failed(db.transaction(() => work()));
      expect((await inTransaction(() => db.rows("select 1"))).message).toMatch(/use the tx/);
      expect((await inTransaction(() => db.transaction(async () => undefined))).message).toMatch(/use the tx/);
      // What it started and did not wait for may go on after it.
      const goOn = Promise.withResolvers<undefined>();
      let later: Promise<unknown> | undefined;
      await db.transaction(async () => {
        later = goOn.promise.then(() => db.one("select 1 as one"));
      });
      goOn.resolve(undefined);
      expect(await later).toEqual({ one: 1 });
    });

    it("takes several statements at once, and lets none of them go on after a failure", async () => {
      expect(
        await db.transaction(tx =>
          Promise.all([1, 2, 3].map(async n => (await tx.one<{ n: number }>("select $1::int as n", [n]))?.n)),
        ),
      ).toEqual([1, 2, 3]);
      const fates = await db
        .transaction(async tx => {
          const both = [add(tx, 241, "at-once-1"), tx.rows("select 1/0"), add(tx, 242, "at-once-2")];
          await Promise.all(both);
        })
        .catch((thrown: unknown) => thrown);
      expect(fates).toMatchObject({ code: "22012" });
      expect(await names("at-once-%")).toEqual([]);
    });

    it("cannot be used when it is over", async () => {
      let escaped: Tx | undefined;
      await db.transaction(async tx => {
        escaped = tx;
      });
      expect((await failed(escaped!.rows("select 1"))).message).toMatch(/over/);
    });

    it("runs 300 times at once without mixing anything up", async () => {
      await Promise.all(
        Array.from({ length: 300 }, (_, i) =>
          db
            .transaction(async tx => {
              await add(tx, 1000 + i, `many-${i}`);
              await tx.run("update things set data = $2::jsonb where id = $1", [1000 + i, { i }]);
              const row = await tx.one<{ data: { i: number } }>("select data from things where id = $1", [1000 + i]);
              expect(row?.data).toEqual({ i });
              if (i % 3 === 0) throw new Error("every third one goes back");
            })
            .catch((thrown: unknown) => {
              if (!(thrown instanceof Error) || !thrown.message.startsWith("every")) throw thrown;
            }),
        ),
      );
      expect(
        await db.one("select count(*) as n, sum((data->>'i')::int) as sum from things where name like 'many-%'"),
      ).toEqual({ n: 200, sum: 30_000 });
    });

    it("gives every one of many readers its own rows", async () => {
      const queries = [
        "select id, name from things where id = $1",
        "select name, id, $1::int as p from things where id = $1",
        "select length($2::text), id from things where id = $1",
      ];
      const big = "x".repeat(200_000);
      const ids = Array.from({ length: 400 }, (_, i) => 1001 + (i % 299)).filter(id => (id - 1000) % 3 !== 0);
      const read = async (id: number, i: number) =>
        (await db.one<{ id: number }>(queries[i % 3]!, i % 3 === 2 ? [id, big] : [id]))?.id;
      expect(await Promise.all(ids.map(read))).toEqual(ids);
    });
  });

  describe("Sequelize models", () => {
    let Thing: ModelStatic<Model>;
    beforeAll(() => {
      Thing = db.sequelize.define(
        "thing",
        {
          id: { type: DataTypes.INTEGER, primaryKey: true },
          name: DataTypes.TEXT,
          data: DataTypes.JSONB,
          at: DataTypes.DATE,
        },
        { tableName: "things", timestamps: false },
      );
    });

    it("read and write what the stores do", async () => {
      const at = new Date("2026-03-01T00:00:00Z");
      await Thing.create({ id: 301, name: "모델", data: { a: [1] }, at });
      expect(await db.one("select name, data, at from things where id = 301")).toEqual({
        name: "모델",
        data: { a: [1] },
        at,
      });
      expect((await Thing.findByPk(301))?.get()).toEqual({ id: 301, name: "모델", data: { a: [1] }, at });
    });

    it("take part in a transaction, and are refused beside it", async () => {
      await failed(
        db.transaction(async tx => {
          await Thing.create({ id: 302, name: "model-gone" }, { transaction: tx.sequelizeTransaction! });
          expect(await tx.one("select name from things where id = 302")).toEqual({ name: "model-gone" });
          throw new Error("boom");
        }),
      );
      expect(await names("model-gone")).toEqual([]);
      expect((await failed(db.transaction(() => Thing.create({ id: 303, name: "beside" })))).message).toMatch(
        /sequelizeTransaction/,
      );
      let transaction: Tx["sequelizeTransaction"];
      await db.transaction(async tx => {
        transaction = tx.sequelizeTransaction;
        await Thing.create({ id: 304, name: "model-kept" }, { transaction: transaction! });
      });
      expect(await names("model-%")).toEqual(["model-kept"]);
      expect((await failed(Thing.findByPk(304, { transaction: transaction! }))).message).toMatch(/commit/);
    });

    it("keep their sync to themselves: a model can be made from nothing and altered", async () => {
      const Kind = db.sequelize.define("kind", {
        name: DataTypes.STRING,
        list: DataTypes.ARRAY(DataTypes.INTEGER),
        kind: DataTypes.ENUM("x", "y"),
        price: DataTypes.DECIMAL(10, 2),
        raw: DataTypes.BLOB,
        uid: DataTypes.UUID,
      });
      await Kind.sync({ force: true });
      await Kind.sync({ alter: true });
      const made = await Kind.create({
        name: "한글",
        list: [1, 2, 3],
        kind: "x",
        price: "12.30",
        raw: Buffer.from([0, 255]),
      });
      expect((await Kind.findByPk(made.get("id") as number))?.get()).toMatchObject({
        name: "한글",
        list: [1, 2, 3],
        kind: "x",
        price: "12.30",
        raw: Buffer.from([0, 255]),
        uid: null,
      });
      await Kind.drop({});
    });
  });

  describe("handles", () => {
    it("of one database share one pool, and the last one closes it", async () => {
      const other = await openDatabase(place.options);
      expect(other.sequelize).toBe(db.sequelize);
      await other.close();
      await other.close();
      expect(await db.one("select 1 as one")).toEqual({ one: 1 });
    });

    it("answer a ping, and give up when told to", async () => {
      await db.ping();
      await db.ping(AbortSignal.timeout(10_000));
      const gaveUp = new Error("too late");
      expect(await failed(db.ping(AbortSignal.abort(gaveUp)))).toBe(gaveUp);
    });
  });

  it("rolls back the transaction of a connection that is cut", async () => {
    const client = (await db.sequelize.connectionManager.getConnection({ type: "write" })) as Client & {
      connection: { stream: { destroy(): void } };
    };
    await client.query("begin");
    await client.query("insert into things (id, name) values (401, 'cut')");
    client.on("error", () => undefined);
    const ended = new Promise(resolve => client.once("end", resolve));
    client.connection.stream.destroy();
    await ended;
    expect(await names("cut")).toEqual([]);
    await add(db, 402, "after-cut");
    expect(await names("%cut")).toEqual(["after-cut"]);
  });

  // One backend has no neighbours to lose to, and nobody who could end its connections.
  (name === "PostgreSQL" ? describe : describe.skip)("with neighbours", () => {
    const bump = (tx: Tx, id: number) => tx.run("update counters set n = n + 1 where id = $1", [id]);

    it("runs a transaction again that lost to another", async () => {
      let tries = 0;
      const bothHoldOne = Promise.withResolvers<undefined>();
      let holding = 0;
      const inOrder = (first: number, second: number) =>
        db.transaction(async tx => {
          tries++;
          await bump(tx, first);
          if (++holding === 2) bothHoldOne.resolve(undefined);
          await bothHoldOne.promise;
          await bump(tx, second);
        });
      await Promise.all([inOrder(1, 2), inOrder(2, 1)]);
      expect(tries).toBe(3);
      expect(await db.rows("select n from counters order by id")).toEqual([{ n: 2 }, { n: 2 }]);
    });

    it("gives up in the end, with the server's own error", async () => {
      let tries = 0;
      const always = db.transaction(async tx => {
        tries++;
        await tx.run("do $$ begin raise exception 'lost' using errcode = '40001'; end $$");
      });
      expect(await failed(always)).toMatchObject({ code: "40001", message: "lost" });
      expect(tries).toBe(5);
    });

    it("says that the database is down when a connection is lost, and takes a new one", async () => {
      const lost = await failed(
        db.transaction(async tx => {
          const me = await tx.one<{ pid: number }>("select pg_backend_pid() as pid");
          const client = new Client(place.options.databaseUrl);
          await client.connect();
          await client.query("select pg_terminate_backend($1)", [me?.pid]);
          await client.end();
          await tx.rows("select 1");
        }),
      );
      expect(isDatabaseDown(lost)).toBe(true);
      expect(lost.type).toBe("DATABASE_UNAVAILABLE");
      expect(await db.one("select 1 as one")).toEqual({ one: 1 });
    });

    it("says that the database is down when there is no server, or not this database", async () => {
      const unreachable = await openDatabase({
        databaseUrl: "postgres://postgres@127.0.0.1:1/none",
        dataDir: place.options.dataDir,
      });
      const refused = await failed(unreachable.ping());
      expect(isDatabaseDown(refused)).toBe(true);
      expect(refused.type).toBe("DATABASE_UNAVAILABLE");
      await unreachable.close();
    });
  });

  it("can be closed and opened again, with everything in it", async () => {
    const before = await db.one("select count(*) as n from things");
    await db.close();
    await failed(db.rows("select 1"));
    db = await openDatabase(place.options);
    expect(await db.one("select count(*) as n from things")).toEqual(before);
  });
});
