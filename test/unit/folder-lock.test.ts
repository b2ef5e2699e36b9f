import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { folderOwner, lockFolder } from "../../mixins/database/folder-lock.ts";

const MODULE = fileURLToPath(new URL("../../mixins/database/folder-lock.ts", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eco2-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockFile = () => join(folder, "lock.json");
const leave = (owner: object) => writeFileSync(lockFile(), JSON.stringify(owner));
const ownRecord = () =>
  JSON.parse(readFileSync(lockFile(), "utf8")) as { pid: number; startedAt: string; token: string };

/** A program that imports the lock and runs `body`, in a process of its own. */
const program = (body: string) => [
  "--input-type=module-typescript",
  "-e",
  `import { lockFolder } from ${JSON.stringify(MODULE)}; const folder = ${JSON.stringify(folder)}; ${body}`,
];

/** A process that holds the lock until it is killed. */
async function holder(): Promise<{ pid: number; kill: (signal: NodeJS.Signals) => Promise<void> }> {
  const child = spawn(
    process.execPath,
    program("lockFolder(folder); console.log('held'); setInterval(() => {}, 1000);"),
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  await new Promise(resolve => child.stdout.once("data", resolve));
  const kill = (signal: NodeJS.Signals) =>
    new Promise<void>(resolve => {
      child.once("exit", () => resolve());
      child.kill(signal);
    });
  return { pid: child.pid!, kill };
}

describe("the lock of a data folder", () => {
  it("makes the folder, names the owner, and is gone after release", () => {
    const inner = join(folder, "a", "b");
    const lock = lockFolder(inner);
    expect(folderOwner(inner)).toMatchObject({ pid: process.pid });
    lock.release();
    expect(folderOwner(inner)).toBeUndefined();
    expect(readdirSync(inner)).toEqual([]);
  });

  it("can be taken again after release", () => {
    lockFolder(folder).release();
    const again = lockFolder(folder);
    expect(folderOwner(folder)?.pid).toBe(process.pid);
    again.release();
  });

  it("is refused twice in one process, and a refusal leaves the first one in force", () => {
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: "FOLDER_IN_USE", pid: process.pid }));
    expect(folderOwner(folder)?.pid).toBe(process.pid);
    lock.release();
  });

  it("refuses a folder that another process has, naming the process and the folder", async () => {
    const other = await holder();
    try {
      expect(() => lockFolder(folder)).toThrow(
        expect.objectContaining({
          code: "FOLDER_IN_USE",
          pid: other.pid,
          message: expect.stringContaining(`pid ${other.pid}`) as unknown,
        }),
      );
      expect(() => lockFolder(folder)).toThrow(folder);
      expect(folderOwner(folder)?.pid).toBe(other.pid);
    } finally {
      await other.kill("SIGKILL");
    }
  });

  it("is taken over from a process that was killed", async () => {
    const other = await holder();
    await other.kill("SIGKILL");
    expect(existsSync(lockFile())).toBe(true);
    expect(folderOwner(folder)).toBeUndefined();
    const lock = lockFolder(folder);
    expect(ownRecord().pid).toBe(process.pid);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  (process.platform === "linux" ? it : it.skip)("is taken over when the pid was given to another process since", () => {
    const lock = lockFolder(folder);
    const mine = ownRecord();
    lock.release();
    leave({ ...mine, startedAt: "another-boot/1" });
    expect(folderOwner(folder)).toBeUndefined();
    lockFolder(folder).release();
    // The very same process, however, is alive.
    leave(mine);
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: "FOLDER_IN_USE" }));
  });

  it("goes by the pid alone where a start time is not known", () => {
    leave({ pid: process.ppid, startedAt: "", token: "t" });
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ pid: process.ppid }));
  });

  it.each(["", "{", "null", '{"pid":"x"}', '{"pid":1,"token":"../../etc"}', "\0\0\0"])(
    "takes over a lock file that says %j",
    content => {
      writeFileSync(lockFile(), content);
      const lock = lockFolder(folder);
      expect(ownRecord().pid).toBe(process.pid);
      lock.release();
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it("survives a process that was killed in the middle of a takeover", () => {
    leave({ pid: 2 ** 22 + 1, startedAt: "", token: "dead" });
    writeFileSync(`${lockFile()}.dead`, JSON.stringify({ pid: 2 ** 22 + 2, startedAt: "", token: "dead-too" }));
    lockFolder(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("does not remove the lock of the one who came after", () => {
    const first = lockFolder(folder);
    leave({ pid: process.ppid, startedAt: "", token: "successor" });
    first.release();
    expect(ownRecord().token).toBe("successor");
  });

  it("lets one of many win the race for a dead process's lock", async () => {
    const attempt = `
      process.stdin.on("data", () => {
        let answer = "won";
        try { lockFolder(folder) } catch (thrown) { answer = thrown.code }
        console.log(answer);
      });
      console.log("ready");`;
    const contenders = Array.from({ length: 4 }, () =>
      spawn(process.execPath, program(attempt), { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const answers = () =>
      Promise.all(contenders.map(({ stdout }) => new Promise<string>(resolve => stdout.once("data", resolve))));
    try {
      await answers();
      for (let round = 0; round < 20; round++) {
        leave({ pid: 2 ** 22 + 1, startedAt: "", token: `dead-${round}` });
        const answered = answers();
        for (const { stdin } of contenders) stdin.write("go");
        const won = (await answered).map(String).filter(answer => answer.startsWith("won"));
        expect(won).toHaveLength(1);
        rmSync(lockFile());
        expect(readdirSync(folder)).toEqual([]);
      }
    } finally {
      for (const contender of contenders) contender.kill("SIGKILL");
    }
  });
});
