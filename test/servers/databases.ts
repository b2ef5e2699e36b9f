import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";

/** A database that nobody else uses. `openDatabase(options)` opens it; close every handle before `remove()`. */
export interface TestDatabase {
  options: { databaseUrl: string | undefined; dataDir: string };
  remove(): Promise<void>;
}

/** The server that `npm test` found or started; undefined where it could do neither. */
const postgresUrl = process.env["TEST_DATABASE_URL"];

/**
 * Both kinds of database, for suites that must pass on each: `describe.each(databases)("on $name", ({ make }) => …)`.
 * PostgreSQL is left out where there is none; `npm test` says so, and fails for it with CI=true.
 */
export const databases: readonly { name: string; make: () => Promise<TestDatabase> }[] = [
  { name: "the embedded database", make: makeEmbedded },
  ...(postgresUrl === undefined ? [] : [{ name: "PostgreSQL", make: () => makeOnServer(postgresUrl) }]),
];

function tempFolder(): { dataDir: string; removeFolder: () => void } {
  const dataDir = mkdtempSync(join(tmpdir(), "eco2-test-"));
  return { dataDir, removeFolder: () => rmSync(dataDir, { recursive: true, force: true }) };
}

async function makeEmbedded(): Promise<TestDatabase> {
  const { dataDir, removeFolder } = tempFolder();
  return { options: { databaseUrl: undefined, dataDir }, remove: async () => removeFolder() };
}

async function makeOnServer(server: string): Promise<TestDatabase> {
  const { dataDir, removeFolder } = tempFolder();
  const name = `eco2_test_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    options: { databaseUrl: url.href, dataDir },
    async remove() {
      await onServer(server, `drop database if exists ${name} with (force)`);
      removeFolder();
    },
  };
}

async function onServer(server: string, sql: string): Promise<void> {
  const client = new Client(server);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
