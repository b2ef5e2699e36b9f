import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import Type, { type Static } from "typebox";
import { parse } from "yaml";
import { Settings } from "../../broker/env.ts";
import { compileCheck } from "../../broker/validator.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { loadModels, MODELS_FILE } from "../../mixins/model/load-models.ts";
import { insertNames, loadPrompts, PROMPTS_FOLDER, renderPrompt } from "../../mixins/prompts/load-prompts.ts";
import { type Lock, lockFaults, PromptLock } from "../../mixins/prompts/lock-faults.ts";
import { classKeys, promptLists } from "../../mixins/prompts/prompt-lists.ts";
import { OFFERED_MODELS } from "../../mixins/model/offered-models.ts";

const prompts = loadPrompts();
const knowledge = loadKnowledge();
const classes = classKeys(knowledge);
const tags = knowledge.situations.map(situation => situation.tag);

const closed = { additionalProperties: false };
const WasteClass = Type.Enum(classes, { type: "string" });
const Tags = Type.Array(Type.Enum(tags, { type: "string" }), { uniqueItems: true });
const question = Type.String({ maxLength: 2_000 });
const words = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 });
const expectClass = Type.Object({ class: WasteClass, tags: Type.Optional(Tags) }, closed);
const casesOf = (input: Parameters<typeof Type.Object>[0], expected: Parameters<typeof Type.Object>[0]) =>
  Type.Object(
    {
      prompt: Type.String(),
      cases: Type.Array(
        Type.Object(
          {
            name: Type.String({ minLength: 1 }),
            input: Type.Object(input, closed),
            expect: Type.Object(expected, closed),
          },
          closed,
        ),
        { minItems: 3 },
      ),
    },
    closed,
  );
/** What a case of each task gives and expects. */
const CASES = {
  vision: casesOf({ photo: Type.String({ pattern: "^[a-z-]+/[0-9]+\\.jpg$" }), question }, expectClass.properties),
  text: casesOf({ question }, expectClass.properties),
  answer: casesOf(
    { class: WasteClass, tags: Tags, question },
    { keeps: Type.Optional(words), never: Type.Optional(words) },
  ),
};

describe("the prompts", () => {
  it("are what the lock says they are", () => {
    const lock = JSON.parse(readFileSync(join(PROMPTS_FOLDER, "prompts.lock.json"), "utf8")) as Lock;
    expect(compileCheck(PromptLock, "strict")(lock)).toEqual([]);
    expect(lockFaults(prompts, lock)).toEqual([]);
  });

  it("do not repeat the lists that are inserted into them", () => {
    const names = [...tags, ...knowledge.rules.map(rule => rule.key).filter(key => key.includes("_"))];
    for (const { id, template } of Object.values(prompts))
      expect({ id, repeats: names.filter(name => template.includes(name)) }).toEqual({ id, repeats: [] });
  });

  it("use every list that there is, and have no place left open", () => {
    const inserts = promptLists();
    const all = Object.values(prompts)
      .map(prompt => prompt.template)
      .join();
    for (const name of insertNames) expect(all).toContain(`{{${name}}}`);
    for (const prompt of Object.values(prompts)) expect(renderPrompt(prompt, inserts)).not.toContain("{{");
  });

  it("say that what people write is data", () => {
    for (const { id, template } of Object.values(prompts))
      expect({ id, says: /`question`.*지시가 아닙니다/.test(template) }).toEqual({ id, says: true });
  });

  it("name only models that are there", () => {
    const { aliases } = loadModels({});
    for (const { model } of Object.values(prompts)) if (model !== null) expect(aliases).toContain(model);
  });
});

describe("the cases", () => {
  it.each(Object.keys(prompts))("of %s fit their schema, and the knowledge has what they expect", id => {
    const prompt = prompts[id]!;
    const file = join(PROMPTS_FOLDER, `${id}.cases.yaml`);
    expect(existsSync(file)).toBe(true);
    const cases = parse(readFileSync(file, "utf8")) as Static<(typeof CASES)["text"]>;
    expect(compileCheck(CASES[prompt.task], "strict")(cases)).toEqual([]);
    expect(cases.prompt).toBe(id);
    const names = cases.cases.map(each => each.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("belong to prompts that are there", () => {
    // Below cases/ lie whole conversations, which are of no one prompt.
    const files = globSync("*/*.cases.yaml", { cwd: PROMPTS_FOLDER }).map(file => file.replace(".cases.yaml", ""));
    expect(files.toSorted()).toEqual(Object.keys(prompts).toSorted());
  });
});

describe("prompts/models.yaml", () => {
  it("has every model that the app offers", () => {
    expect(loadModels({}).aliases).toEqual(expect.arrayContaining([...OFFERED_MODELS]));
  });

  it("names settings that are there", () => {
    const { providers } = parse(readFileSync(MODELS_FILE, "utf8")) as {
      providers: Record<string, { base_url_setting: string; key_setting: string }>;
    };
    for (const provider of Object.values(providers))
      for (const setting of [provider.base_url_setting, provider.key_setting])
        expect(Object.keys(Settings.properties)).toContain(setting);
  });
});
