import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { loadModels, MODELS_FILE } from "../../mixins/model/load-models.ts";

const folder = mkdtempSync(join(tmpdir(), "eco2-models-"));
afterAll(() => rmSync(folder, { recursive: true }));
const changed = (from: string | RegExp, to: string) => {
  const file = join(folder, "models.yaml");
  writeFileSync(file, readFileSync(MODELS_FILE, "utf8").replace(from, to));
  return file;
};
const openai = { OPENAI_API_KEY: "sk-a" };
const gemini = { GEMINI_API_KEY: "g-a" };

describe("which model answers", () => {
  it("is the one that was asked for, with its provider's own address and key", () => {
    const models = loadModels({ ...openai, ...gemini });
    expect(models.choose("gpt-5-mini", "vision")).toMatchObject({
      alias: "gpt-5-mini",
      api: "responses",
      baseUrl: "https://api.openai.com/v1",
      key: "sk-a",
    });
    expect(models.choose("gemini-2.5-flash", "vision")).toMatchObject({
      api: "chat",
      baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
      key: "g-a",
    });
  });

  it("is asked where the settings say", () => {
    const models = loadModels({ ...openai, OPENAI_BASE_URL: "https://eco2.openai.azure.com/openai/v1" });
    expect(models.choose(null, "answer").baseUrl).toBe("https://eco2.openai.azure.com/openai/v1");
  });

  it("is the task's default when none is asked for, the name is unknown, or its provider has no key", () => {
    const models = loadModels(openai);
    for (const alias of [null, "gpt-99", "gemini-2.5-pro"]) expect(models.choose(alias, "text").alias).toBe("gpt-5.2");
  });

  it("is the first one with a key when the default has none", () => {
    const models = loadModels(gemini);
    expect(models.usable).toBe(true);
    expect(models.choose(null, "vision").provider).toBe("gemini");
  });

  it("is none without any key", () => {
    const models = loadModels({ OPENAI_API_KEY: undefined });
    expect(models.usable).toBe(false);
    expect(() => models.choose(null, "vision")).toThrow(expect.objectContaining({ type: "MODEL_UNAVAILABLE" }));
  });
});

describe("prompts/models.yaml is refused", () => {
  it.each([
    { what: "with an API that nobody speaks", file: () => changed("api: responses", "api: soap") },
    { what: "with a provider that is not there", file: () => changed("provider: openai,", "provider: opanai,") },
    { what: "with a default that is not there", file: () => changed("vision: gpt-5.2", "vision: gpt-9") },
    { what: "with a misspelt field", file: () => changed("temperature: true", "temprature: true") },
    { what: "with a key instead of a setting's name", file: () => changed("OPENAI_API_KEY", "sk-proj-abc") },
  ])("$what", ({ file }) => {
    expect(() => loadModels(openai, file())).toThrow(/^prompts\/models\.yaml: /);
  });
});
