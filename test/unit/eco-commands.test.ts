import { describe, expect, it } from "@jest/globals";
import { EcoUsage, runEco } from "../../broker/repl/eco-command.ts";
import { ecoCommands } from "../../scripts/eco-commands.ts";

const ID = "11111111-1111-4111-8111-111111111111";
const job = {
  id: ID,
  state: "failed",
  failed_in: "ruled",
  failure: "MODEL_TIMEOUT",
  created_at: "2026-11-26T09:00:00.000Z",
  classified_at: "2026-11-26T09:00:01.500Z",
  ruled_at: "2026-11-26T09:00:01.520Z",
  answered_at: null,
  finished_at: null,
};

/** The house as these commands meet it: what it is asked, and what it says. */
function house(answers: Record<string, unknown>) {
  const asked: { action: string; params: unknown; caller: unknown }[] = [];
  let left = 0;
  const call = (action: string, params: unknown, options: { meta: { caller: unknown } }) => {
    asked.push({ action, params, caller: options.meta.caller });
    return Promise.resolve(answers[action]);
  };
  const reach = () => Promise.resolve({ broker: { call } as never, leave: async () => void (left += 1) });
  const eco = (...words: string[]) =>
    runEco(words, [], () => Promise.reject(new Error("no queue is asked for")), ecoCommands(reach));
  return { asked, eco, left: () => left };
}

describe("eco", () => {
  it("shows scans, newest first, of one state where it is named", async () => {
    const { eco, asked, left } = house({ "scan.jobs.find": [job] });
    expect((await eco("jobs", "failed")).join("\n")).toMatch(/11111111.*failed.*MODEL_TIMEOUT/su);
    expect(asked).toEqual([
      expect.objectContaining({ params: { query: { state: "failed" }, sort: "-created_at", limit: 30 } }),
    ]);
    expect(left()).toBe(1);
    expect(await house({ "scan.jobs.find": [] }).eco("jobs", "done")).toEqual(["No scans are done."]);
    expect(await house({ "scan.jobs.find": [] }).eco("jobs")).toEqual(["No scans."]);
  });

  it("shows how long each stage of a scan took, and where it failed", async () => {
    const lines = await house({ "scan.jobs.find": [job] }).eco("job", ID);
    expect(lines[1]).toBe("failed in ruled: MODEL_TIMEOUT");
    expect(lines.find(line => line.startsWith("vision"))).toContain("1500 ms");
    expect(lines.find(line => line.startsWith("rule"))).toContain("20 ms");
    expect(lines.find(line => line.startsWith("answer"))).toMatch(/–\s+–$/u);
  });

  it("asks the chat in the name of the operator", async () => {
    const said = {
      user_answer: "헹궈 주세요.",
      intent: "waste",
      items: [{ name: "우유팩", middle: "종이팩", confidence: 1 }],
    };
    const { eco, asked } = house({ "chat.say": said });
    expect(await eco("ask", "우유팩", "버리는 법")).toEqual(["헹궈 주세요.", "", "intent waste · 우유팩 (종이팩, 1)"]);
    expect(asked[0]).toMatchObject({ params: { message: "우유팩 버리는 법" }, caller: { provider: "repl" } });
  });

  it("tells why each hit ranks, without asking anybody", async () => {
    const { eco, asked } = house({});
    const lines = (await eco("knowledge", "find", "헛개수 빈병이랑 형광드")).join("\n");
    expect(lines).toMatch(/beverage-bottle.*package/u);
    expect(lines).toMatch(/형광드 → question back/u);
    expect(asked).toEqual([]);
  });

  it.each([
    [["jobs", "nonsense"], /there is no state nonsense; there are: queued/u],
    [["jobs", "done", "now"], /too many words/u],
    [["job"], /needs the id/u],
    [["job", "'; drop"], /needs the id/u],
    [["job", ID], /there is no scan/u],
    [["ask", " "], /needs a question/u],
    [["knowledge"], /needs a question/u],
    [["knowledge", "lose", "x"], /needs a question/u],
    [["nonsense"], /there is no command/u],
    [["__proto__"], /there is no command/u],
  ])("refuses %j", async (words, message) => {
    const refused = house({ "scan.jobs.find": [] }).eco(...words);
    await expect(refused).rejects.toBeInstanceOf(EcoUsage);
    await expect(refused).rejects.toThrow(message);
  });

  it("helps with every command", async () => {
    const help = (await house({}).eco("help")).join("\n");
    for (const command of ["queues", "dead", "replay", "drop", "jobs", "job <id>", "ask", "knowledge find"])
      expect(help).toContain(`eco ${command}`);
  });
});
