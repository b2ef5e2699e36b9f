import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { Errors, ServiceBroker, type ServiceSchema } from "moleculer";
import { fail } from "../../broker/errors.ts";
import { readGauge } from "../../broker/metrics.ts";
import { type InternalServer, openInternalServer } from "../../broker/internal-server.ts";
import { internalPort } from "../../broker/middlewares/internal-port.ts";
import { measureActions } from "../../broker/middlewares/measure-actions.ts";
import { dependsOn, worksBetterWith } from "../../broker/readiness.ts";
import { freePort } from "../servers/started-server.ts";

const brokers: ServiceBroker[] = [];
const servers: InternalServer[] = [];
const undo: (() => void)[] = [];
afterEach(async () => {
  for (const back of undo.splice(0)) back();
  await Promise.all(brokers.splice(0).map(broker => broker.stop()));
  await Promise.all(servers.splice(0).map(server => server.close()));
});

/** A process with this room, and its internal port. */
async function processWith(room: ServiceSchema): Promise<{ url: string; broker: ServiceBroker }> {
  const port = await freePort();
  const broker = new ServiceBroker({
    logger: false,
    nodeID: `internal-${port}`,
    middlewares: [measureActions, internalPort({ host: "127.0.0.1", port })],
  });
  brokers.push(broker);
  broker.createService(room);
  return { broker, url: `http://127.0.0.1:${port}` };
}
/** A port alone, of a process that runs. */
async function open(probeTimeoutMs?: number): Promise<string> {
  const server = await openInternalServer({ host: "127.0.0.1", port: 0 }, () => true, probeTimeoutMs);
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}
const get = async (url: string) => {
  const answer = await fetch(url);
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
};
const ready = async (url: string) => {
  const { text } = await get(`${url}/ready`);
  return JSON.parse(text) as { status: string; dependencies: object };
};

describe("the internal port of a process", () => {
  it("says that it is alive before its rooms are started, and that it is ready after", async () => {
    const { promise: opened, resolve: release } = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const { url, broker } = await processWith({
      name: "slow",
      started: async () => {
        begun.resolve(undefined);
        await opened;
      },
    });
    const started = broker.start();
    await begun.promise;
    expect(await get(`${url}/health`)).toMatchObject({ status: 200 });
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    release(undefined);
    await started;
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  });

  it("is not ready from the moment the process begins to stop, and answers until it has stopped", async () => {
    const { promise: finished, resolve: finish } = Promise.withResolvers<undefined>();
    const stopping = Promise.withResolvers<undefined>();
    const { url, broker } = await processWith({
      name: "busy",
      stopped: async () => {
        stopping.resolve(undefined);
        await finished;
      },
    });
    await broker.start();
    const stopped = broker.stop();
    await stopping.promise;
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    finish(undefined);
    await stopped;
    await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
  });

  it("names what it depends on, what is down and what hangs", async () => {
    const url = await open(50);
    undo.push(dependsOn("database", async () => "hello"));
    expect(await ready(url)).toEqual({
      status: "ready",
      dependencies: { database: "ok" },
    });
    undo.push(dependsOn("rabbitmq", () => Promise.reject(new Error("gone"))));
    undo.push(dependsOn("redis", () => new Promise(() => undefined)));
    expect(await ready(url)).toMatchObject({ dependencies: { database: "ok", rabbitmq: "down", redis: "down" } });
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    for (const back of undo.splice(1)) back();
    expect(await ready(url)).toMatchObject({ dependencies: { database: "ok" } });
  });

  it("is ready without what it only works better with, and says so", async () => {
    const url = await open(50);
    undo.push(worksBetterWith("redis", () => Promise.reject(new Error("gone"))));
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    expect(await ready(url)).toEqual({ status: "ready", dependencies: { redis: "degraded" } });
  });

  it("asks one of several that hold the same thing, and forgets it with the last", async () => {
    const url = await open();
    let asked = 0;
    const probe = async () => asked++;
    const backs = [dependsOn("database", probe), dependsOn("database", probe)];
    await ready(url);
    expect(asked).toBe(1);
    backs[0]!();
    expect(await ready(url)).toMatchObject({ dependencies: { database: "ok" } });
    backs[1]!();
    expect(await ready(url)).toMatchObject({ dependencies: {} });
  });

  it("knows three pages and reading alone", async () => {
    const url = await open();
    expect(await get(`${url}/`)).toMatchObject({ status: 404 });
    expect(await get(`${url}/__proto__`)).toMatchObject({ status: 404 });
    const posted = await fetch(`${url}/metrics`, { method: "POST", body: "x" });
    expect({ status: posted.status, allow: posted.headers.get("allow") }).toEqual({ status: 405, allow: "GET, HEAD" });
    const head = await fetch(`${url}/health?probe=1`, { method: "HEAD" });
    expect({ status: head.status, text: await head.text() }).toEqual({ status: 200, text: "" });
  });

  it("does not start beside another process on the same port", async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(openInternalServer({ host: "127.0.0.1", port }, () => true)).rejects.toMatchObject({
      code: "EADDRINUSE",
      port,
    });
    other.close();
  });
});

describe("the metrics of a process", () => {
  const lines = async (url: string, name: string) =>
    (await get(`${url}/metrics`)).text.split("\n").filter(line => line.startsWith(name));

  it("come as Prometheus reads them, with those of the process itself", async () => {
    const url = await open();
    const { status, type, text } = await get(`${url}/metrics`);
    expect({ status, type }).toEqual({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
    for (const name of [
      "process_cpu_seconds_total",
      "nodejs_eventloop_lag_p99_seconds",
      "process_resident_memory_bytes",
    ])
      expect(text).toContain(`# TYPE ${name} `);
  });

  it("count each action by its outcome, local calls and those between rooms alike", async () => {
    const { url, broker } = await processWith({
      name: "counted",
      actions: {
        fine: () => "fine",
        outer: ctx => ctx.call("counted.fine"),
        refused: () => {
          throw fail("NOT_FOUND");
        },
        down: () => Promise.reject(fail("DATABASE_UNAVAILABLE")),
        broken: () => {
          throw new Errors.MoleculerError("user@example.com is not there");
        },
      },
    });
    await broker.start();
    for (const name of ["fine", "outer", "refused", "down", "broken"])
      await broker.call(`counted.${name}`).catch(() => undefined);
    const counts = (await lines(url, "eco2_action_duration_seconds_count"))
      .filter(line => line.includes('"counted.'))
      .sort();
    expect(counts).toEqual([
      'eco2_action_duration_seconds_count{action="counted.broken",outcome="ours"} 1',
      'eco2_action_duration_seconds_count{action="counted.down",outcome="world"} 1',
      'eco2_action_duration_seconds_count{action="counted.fine",outcome="ok"} 2',
      'eco2_action_duration_seconds_count{action="counted.outer",outcome="ok"} 1',
      'eco2_action_duration_seconds_count{action="counted.refused",outcome="caller"} 1',
    ]);
  });

  it("are all there when one of their readers fails or hangs, without its lines", async () => {
    const url = await open();
    const gauge = readGauge<"of">({ name: "eco2_test_gauge", help: "a test", labels: ["of"] });
    undo.push(
      gauge.readBy(() => [{ labels: { of: "one" }, value: 1 }]),
      gauge.readBy(() => Promise.reject(new Error("the database is gone"))),
      gauge.readBy(() => new Promise(() => undefined)),
    );
    expect(await lines(url, "eco2_test_gauge{")).toEqual(['eco2_test_gauge{of="one"} 1']);
    undo.shift()!();
    expect(await lines(url, "eco2_test_gauge{")).toEqual([]);
  });
});
