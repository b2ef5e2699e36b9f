import type { Character } from "../../mixins/knowledge/knowledge.types.ts";

export interface Finding {
  major: string;
  middle: string;
  rule_found: boolean;
  insufficiencies: number;
}

/**
 * The character that a finding earns: a recyclable, with a rule, with nothing left to do, whose class has a character.
 * Null otherwise; the app shows its "not yet" screen for null, so an unmatched class gives no consolation character.
 */
export function matchCharacter(characters: readonly Character[], finding: Finding): Character | null {
  const eligible =
    finding.major === "재활용폐기물" && finding.middle !== "" && finding.rule_found && finding.insufficiencies === 0;
  if (!eligible) return null;
  const wanted = finding.middle.toLowerCase();
  return characters.find(character => !character.default && character.match.toLowerCase() === wanted) ?? null;
}
