import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { Settings } from "../../broker/env.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string) => (existsSync(root + file) ? readFileSync(root + file, "utf8") : "");
const settings = Settings.properties as Record<string, { default?: string | number; secret?: boolean }>;
const names = Object.keys(settings).sort();

describe("README.md's table of settings", () => {
  /** Rows that begin with a setting's name in code marks: name → cells. */
  const rows = new Map(
    [...read("README.md").matchAll(/^\| *`([A-Z][A-Z0-9_]+)` *\|(.*)\|$/gm)].map(([, name = "", cells = ""]) => [
      name,
      cells,
    ]),
  );

  it("has a row for every setting", () => {
    expect(names.filter(name => !rows.has(name))).toEqual([]);
  });
  it("has no row for a setting that is not there", () => {
    expect([...rows.keys()].filter(name => !(name in settings))).toEqual([]);
  });
  it("tells the defaults that hold", () => {
    const wrong = names.filter(name => {
      const value = settings[name]?.default;
      // A list as long as that of the origins may be told in words.
      return (
        value !== undefined &&
        String(value).length < 40 &&
        rows.has(name) &&
        !rows.get(name)?.includes(`\`${String(value)}\``)
      );
    });
    expect(wrong).toEqual([]);
  });
});

describe(".env.example", () => {
  const lines = new Map(
    [...read(".env.example").matchAll(/^# ?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]),
  );

  it("names every setting, and nothing else", () => {
    expect([...lines.keys()].sort()).toEqual(names);
  });
  it("shows the defaults that hold, and no secret", () => {
    for (const name of names) {
      const { default: value, secret } = settings[name] ?? {};
      if (value !== undefined) expect([name, lines.get(name)]).toEqual([name, String(value)]);
      if (secret) expect([name, lines.get(name)]).toEqual([name, ""]);
    }
  });
  it("sets nothing, so that a copy of it changes nothing", () => {
    expect(
      read(".env.example")
        .split("\n")
        .filter(line => line !== "" && !line.startsWith("#")),
    ).toEqual([]);
  });
});
