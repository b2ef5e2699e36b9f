import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Client } from "pg";
import { type Database, isDatabaseDown, openDatabase } from "../../mixins/database/database.ts";
import { openEmbedded } from "../../mixins/database/embedded.ts";
import { openFolder } from "../../mixins/database/embedded-folder.ts";
import { startUpkeep } from "../../mixins/database/embedded-upkeep.ts";
import { packedPath } from "../../mixins/database/empty-database.ts";

const DATABASE = new URL("../../mixins/database/database.ts", import.meta.url).href;

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "eco2-embedded-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Runs `body` with an open `db` on the folder in a process of its own. */
const inAnotherProcess = (body: string) =>
  spawn(
    process.execPath,
    [
      "--input-type=module-typescript",
      "-e",
      `import { openDatabase } from ${JSON.stringify(DATABASE)};
       try { const db = await openDatabase({ dataDir: ${JSON.stringify(dataDir)} }); ${body} }
       catch (thrown) { console.log(JSON.stringify({ code: thrown.code, message: thrown.message })); process.exit(3) }`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );

describe("the embedded database", () => {
  it("ships an empty database that fits the installed PGlite", () => {
    expect(existsSync(packedPath())).toBe(true);
  });

  it("keeps its folder to its owner, and throws away what a killed first start left", async () => {
    mkdirSync(join(dataDir, "database.new"));
    writeFileSync(join(dataDir, "database.new", "PG_VERSION"), "half of it");
    const db = await openDatabase({ dataDir });
    expect(await db.one("select count(*) as n from pg_class where relname = 'pg_class'")).toEqual({ n: 1 });
    await db.close();
    expect(existsSync(join(dataDir, "database.new"))).toBe(false);
    expect(statSync(join(dataDir, "database")).mode & 0o077).toBe(0);
  });

  it("refuses a second process on the folder, and the first goes on", async () => {
    const db = await openDatabase({ dataDir });
    const second = inAnotherProcess("console.log('opened')");
    const said = new Promise<string>(resolve =>
      second.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())),
    );
    const code = await new Promise(resolve => second.once("exit", resolve));
    expect(code).toBe(3);
    const refusal = JSON.parse(await said) as { code: string; message: string };
    expect(refusal.code).toBe("FOLDER_IN_USE");
    expect(refusal.message).toContain(dataDir);
    expect(refusal.message).toContain(String(process.pid));
    expect(await db.one("select 1 as one")).toEqual({ one: 1 });
    await db.close();
  });

  it("has every acknowledged row and no half transaction after SIGKILL in the middle of writing, again and again", async () => {
    const acknowledged: number[] = [];
    for (let round = 0; round < 3; round++) {
      const from = round * 1_000_000;
      const writer = inAnotherProcess(`
        await db.run("create table if not exists log (id int, half int, filler text, primary key (id, half))");
        const write = async first => { for (let id = first; ; id += 8) {
          await db.transaction(async tx => { for (const half of [1, 2]) await tx.run("insert into log values ($1, $2, repeat('f', 500))", [id, half]); });
          console.log(id);
        } };
        await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(i => write(${from} + i)));`);
      let count = 0;
      for await (const line of createInterface({ input: writer.stdout })) {
        // Whole lines only: what was read is what had been acknowledged.
        acknowledged.push(Number(line));
        if (++count === 150) writer.kill("SIGKILL");
      }
      expect(count).toBeGreaterThanOrEqual(150);
    }
    const db = await openDatabase({ dataDir });
    const whole = await db.rows<{ id: number }>("select id from log group by id having count(*) = 2");
    const all = await db.one<{ n: number }>("select count(distinct id) as n from log");
    expect(all?.n).toBe(whole.length);
    const kept = new Set(whole.map(row => row.id));
    expect(acknowledged.filter(id => !kept.has(id))).toEqual([]);
    await db.close();
  });

  describe("when its thread dies", () => {
    let db: Database;
    let reports: Error[];
    beforeEach(async () => {
      reports = [];
      db = await openDatabase({ dataDir, report: cause => reports.push(cause) });
      await db.run("create table t (id int); insert into t values (1)");
    });
    afterEach(() => db.close());
    // The backend has no client to copy from and exits.
    const crash = () => db.rows("copy t from stdin").catch((thrown: unknown) => thrown);

    it("fails everything under way with an error that means 503, reports it once, and starts again", async () => {
      const underWay = [
        crash(),
        ...Array.from({ length: 5 }, () => db.rows("select * from t").catch((thrown: unknown) => thrown)),
      ];
      const [crashed] = await Promise.all(underWay);
      expect(crashed).toMatchObject({ code: "EMBEDDED_DATABASE_STOPPED", type: "DATABASE_UNAVAILABLE" });
      expect(isDatabaseDown(crashed)).toBe(true);
      expect(reports).toHaveLength(1);
      expect(reports[0]?.message).toMatch(/embedded database stopped/);
      expect(await db.rows("select * from t")).toEqual([{ id: 1 }]);
      await db.run("insert into t values (2)");
      expect(await db.one("select count(*) as n from t")).toEqual({ n: 2 });
    });

    it("rolls the open transaction back", async () => {
      const inside = Promise.withResolvers<undefined>();
      const crashed = Promise.withResolvers<undefined>();
      const open = db
        .transaction(async tx => {
          await tx.run("insert into t values (3)");
          inside.resolve(undefined);
          await tx.rows("copy t from stdin").catch(() => crashed.resolve(undefined));
          await tx.run("insert into t values (4)");
        })
        .catch((thrown: unknown) => thrown);
      await Promise.all([inside.promise, crashed.promise]);
      expect(isDatabaseDown(await open)).toBe(true);
      expect(await db.rows("select * from t")).toEqual([{ id: 1 }]);
    });
  });

  it("ends a transaction that was left open, and everybody else goes on", async () => {
    const embedded = await openEmbedded(join(dataDir, "database"), { idleInTransactionMs: 100 });
    const connect = async () => {
      const client = new Client({ stream: embedded.stream, user: "postgres", database: "postgres" });
      await client.connect();
      return client;
    };
    const [forgetful, other] = await Promise.all([connect(), connect()]);
    // The second error is pg's own, about the end of the connection.
    const ended = new Promise<Error>(resolve => forgetful.on("error", resolve));
    await forgetful.query("create table t (id int)");
    await forgetful.query("begin");
    await forgetful.query("insert into t values (1)");
    expect((await other.query("select * from t")).rows).toEqual([]);
    expect(isDatabaseDown(await ended)).toBe(true);
    await other.end();
    await embedded.close();
  });

  it("writes checkpoints, so that its log does not grow for ever, and clears away dead rows", async () => {
    const database = await openFolder(join(dataDir, "database"));
    const one = async <R extends object>(sql: string) => (await database.query<R>(sql)).rows[0] as R;
    const redo = async () => (await one<{ redo_lsn: string }>("select redo_lsn from pg_control_checkpoint()")).redo_lsn;
    const before = await redo();
    await database.exec(
      "create table t (id int, filler text); insert into t select g, repeat('x', 1000) from generate_series(1, 20000) g",
    );
    await database.exec("delete from t where id > 100");
    const dead = () => one<{ n: number }>("select n_dead_tup::int as n from pg_stat_user_tables where relname = 't'");
    // PostgreSQL counts them up to a second later.
    while ((await dead()).n < 10_000) await new Promise(resolve => setImmediate(resolve));
    let chain = Promise.resolve();
    const upkeep = startUpkeep(database, step => void (chain = chain.then(step)), 20);
    while ((await redo()) === before || (await dead()).n > 0) await new Promise(resolve => setImmediate(resolve));
    upkeep.stop();
    await chain;
    expect(await one("select reltuples::int as n from pg_class where relname = 't'")).toEqual({ n: 100 });
    await database.close();
  });
});
