import { isGrounded } from "../../mixins/engine/is-grounded.ts";

/** What a client might run or fetch: elements, script and data addresses, pictures and links of Markdown. */
const ACTIVE = /<\s*[a-z!/]|(?:javascript|vbscript|data|file)\s*:|\]\s*\(|\]\s*:/iu;
/** So many characters in a row that agree with the instructions are no chance. */
const QUOTED = 24;

/**
 * Whether a sentence of a model may be told: nothing in it is run or fetched, it quotes no instructions, and its addresses, telephone
 * numbers and amounts stand in the facts.
 */
export const mayBeTold = (
  sentence: string,
  { facts, instructions }: { facts: string; instructions: string },
): boolean => !ACTIVE.test(sentence) && isGrounded(sentence, facts) && !quotes(sentence.trim(), instructions);

function quotes(sentence: string, instructions: string): boolean {
  for (let at = 0; at + QUOTED <= sentence.length; at++)
    if (instructions.includes(sentence.slice(at, at + QUOTED))) return true;
  return false;
}
