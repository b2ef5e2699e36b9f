import type { Mention } from "../knowledge/knowledge.types.ts";
import { findMentions } from "../knowledge/search-items.ts";
import { readMessage } from "./read-message.ts";
import { asksOther, GREETING, namesThing } from "./topics.ts";

/** The message goes on from the one before it. */
const GOES_ON =
  /^(그럼|그러면|그건|그거|그것|이건|이거|저건|근데|그런데|만약|혹시|아니|또|and |what about|how about)/iu;
/** Tells only in what state the thing before is. */
const ONLY_STATE =
  /^(그럼 |만약 |혹시 )?(기름|양념|음식물?|국물|물|소스|흙|김치 ?국물|이물질|스티커|라벨)(이|가|은|는|을|를|도)? ?(많이|조금|좀|다|안|잘)? ?(묻|배|밴|젖|남|붙|떨어)/u;
const LEAD = /^(그럼|그러면|근데|그런데|만약에?|혹시|아니|또)\s*/u;
const POINTING = /(그|이|저)(거|것|건|게)(은|는|도|를|이|가)?/gu;
/** Parts that many things have: alone they are of the thing before. */
const PARTS =
  /(뚜껑|라벨|상표|펌프|빨대|병뚜껑|스티커|테이프|손잡이|포장|봉지|상자|껍질|배터리|건전지|내용물|안쪽|겉)/u;
const SHORT = 15;
/** `색깔 있는 건?`, `깨진 거는요?`: says which of the thing before. */
const WHICH = /(?<=\S[은는운된진난린갠] ?)(거|것|건|게)(은|는|도|를|이|가|면|로)?(?=\s|[?!.요]|$)/u;
/** `유리 말고`: what is not meant. */
const NOT_MEANT = /\S+ ?(말고|아니고)\s*/u;
/** `플라스틱이면?`: the material of the thing before. */
const MATERIAL =
  /^(플라스틱|유리|종이|금속|나무|고무|천|도자기|스텐|스테인리스|알루미늄|철|비닐|스티로폼)(이면|이라면|면|은|는|인데|이에요|예요|이요|요|도)*[?.!~\s]*$/u;

/** A message as it is read after the ones before it. */
export interface InContext {
  readonly text: string;
  readonly mentions: readonly Mention[];
}

/**
 * Reads a message by itself or, where it goes on from what was said before, together with the last thing that was named.
 * @param history what the person said before, oldest first
 * @param k at most so many items for each thing
 */
export function inContext(text: string, history: readonly string[], k: number): InContext {
  const alone = findMentions(text, k);
  const before = lastNamed(history);
  if (before === undefined) return { text, mentions: alone };
  const sure = alone.some(({ hits: [best] }) => best !== undefined && best.ask === null);
  const goesOn = GOES_ON.test(text) || ONLY_STATE.test(text) || NOT_MEANT.test(text) || WHICH.test(text);
  const rest = text.replace(LEAD, "").replace(NOT_MEANT, "").replace(POINTING, " ").trim();
  const isPart = PARTS.test(text) && text.length <= 30;
  const isMaterial = MATERIAL.test(rest);
  if (sure && !isMaterial && !(goesOn && isPart) && !ONLY_STATE.test(text)) return { text, mentions: alone };
  // `무료예요?` goes on without saying so; what is about something else doesn't.
  const isShort = alone.length === 0 && text.length <= SHORT && !asksOther(text) && !GREETING.test(text);
  if (!goesOn && !isPart && !isShort && !isMaterial) return { text, mentions: alone };
  for (const together of [joined(before.said, rest), joined(before.name, rest)]) {
    const both = findMentions(together, k).filter(({ hits }) => hits.length > 0);
    if (both.length > 0) return { text: together, mentions: both.slice(0, 1) };
  }
  return { text, mentions: alone };
}

/** `깨진 거는요?` of a bottle is `깨진 병`, `플라스틱이면?` of a cup `플라스틱 컵`; what is asked of a thing else comes after it. */
function joined(before: string, rest: string): string {
  if (WHICH.test(rest)) return rest.replace(WHICH, ` ${before} `);
  const material = MATERIAL.exec(rest)?.[1];
  return material === undefined ? `${before} ${rest}` : `${material} ${before}`;
}

/** The last thing of the conversation that the knowledge has: as it was said, and by its name. */
function lastNamed(history: readonly string[]): { readonly said: string; readonly name: string } | undefined {
  for (const message of history.toReversed()) {
    const [first] = findMentions(readMessage(message, namesThing).text, 1).filter(({ hits }) => hits.length > 0);
    const [best] = first?.hits ?? [];
    if (first !== undefined && best !== undefined) return { said: best.alias, name: best.item.name };
  }
  return undefined;
}
