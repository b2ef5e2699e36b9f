import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "@jest/globals";
import ts from "typescript";
import { catalogue, type ErrorCode } from "../../broker/errors.ts";
import { operations } from "../../services/api/api.contract.ts";
import { describeApi } from "../../services/api/open-api.ts";
import { contracts } from "../../services/contracts.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const codes = Object.keys(catalogue) as ErrorCode[];

/** Codes that no route answers: the first goes into the address that a failed sign-in leads to, the others end inside a job. */
const NEVER_ANSWERED: readonly ErrorCode[] = [
  "FILE_UNFIT",
  "PROVIDER_FAILED",
  "MODEL_UNAVAILABLE",
  "MODEL_OUTPUT_INVALID",
  "MODEL_TIMEOUT",
];

/**
 * Files that make errors outside the catalogue, and why they may. Such an error either stops a start (a fault of settings or data files)
 * or says that the code itself is wrong; should one ever reach a request, `codeOf` makes it INTERNAL and nothing of it is told.
 */
const OUTSIDE: Record<string, string> = {
  "mixins/database/database.mixin.ts": "a room used its database before it started or after it stopped",
  "mixins/database/embedded.worker.ts": "started as something else than a worker",
  "mixins/database/folder-lock.ts": "the start is refused: another process has the folder",
  "mixins/database/migrate.ts": "the start is refused: an applied migration was changed",
  "mixins/database/migration-files.ts": "the start is refused: a migration has no proper name",
  "mixins/database/open-house-database.ts": "the start is refused: migrations are pending",
  "mixins/database/table-model.ts": "the start is refused: a room serves a table that is not there",
  "mixins/database/transaction.ts": "code that leaves its own transaction, which would wait for ever",
  "mixins/engine/engines.mixin.ts": "a room used its engines before it started or after it stopped",
  "mixins/engine/openai.engine.ts": "the start is refused: a prompt is missing",
  "mixins/knowledge/load-places.ts": "the start is refused: knowledge/places.yaml has faults",
  "mixins/kept-secret.ts": "the start is refused: the kept secret is damaged",
  "mixins/knowledge/build-knowledge.ts": "the start is refused: the knowledge has faults",
  "mixins/knowledge/load-knowledge.ts": "the start is refused: the knowledge has faults",
  "mixins/model/load-models.ts": "the start is refused: prompts/models.yaml has faults",
  "mixins/model/structured-output.ts": "a schema that structured output cannot express",
  "mixins/objects/objects.mixin.ts": "a room used its store before it started or after it stopped",
  "mixins/prompts/load-prompts.ts": "the start is refused: the prompts are not those of the lock file",
  "mixins/vision/head.ts": "the head's file does not fit the net",
  "mixins/vision/net.ts": "the net's packages are not those it was built on",
  "mixins/vision/read-pixels.ts": "the worker's own error, which the engine gives the code IMAGE_INVALID",
  "mixins/vision/training/list-photos.ts": "tells the person who trains what is wrong with the folder",
  "mixins/vision/vision.worker.ts": "started as something else than a worker",
  "services/api/plan-routes.ts": "the start is refused: two contracts claim one address",
  "services/api/read-params.ts": "the start is refused: a contract puts a body where there is none",
  "services/auth/oauth-client.ts": "causes of PROVIDER_FAILED, for the log alone",
  "services/auth/sign-tokens.ts": "the start is refused: the key is too weak",
  "services/character/character.store.ts": "the database broke its word",
  "services/scan/scan.store.ts": "the database broke its word",
};

interface Finding {
  file: string;
  line: number;
  text: string;
}

const thrown = new Set<string>();
const foreign: Finding[] = [];

beforeAll(() => {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, path => ts.sys.readFile(path)) as { config: object };
  const { fileNames, options } = ts.parseJsonConfigFileContent(
    { ...config, include: ["broker/**/*.ts", "mixins/**/*.ts", "services/**/*.ts"] },
    ts.sys,
    root,
  );
  const program = ts.createProgram(fileNames, options);
  const checker = program.getTypeChecker();
  for (const source of program.getSourceFiles()) {
    const file = relative(root, source.fileName);
    if (file.startsWith("..") || file.includes("node_modules") || file === "broker/errors.ts") continue;
    const declares = file.endsWith(".contract.ts") || file === "services/api/open-api.ts";
    const found = (node: ts.Node): Finding => ({
      file,
      line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      text: node.getText().split("\n")[0] ?? "",
    });
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node) && !declares) collectCodes(node.initializer, checker);
      if (ts.isCallExpression(node)) {
        for (const argument of node.arguments) collectCodes(argument, checker);
        if (node.expression.getText() === "reject" && makesForeignError(node.arguments[0])) foreign.push(found(node));
      }
      if (ts.isThrowStatement(node) && makesForeignError(node.expression)) foreign.push(found(node));
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
}, 120_000);

/** Notes the codes that a value stands for: `fail("NOT_FOUND")`, `fail(verdict.code)`, `{ ERR_OVERFLOW: "HEADERS_TOO_LARGE" }`. */
function collectCodes(value: ts.Expression, checker: ts.TypeChecker): void {
  const type = checker.getTypeAtLocation(value);
  const members = type.isUnion() ? type.types : [type];
  if (members.length >= codes.length) return;
  if (!members.every(member => member.isStringLiteral() && member.value in catalogue)) return;
  for (const member of members) thrown.add((member as ts.StringLiteralType).value);
}

/** `new SomeError(…)` or something wrapped around one; passing on what was caught makes nothing. */
function makesForeignError(expression: ts.Expression | undefined): boolean {
  if (!expression) return false;
  if (ts.isNewExpression(expression)) return true;
  if (ts.isCallExpression(expression) && expression.expression.getText() !== "fail")
    return expression.arguments.some(makesForeignError);
  return false;
}

describe("the error catalogue", () => {
  it("has no code that nobody throws", () => {
    expect(codes.filter(code => !thrown.has(code))).toEqual([]);
  });

  it("stands in the OpenAPI document, code by code", () => {
    const document = JSON.stringify(describeApi(contracts, operations));
    const documented = codes.filter(code => new RegExp(`\\b${code}\\b`).test(document));
    expect(codes.filter(code => !documented.includes(code))).toEqual(NEVER_ANSWERED);
  });

  it("is the only source of errors in services and mixins, but for the files that say why", () => {
    expect(foreign.filter(({ file }) => !file.startsWith("broker/") && !(file in OUTSIDE))).toEqual([]);
  });

  it("has no exception left that no file needs", () => {
    expect(Object.keys(OUTSIDE).filter(file => !foreign.some(each => each.file === file))).toEqual([]);
  });
});
