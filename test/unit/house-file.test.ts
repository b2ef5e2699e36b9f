import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { announceHouse, findHouse } from "../../mixins/house-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eco2-signpost-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The pid of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;
const put = (content: string) => writeFileSync(join(folder, "house.json"), content);

describe("the signpost of a running house", () => {
  it("is found until it is withdrawn, and leaves nothing behind", () => {
    const withdraw = announceHouse(folder, "http://127.0.0.1:4001");
    expect(findHouse(folder)).toEqual({ pid: process.pid, url: "http://127.0.0.1:4001" });
    withdraw();
    expect(findHouse(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("makes the folder when it is missing", () => {
    announceHouse(join(folder, "new", "data"), "http://127.0.0.1:4001");
    expect(findHouse(join(folder, "new", "data"))?.url).toBe("http://127.0.0.1:4001");
  });

  it("of a house that was killed leads nowhere", () => {
    put(JSON.stringify({ pid: deadPid(), url: "http://127.0.0.1:4001" }));
    expect(findHouse(folder)).toBeUndefined();
  });

  it("of another house is not taken down by ours", () => {
    const withdraw = announceHouse(folder, "http://127.0.0.1:4001");
    put(JSON.stringify({ pid: process.ppid, url: "http://127.0.0.1:4002" }));
    withdraw();
    expect(findHouse(folder)?.url).toBe("http://127.0.0.1:4002");
  });

  it.each(["", "{", "null", "[]", '{"pid":"1","url":"x"}', '{"pid":1}'])("is ignored when it says %j", content => {
    put(content);
    expect(findHouse(folder)).toBeUndefined();
  });

  it("is missing in a folder that is missing", () => {
    expect(findHouse(join(folder, "nowhere"))).toBeUndefined();
  });
});
