import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { loadPrompts, type Prompt, readPrompt, renderPrompt } from "../../mixins/prompts/load-prompts.ts";

const FRONT = `id: scan/see
version: 3
task: vision
description: names what a picture shows
schema: sighting
max_output_tokens: 100`;
const file = (front = FRONT, body = "Look.\n\n{{items}}\n\n{{tags}}") => `---\n${front}\n---\n\n${body}\n`;
const read = (text: string, path = "scan/see.prompt.md") => readPrompt(path, text);
const good = (text = file()) => {
  const prompt = read(text);
  if ("faults" in prompt) throw new Error(prompt.faults.join());
  return prompt;
};

describe("a prompt file", () => {
  it("is read, checked and frozen", () => {
    const prompt = good();
    expect(prompt).toMatchObject({
      id: "scan/see",
      version: 3,
      ref: "scan/see@3",
      task: "vision",
      schema: "sighting",
      maxOutputTokens: 100,
      model: null,
      temperature: null,
      template: "Look.\n\n{{items}}\n\n{{tags}}",
    });
    expect(Object.isFrozen(prompt)).toBe(true);
  });

  it("may pin a model and a temperature", () => {
    expect(good(file(`${FRONT}\nmodel: gpt-5-mini\ntemperature: 0.3`))).toMatchObject({
      model: "gpt-5-mini",
      temperature: 0.3,
    });
  });

  it("has one hash, whatever the line ends and blank lines around it, and another for any other change", () => {
    const { hash } = good();
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(good(file().replaceAll("\n", "\r\n")).hash).toBe(hash);
    expect(good(`${file()}\n\n`).hash).toBe(hash);
    expect(good(file(FRONT, "Look!")).hash).not.toBe(hash);
    expect(good(file(FRONT.replace("100", "101"))).hash).not.toBe(hash);
  });

  it.each([
    { what: "has no front matter", text: "Look.", fault: "has no front matter" },
    { what: "lacks a field", text: file(FRONT.replace("task: vision\n", "")), fault: "task must have required" },
    { what: "has an unknown field", text: file(`${FRONT}\ntemprature: 1`), fault: "temprature is not a known field" },
    { what: "has an unknown task", text: file(FRONT.replace("vision", "dreams")), fault: "task must be equal" },
    {
      what: "has another id than its path",
      text: file(FRONT.replace("scan/see", "scan/saw")),
      fault: "does not agree",
    },
    { what: "names an unknown list", text: file(FRONT, "Look. {{question}}"), fault: "unknown list {{question}}" },
    { what: "says nothing", text: file(FRONT, " "), fault: "has no instructions" },
  ])("is refused when it $what", ({ text, fault }) => {
    expect(read(text)).toEqual({ faults: [expect.stringContaining(fault)] });
  });
});

describe("a rendered prompt", () => {
  it("has the knowledge's lists in their places, and what they hold is not filled in again", () => {
    const inserts = { classes: "", items: "can $& {{tags}}", tags: "dirty" };
    expect(renderPrompt(good(), inserts)).toBe("Look.\n\ncan $& {{tags}}\n\ndirty");
  });
});

describe("a folder of prompts", () => {
  const folder = mkdtempSync(join(tmpdir(), "eco2-prompts-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "scan"));

  it("is refused when there are none", () => {
    expect(() => loadPrompts(folder)).toThrow("no prompts");
  });

  it("is loaded by id", () => {
    writeFileSync(join(folder, "scan/see.prompt.md"), file());
    const prompts = loadPrompts(folder);
    expect(Object.keys(prompts)).toEqual(["scan/see"]);
    expect((prompts["scan/see"] as Prompt).version).toBe(3);
    expect(Object.isFrozen(prompts)).toBe(true);
  });

  it("is refused with every fault of every file", () => {
    writeFileSync(join(folder, "scan/read.prompt.md"), "nothing");
    writeFileSync(join(folder, "scan/answer.prompt.md"), file());
    expect(() => loadPrompts(folder)).toThrow(
      /answer\.prompt\.md: id scan\/see does not agree[^]*read\.prompt\.md: has no front matter/,
    );
  });
});
