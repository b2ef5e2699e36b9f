import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { findHouse } from "../../mixins/house-file.ts";
import { clientOf } from "../../scripts/client.ts";
import { type House, houseEnvironment, startHouse } from "../house.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a program of the project that is expected to end by itself. */
async function outcome(args: string[], env: Record<string, string | undefined>) {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}
const start = (env: Record<string, string | undefined>) => outcome(["scripts/house.ts"], env);

let house: House;
let spare: string;
beforeAll(async () => {
  house = await startHouse();
  spare = mkdtempSync(join(tmpdir(), "eco2-spare-"));
}, 120_000);
afterAll(async () => {
  await house.stop();
  rmSync(spare, { recursive: true, force: true });
});
/** Whatever was tried beside it, the first house goes on. */
afterEach(async () => {
  expect((await fetch(`${house.url}/health`)).status).toBe(200);
});

describe("a second start", () => {
  it("on the same data folder is refused with the address of the first", async () => {
    const { code, output } = await start(houseEnvironment(house.dataDir));
    expect(code).toBe(1);
    expect(output).toContain(`already runs on the data folder "${house.dataDir}": ${house.url} (pid ${house.pid})`);
    expect(output).not.toMatch(/^\s+at /m);
  });

  it("on the same port is refused and says how to take another", async () => {
    const port = new URL(house.url).port;
    const { code, output } = await start(houseEnvironment(spare, { PORT: port }));
    expect(code).toBe(1);
    expect(output).toBe(
      `Port ${port} on 127.0.0.1 is taken by another program. Stop that one, or take another: PORT=${Number(port) + 1} npm start\n`,
    );
  });

  it("with a room that is not there names the rooms", async () => {
    const { code, output } = await start(houseEnvironment(spare, { SERVICES: "auth,kitchen" }));
    expect(code).toBe(78);
    expect(output).toContain("there is no room kitchen; there are api, auth,");
  });

  it("with faulty settings names them all", async () => {
    const { code, output } = await start(houseEnvironment(spare, { PORT: "http", HOST: "", LOG_LEVEL: "loud" }));
    expect(code).toBe(78);
    expect(output.split("\n").filter(line => /^ {2}(PORT|LOG_LEVEL): /.test(line))).toHaveLength(2);
  });

  it("on what is no folder says so in one line", async () => {
    const file = join(spare, "a-file");
    writeFileSync(file, "");
    const { code, output } = await start(houseEnvironment(file));
    expect(code).toBe(1);
    expect(output).toContain(`the data folder "${file}" cannot be used (ENOTDIR`);
    expect(output).not.toMatch(/^\s+at /m);
  });

  it("without its database says so in one line, and keeps the password to itself", async () => {
    const { code, output } = await start(
      houseEnvironment(spare, { DATABASE_URL: "postgres://u:hunter2@127.0.0.1:1/x" }),
    );
    expect(code).toBe(1);
    expect(output).toContain("the database at DATABASE_URL cannot be reached (connect ECONNREFUSED");
    expect(output).not.toMatch(/^\s+at |hunter2/m);
  });

  it("as production on a laptop's settings is refused", async () => {
    const { code, output } = await start(houseEnvironment(spare, { NODE_ENV: "production" }));
    expect(code).toBe(78);
    expect(output).toContain("DATABASE_URL: is required in production");
  });
});

describe("a house that is asked to stop", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "by %s finishes the streams, takes its signpost and lock down, and exits with 0",
    async signal => {
      const other = await startHouse();
      try {
        const client = await other.signIn("민지");
        expect(findHouse(other.dataDir)).toEqual({ pid: other.pid, url: other.url });
        expect((await client.get("/api/v1/users/me")).status).toBe(200);
        expect(await other.kill(signal)).toBe(0);
        expect(existsSync(join(other.dataDir, "house.json"))).toBe(false);
        expect(existsSync(join(other.dataDir, "lock.json"))).toBe(false);
        expect(other.output()).not.toMatch(/"level":"(error|fatal)"/);
        await other.restart();
        const again = clientOf(other.url);
        for (const [name, value] of client.cookies) again.cookies.set(name, value);
        expect((await again.get("/api/v1/users/me")).body).toMatchObject({ provider: "google" });
      } finally {
        await other.stop();
      }
    },
    120_000,
  );
});

describe("moleculer-runner", () => {
  it("runs the same house from moleculer.config.ts", async () => {
    const services = ["api", "auth", "users", "images", "scan", "chat", "character", "location", "info"].map(
      name => `services/${name}/${name}.service.ts`,
    );
    const args = ["node_modules/moleculer/bin/moleculer-runner.mjs", "--config", "moleculer.config.ts", ...services];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: houseEnvironment(spare),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = once(child, "close");
    try {
      for await (const chunk of child.stdout as AsyncIterable<Buffer>)
        if (chunk.toString().includes("started successfully")) break;
      const url = findHouse(spare)?.url;
      expect(url).toBeDefined();
      const ready = await fetch(`${url ?? ""}/ready`);
      expect([ready.status, await ready.text()]).toEqual([200, expect.any(String)]);
    } finally {
      child.kill("SIGTERM");
      await closed;
    }
  }, 120_000);
});
