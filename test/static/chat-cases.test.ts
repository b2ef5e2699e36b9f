import { describe, expect, it } from "@jest/globals";
import { chatCaseFiles, readChatCases } from "../../scripts/chat-cases.ts";
import { evaluateChat } from "../../scripts/eval-chat.ts";

const cases = chatCaseFiles.flatMap(name => readChatCases(name));

describe("conversations with what a good answer holds", () => {
  it("have one id each, and each asks once", () => {
    const twice = (values: readonly string[]) => values.filter((value, at) => values.indexOf(value) !== at);
    expect(twice(cases.map(({ id }) => id))).toEqual([]);
    expect(twice(cases.map(({ ask, history = [] }) => [...history, ask].join(" ⏎ ")))).toEqual([]);
  });

  it("are at least 200, of every type", () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    const types = [
      ...["class", "situation", "multi", "typo", "brand", "clarify", "off-topic", "regional"],
      ...["where", "tools", "english", "unknown", "follow-up", "injection"],
    ];
    expect([...new Set(cases.map(({ type }) => type))].sort()).toEqual(types.sort());
  });

  it("are answered on the device no worse than when they were last accepted", () => {
    const said: string[] = [];
    const passes = evaluateChat({ files: [], show: false, accept: false }, line => said.push(line));
    expect([passes, said.filter(line => line.startsWith("✗"))]).toEqual([true, []]);
  });
});
