import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "@jest/globals";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Fixture {
  what: string;
  /** An existing file whose place the text takes: the rules go by the place. */
  in: string;
  text: string;
  /** Part of the message, or null where the line is allowed. */
  refused: string | null;
}

const fixtures: readonly Fixture[] = [
  {
    what: "a room that reaches into another room",
    in: "services/scan/scan.service.ts",
    text: 'import { findUser } from "../users/users.store.ts"; export { findUser };',
    refused: "Another room is reached by its contract",
  },
  {
    what: "a room that imports another room's service",
    in: "services/scan/scan.service.ts",
    text: 'import users from "../users/users.service.ts"; export { users };',
    refused: "Another room is reached by its contract",
  },
  {
    what: "a room that imports another room's types past its door",
    in: "services/scan/scan.service.ts",
    text: 'import type { User } from "../users/users.store.ts"; export type { User };',
    refused: "Another room is reached by its contract",
  },
  {
    what: "a room that imports another room's contract",
    in: "services/scan/scan.service.ts",
    text: 'import { users } from "../users/users.contract.ts"; export { users };',
    refused: null,
  },
  {
    what: "a room that imports its own files, broker and mixins",
    in: "services/scan/scan.service.ts",
    text: 'import { findJob } from "./scan.store.ts"; import { fail } from "../../broker/errors.ts"; import { progress } from "../../mixins/progress/house-progress.ts"; export { fail, findJob, progress };',
    refused: null,
  },
  {
    what: "a mixin that imports a service",
    in: "mixins/progress/progress.ts",
    text: 'import { scan } from "../../services/scan/scan.contract.ts"; export { scan };',
    refused: "import no service",
  },
  {
    what: "a mixin that imports the list of doors",
    in: "mixins/progress/progress.ts",
    text: 'import { contracts } from "../../services/contracts.ts"; export { contracts };',
    refused: "import no service",
  },
  {
    what: "the broker that imports a service",
    in: "broker/errors.ts",
    text: 'import { scan } from "../services/scan/scan.contract.ts"; export { scan };',
    refused: "neither service nor mixin",
  },
  {
    what: "the broker that imports a mixin",
    in: "broker/errors.ts",
    text: 'import { progress } from "../mixins/progress/progress.ts"; export { progress };',
    refused: "neither service nor mixin",
  },
  {
    what: "a script that reaches past a door",
    in: "scripts/command.ts",
    text: 'import { findJob } from "../services/scan/scan.store.ts"; export { findJob };',
    refused: "a room with one door",
  },
  {
    what: "a script that uses a door",
    in: "scripts/command.ts",
    text: 'import { scan } from "../services/scan/scan.contract.ts"; export { scan };',
    refused: null,
  },
  {
    what: "a room that reads the environment itself",
    in: "services/scan/scan.service.ts",
    text: 'export const port = process.env["PORT"];',
    refused: "only reader of process.env",
  },
  {
    what: "a mixin that reads the environment itself",
    in: "mixins/progress/progress.ts",
    text: "export const { PORT } = process.env;",
    refused: "only reader of process.env",
  },
];

/** One process lints them all: loading the types takes most of the time. */
const LINT_ALL = `
import { ESLint } from "eslint";
const eslint = new ESLint();
const messages = [];
for (const { in: filePath, text } of JSON.parse(process.argv[1]))
  messages.push((await eslint.lintText(text, { filePath }))[0].messages.map(each => each.message));
console.log(JSON.stringify(messages));`;

describe("lint keeps the boundaries", () => {
  let messages: string[][];
  beforeAll(() => {
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", LINT_ALL, JSON.stringify(fixtures)], {
      cwd: root,
      encoding: "utf8",
    });
    messages = JSON.parse(output) as string[][];
  }, 120_000);

  it.each(fixtures.map((fixture, index) => ({ ...fixture, index })))("$what → $refused", ({ index, refused }) => {
    const about = messages[index]!.filter(message =>
      fixtures.some(each => each.refused && message.includes(each.refused)),
    );
    expect(about).toEqual(refused === null ? [] : [expect.stringContaining(refused)]);
  });
});

describe("the sources", () => {
  const sources = globSync(["broker/**/*.ts", "mixins/**/*.ts", "services/**/*.ts", "moleculer.config.ts"], {
    cwd: root,
  }).sort();
  const read = (file: string) => readFileSync(root + file, "utf8");

  it("read the environment in broker/env.ts alone", () => {
    const readers = sources.filter(file =>
      /process\s*(\.|\?\.)\s*env\b|process\[["']env["']\]|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(read(file)),
    );
    expect(readers).toEqual(["broker/env.ts"]);
  });

  it("turn no check off without saying why", () => {
    const silent = sources.flatMap(file =>
      read(file)
        .split("\n")
        .flatMap((line, index) =>
          /eslint-disable|@ts-(ignore|expect-error|nocheck)/.test(line) && !/(--|ts-expect-error:?) +\S+ \S+/.test(line)
            ? [`${file}:${index + 1}`]
            : [],
        ),
    );
    expect(silent).toEqual([]);
  });
});
