import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Database, openDatabase } from "../../mixins/database/database.ts";
import { migrate, migrationStates, pendingMigrations } from "../../mixins/database/migrate.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";

const moduleUrl = (name: string) => new URL(`../../mixins/database/${name}.ts`, import.meta.url).href;

describe.each(databases)("migrations on $name", ({ name, make }) => {
  let place: TestDatabase;
  let db: Database;
  let project: string;
  let root: URL;
  let said: string[];
  const logger = { info: (message: string) => void said.push(message) };

  beforeEach(async () => {
    project = mkdtempSync(join(tmpdir(), "eco2-migrations-"));
    root = pathToFileURL(`${project}/`);
    said = [];
    place = await make();
    db = await openDatabase(place.options);
  });
  afterEach(async () => {
    await db.close();
    await place.remove();
    rmSync(project, { recursive: true, force: true });
  });

  const write = (path: string, sql: string) => {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), sql);
  };
  const failed = (work: Promise<unknown>) =>
    work.then(
      () => {
        throw new Error("expected a failure");
      },
      (thrown: unknown) => (thrown as Error).message,
    );
  const tables = async () =>
    (
      await db.rows<{ name: string }>(
        "select schemaname || '.' || tablename as name from pg_tables where schemaname in ('a', 'b', 'messages') order by 1",
      )
    ).map(row => row.name);

  const fill = () => {
    write("services/b/migrations/001-first.sql", "create schema b; create table b.one (id int);");
    write(
      "services/a/migrations/002-second.sql",
      "alter table a.one add column more text; insert into a.one values (1, 'semi; colon $1 :x');",
    );
    write(
      "services/a/migrations/001-first.sql",
      "create schema a;\n-- a comment; with a semicolon\ncreate table a.one (id int);\ncreate function a.f() returns int language sql as $$ select 1; $$;",
    );
    write(
      "broker/channels/migrations/001-messages.sql",
      "create schema messages; create table messages.outbox (id int);",
    );
    write("services/a/migrations/README.md", "not a migration");
  };
  const ORDER = ["messages/001-messages", "a/001-first", "a/002-second", "b/001-first"];

  it("run in one order over all rooms, once, and say what they did", async () => {
    fill();
    expect(await pendingMigrations(db, root)).toEqual(ORDER);
    expect(await tables()).toEqual([]);
    expect(await migrate(db, { logger, root })).toEqual(ORDER);
    expect(said.map(line => line.split(" ")[1])).toEqual(ORDER);
    expect(await tables()).toEqual(["a.one", "b.one", "messages.outbox"]);
    expect(await db.rows("select * from a.one")).toEqual([{ id: 1, more: "semi; colon $1 :x" }]);
    expect(await migrate(db, { logger, root })).toEqual([]);
    expect(await pendingMigrations(db, root)).toEqual([]);
    const states = await migrationStates(db, root);
    expect(states.map(state => state.name)).toEqual(ORDER);
    expect(states.every(state => state.appliedAt instanceof Date)).toBe(true);
  });

  it("run later whatever is added, wherever it sorts", async () => {
    fill();
    await migrate(db, { logger, root });
    write("services/a/migrations/003-third.sql", "create table a.three (id int)");
    expect(await migrate(db, { logger, root })).toEqual(["a/003-third"]);
  });

  it("take no offence at line ends and at rows of newer code, but refuse a file that was changed", async () => {
    fill();
    await migrate(db, { logger, root });
    write(
      "services/a/migrations/001-first.sql",
      "create schema a;\r\n-- a comment; with a semicolon\r\ncreate table a.one (id int);\r\ncreate function a.f() returns int language sql as $$ select 1; $$;",
    );
    await db.run("insert into public.migrations (name, checksum) values ('z/001-future', 'x')");
    expect(await migrate(db, { logger, root })).toEqual([]);
    write("services/a/migrations/001-first.sql", "create schema a;");
    expect(await failed(migrate(db, { logger, root }))).toMatch(/services\/a\/migrations\/001-first\.sql was changed/);
    expect(await failed(pendingMigrations(db, root))).toMatch(/001-first\.sql/);
  });

  it("leave nothing of one that fails, keep those before it, and go on when it is mended", async () => {
    fill();
    write("services/a/migrations/002-second.sql", "create table a.two (id int); insert into a.nowhere values (1);");
    expect(await failed(migrate(db, { logger, root }))).toMatch(/a\/002-second.*nowhere/s);
    expect(await tables()).toEqual(["a.one", "messages.outbox"]);
    expect(await pendingMigrations(db, root)).toEqual(["a/002-second", "b/001-first"]);
    write("services/a/migrations/002-second.sql", "create table a.two (id int)");
    expect(await migrate(db, { logger, root })).toEqual(["a/002-second", "b/001-first"]);
  });

  it("refuse a file whose name says no number", async () => {
    write("services/a/migrations/first.sql", "select 1");
    expect(await failed(pendingMigrations(db, root))).toMatch(/services\/a\/migrations\/first\.sql/);
  });

  (name === "PostgreSQL" ? it : it.skip)("run once when several processes start at the same moment", async () => {
    fill();
    // Slow enough that all of them meet in it.
    write("services/a/migrations/002-second.sql", "select pg_sleep(0.5); create table a.two (id int);");
    const script = `
      import { openDatabase } from ${JSON.stringify(moduleUrl("database"))};
      import { migrate } from ${JSON.stringify(moduleUrl("migrate"))};
      const db = await openDatabase(${JSON.stringify(place.options)});
      await db.ping();
      console.log("ready");
      process.stdin.once("data", async () => {
        console.log(JSON.stringify(await migrate(db, { logger: { info() {} }, root: new URL(${JSON.stringify(root.href)}) })));
        await db.close();
        process.exit();
      });`;
    const starters = [1, 2, 3].map(() =>
      spawn(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const answers = () =>
      Promise.all(
        starters.map(
          ({ stdout }) =>
            new Promise<string>(resolve => stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()))),
        ),
      );
    await answers();
    const ran = answers();
    for (const { stdin } of starters) stdin.write("go");
    const all = (await ran).flatMap(line => JSON.parse(line) as string[]);
    expect(all.sort()).toEqual([...ORDER].sort());
    expect(await pendingMigrations(db, root)).toEqual([]);
  });

  it("of this project make every schema that the rooms use", async () => {
    const ran = await migrate(db, { logger });
    expect(ran.length).toBeGreaterThan(0);
    expect(await migrate(db, { logger })).toEqual([]);
    const missing = [];
    for (const schema of new Set(ran.map(migration => migration.split("/")[0])))
      if (!(await db.one("select 1 from pg_tables where schemaname = $1", [schema]))) missing.push(schema);
    expect(missing).toEqual([]);
  });
});
