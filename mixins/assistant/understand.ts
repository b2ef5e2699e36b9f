import type { Region } from "../knowledge/info.types.ts";
import { loadKnowledge } from "../knowledge/load-knowledge.ts";
import { aimOf, findMentions } from "../knowledge/search-items.ts";
import type { Mention } from "../knowledge/knowledge.types.ts";
import { type FoundIntent, readIntents } from "./read-intents.ts";
import { readMessage } from "./read-message.ts";

/** An item that a thing of the message may be, by the id that the knowledge has for it. */
export interface Named {
  readonly itemId: string;
  readonly score: number;
  readonly ask: string | null;
}

/** A thing that the message asks about. */
export interface Thing {
  readonly text: string;
  readonly tags: readonly string[];
  /** Best first; empty: the knowledge doesn't have it. */
  readonly hits: readonly Named[];
  /** What to ask back about where there are no hits. */
  readonly guesses: readonly Named[];
}

/** What a message asks, as every later stage works from it. */
export interface Understanding {
  readonly intents: readonly FoundIntent[];
  readonly language: "ko" | "en";
  readonly text: string;
  readonly things: readonly Thing[];
  /** Id of the municipality that the message names. */
  readonly regionId: string | null;
  readonly asksFee: boolean;
  /** Part of the message tried to direct the assistant; that part is left out. */
  readonly directed: boolean;
  readonly greeting: boolean;
}

const HITS = 4;
const MOST_THINGS = 6;
/** The message goes on from the one before it. */
const GOES_ON =
  /^(그럼|그러면|그건|그거|그것|이건|이거|저건|근데|그런데|만약|혹시|아니|또|and |what about|how about)/iu;
/** Tells only in what state the thing before is. */
const ONLY_STATE =
  /^(그럼 |만약 |혹시 )?(기름|양념|음식물?|국물|물|소스|흙|김치 ?국물|이물질|스티커|라벨)(이|가|은|는|을|를|도)? ?(많이|조금|좀|다|안|잘)? ?(묻|배|밴|젖|남|붙|떨어)/u;
const LEAD = /^(그럼|그러면|근데|그런데|만약에?|혹시|아니|또)\s*/u;
const POINTING = /(그|이|저)(거|것|건|게)(은|는|도|를|이|가)?/gu;
/** `이거 기름 묻었는데`: what is meant is in the picture, the words tell only its state. */
export const pointsAt = (text: string): boolean =>
  /(^|\s)(이|저)(거|것|건|게|런 ?거)(은|는|도|를|이|가|요)?|사진|this|it\b/iu.test(text);

/** Parts that many things have: alone they are of the thing before. */
const PARTS =
  /(뚜껑|라벨|상표|펌프|빨대|병뚜껑|스티커|테이프|손잡이|포장|봉지|상자|껍질|배터리|건전지|내용물|안쪽|겉)/u;
const ASKING =
  /(?<=^|\s)(어떻게|어디에?다?|버리는|버려[요도야]?|버릴|버리[고려면]\S*|버림|방법|법|처리|분리수거|분리배출|재활용|해야|하나요|되나요|돼요?|알려\S*|궁금\S*|좀|how|to|do|i|throw|away|dispose|of|the|a|an|is|can)(?=\s|$)/giu;
const OTHER_TOPICS =
  /운세|주식|코인|환율|코드|날씨|노래|영화|드라마|맛집|여행|게임|연예인|아이돌|축구|야구|수학|공부|숙제|사랑|연애|요리|레시피|다이어트|시험|면접|로또|농담|끝말잇기|mbti|심리|점심|저녁|번역|퀴즈|시 ?써|소설|대통령|정치|종교/iu;
/** Asked of throwing away as such, not of a thing. */
const ABOUT_ALL =
  /(분리배출|분리수거|재활용|쓰레기|수거)\s?(은|는|을|를|이|가)?\s?(왜|이유|요일|날|시간|뭐|무엇|이란|중요|위치|함)/u;
const SENTENCE_END = /([가-힣](요|다|까|니|냐|줘|야|죠|지|네|래|자|봐|군|나)|[a-z])[?!.~ㅋㅎㅠ\s]*$|은\?$|는\?$/iu;
const SHORT = 15;
const FEE = /수수료|비용|얼마|요금|가격|값/u;
const GREETING = /^(안녕|하이|헬로|반가|고마|감사|ㅎㅇ|hi\b|hello|hey|thanks|thank you)/iu;

/**
 * Understands a message by itself or, where it goes on from what was said before, with the last thing that was named.
 * @param history what the person said before, oldest first
 */
