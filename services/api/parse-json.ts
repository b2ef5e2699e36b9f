import { fail } from "../../broker/errors.ts";
import { findUnclean } from "./find-unclean.ts";

/** No request of ours nests deeper than a handful of levels. */
export const MAX_DEPTH = 32;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Parses a request body.
 * @throws MALFORMED_JSON for what is no UTF-8 or no JSON, BAD_REQUEST for nesting deeper than {@link MAX_DEPTH},
 * VALIDATION_FAILED for names and text that no room should see (`__proto__`, NUL, lone surrogates)
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  if (isDeeperThan(text, MAX_DEPTH)) throw fail("BAD_REQUEST", `The body is nested deeper than ${MAX_DEPTH} levels.`);
  const value = parse(text);
  const unclean = findUnclean(value);
  if (unclean)
    throw fail("VALIDATION_FAILED", `${unclean.field || "body"} ${unclean.message}`, {
      errors: [{ in: "body", ...unclean }],
    });
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw fail("MALFORMED_JSON", "The body is not UTF-8.");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail("MALFORMED_JSON");
  }
}

/** Looks before anything is built: a body of brackets alone would cost a hundred times its size. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (inString) {
      if (char === "\\") index++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") {
      if (++depth > limit) return true;
    } else if (char === "}" || char === "]") depth--;
  }
  return false;
}
