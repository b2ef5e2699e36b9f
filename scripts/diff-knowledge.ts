import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadKnowledge, readKnowledge } from "../mixins/knowledge/load-knowledge.ts";
import type { Knowledge } from "../mixins/knowledge/knowledge.types.ts";
import { compareKnowledge } from "./compare-knowledge.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * What changed in meaning between the knowledge of a git revision and the one in the working tree, as lines.
 * @throws Error where git doesn't know the revision, or its knowledge can't be read by this release
 */
export function diffKnowledge(revision: string): string[] {
  return compareKnowledge(knowledgeAt(revision), loadKnowledge());
}

function knowledgeAt(revision: string): Knowledge {
  const commit = git("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`).trim();
  const copy = mkdtempSync(join(tmpdir(), "eco2-knowledge-"));
  try {
    for (const path of git("ls-tree", "-r", "-z", "--name-only", commit, "knowledge").split("\0").filter(Boolean)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), git("show", `${commit}:${path}`));
    }
    return readKnowledge(join(copy, "knowledge"));
  } catch (thrown) {
    throw new Error(`The knowledge of ${revision} has another form than today's: ${(thrown as Error).message}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function git(...args: string[]): string {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (thrown) {
    const { stderr } = thrown as { stderr?: string };
    throw new Error(stderr?.trim() || `git knows no revision "${args.at(-1)?.replace("^{commit}", "") ?? ""}"`);
  }
}