export function understand(message: string, history: readonly string[]): Understanding {
  const { text: own, language, directed } = readMessage(message, namesThing);
  const { text, mentions } = inContext(own, history);
  const named = mentions.map(thingOf);
  const known = named.filter(({ hits }) => hits.length > 0);
  // What is left of a message that tried to direct the assistant is no thing, unless the knowledge has it.
  const found = directed ? known : named.slice(0, MOST_THINGS);
  const isOther =
    readIntents(own, { things: 0, bulky: false, region: false, asksDisposal: false })[0]?.intent !== "general";
  const isUnknown = found.length === 0 && !directed && !isOther && isOfSomething(own);
  const things = isUnknown ? [nothingKnown(own)] : found.slice(0, MOST_THINGS);
  const region = regionIn(text);
  const { items } = loadKnowledge();
  const first = items.find(({ id }) => id === things[0]?.hits[0]?.itemId);
  const intents = readIntents(own, {
    things: things.length,
    bulky: first?.middle === "대형폐기물",
    region: region !== undefined,
    asksDisposal: aimOf(own) === "disposal",
  });
  return {
    intents,
    language,
    text,
    things,
    regionId: region?.id ?? null,
    asksFee: FEE.test(own),
    directed,
    greeting: GREETING.test(own),
  };
}

/** Asks for something that a tool knows, or is about another topic. */
const asksOther = (text: string): boolean =>
  OTHER_TOPICS.test(text) ||
  readIntents(text, { things: 0, bulky: false, region: false, asksDisposal: false })[0]?.intent !== "general";

const namesThing = (clause: string): boolean => findMentions(clause, 1).some(({ hits }) => hits.length > 0);

function inContext(text: string, history: readonly string[]): { text: string; mentions: readonly Mention[] } {
  const alone = findMentions(text, HITS);
  const before = lastNamed(history);
  if (before === undefined) return { text, mentions: alone };
  const sure = alone.some(({ hits: [best] }) => best !== undefined && best.ask === null);
  const goesOn = GOES_ON.test(text) || ONLY_STATE.test(text);
  const isPart = PARTS.test(text) && text.length <= 30;
  if (sure && !(goesOn && isPart) && !ONLY_STATE.test(text)) return { text, mentions: alone };
  // `무료예요?` goes on without saying so; what is about something else doesn't.
  const isShort = alone.length === 0 && text.length <= SHORT && !asksOther(text) && !GREETING.test(text);
  if (!goesOn && !isPart && !isShort) return { text, mentions: alone };
  const rest = text.replace(LEAD, "").replace(POINTING, " ").trim();
  const together = `${before} ${rest}`;
  const both = findMentions(together, HITS).filter(({ hits }) => hits.length > 0);
  return both.length === 0 ? { text, mentions: alone } : { text: together, mentions: both.slice(0, 1) };
}

/** The last thing of the conversation that the knowledge has, by its name. */
function lastNamed(history: readonly string[]): string | undefined {
  for (const said of history.toReversed()) {
    const [first] = findMentions(readMessage(said, namesThing).text, 1).filter(({ hits }) => hits.length > 0);
    if (first !== undefined) return first.hits[0]?.item.name;
  }
  return undefined;
}

/** Is asked how to throw away, or is a bare name: then it is about a thing, though the knowledge doesn't have it. */
function isOfSomething(text: string): boolean {
  const rest = nameIn(text);
  if (GREETING.test(text) || rest === "" || /^\d/u.test(rest) || OTHER_TOPICS.test(text)) return false;
  const aim = aimOf(text);
  return aim === "disposal" ? !ABOUT_ALL.test(text) : aim === "open" && !SENTENCE_END.test(text.trim());
}

/** What is left of a text without the words of asking. */
const nameIn = (text: string): string =>
  text
    .replace(/[?!.~]+/gu, " ")
    .replace(ASKING, " ")
    .replace(/\s+/gu, " ")
    .trim();

const nothingKnown = (text: string): Thing => ({ text: nameIn(text).slice(0, 40), tags: [], hits: [], guesses: [] });

const thingOf = ({ text, tags, hits, guesses }: Mention): Thing => ({
  text,
  tags,
  hits: hits.map(({ item, score, ask }) => ({ itemId: item.id, score, ask })),
  guesses: guesses.map(({ item, score, ask }) => ({ itemId: item.id, score, ask })),
});

/**
 * The municipality that a text names, the smallest first: `서울 강남구` is Gangnam, not Seoul. `강서구`, of which there are several, is the one
 * that the knowledge has; the answer tells which.
 */
function regionIn(text: string): Region | undefined {
  const { regions } = loadKnowledge();
  const namesOf = ({ name, aliases }: Region) => [name, ...aliases];
  const named = regions.filter(region => namesOf(region).some(name => text.includes(name)));
  const byDistrict = regions.find(({ name }) => {
    const district = name.split(" ").at(-1) ?? "";
    return district.length > 2 && name !== district && text.includes(district);
  });
  return named.find(({ within }) => within !== null) ?? byDistrict ?? named[0];
}
