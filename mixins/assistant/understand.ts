import type { Region } from "../knowledge/info.types.ts";
import { loadKnowledge } from "../knowledge/load-knowledge.ts";
import { aimOf } from "../knowledge/search-items.ts";
import type { Mention } from "../knowledge/knowledge.types.ts";
import { type FoundIntent, readIntents } from "./read-intents.ts";
import { inContext } from "./in-context.ts";
import { readMessage } from "./read-message.ts";
import { asksOther, GREETING, namesThing, OTHER_TOPICS } from "./topics.ts";

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
/** `이거 기름 묻었는데`: what is meant is in the picture, the words tell only its state. */
export const pointsAt = (text: string): boolean =>
  /(^|\s)(이|저)(거|것|건|게|런 ?거)(은|는|도|를|이|가|요)?|사진|this|it\b/iu.test(text);

const ASKING =
  /(?<=^|\s)(어떻게|어디에?다?|버리는|버려[요도야]?|버릴|버리[고려면]\S*|버림|방법|법|처리|분리수거|분리배출|재활용|해야|하나요|되나요|돼요?|알려\S*|궁금\S*|좀|how|to|do|i|throw|away|dispose|of|the|a|an|is|can)(?=\s|$)/giu;
/** `이거`, `깨진 거`, `큰 거 하나`: names nothing. */
const MERE_POINTER =
  /^((이|그|저|요)(거|것|건|게)|(\S+[은는운된진난] |큰 |작은 )(거|것)( ?(하나|두 ?개|여러 ?개))?)(은|는|이|가|을|를|도|요)?( 하는데)?$/u;
/** Asked of throwing away as such, not of a thing. */
const ABOUT_ALL =
  /(분리배출|분리수거|재활용|쓰레기|수거)\s?(은|는|을|를|이|가|장)?\s?(은|는)?\s?(왜|이유|요일|날|시간|언제|몇 ?시|뭐|무엇|이란|중요|위치|함|어디|기준)|벌금|과태료|단속/u;
const SENTENCE_END = /([가-힣](요|다|까|니|냐|줘|야|죠|지|네|래|자|봐|군|나)|[a-z])[?!.~ㅋㅎㅠ\s]*$|은\?$|는\?$/iu;
const FEE = /수수료|비용|얼마|요금|가격|값/u;

/**
 * Understands a message by itself or, where it goes on from what was said before, with the last thing that was named.
 * @param history what the person said before, oldest first
 */
export function understand(message: string, history: readonly string[]): Understanding {
  const { text: own, language, directed } = readMessage(message, namesThing);
  const { text, mentions } = inContext(own, history, HITS);
  const named = distinct(mentions.map(thingOf));
  const known = named.filter(({ hits }) => hits.length > 0);
  // What is left of a message that tried to direct the assistant is no thing, unless the knowledge has it; nor is a sentence beside a thing.
  const found = directed ? known : named.filter(thing => !isMereTalk(thing));
  const isUnknown = found.length === 0 && !directed && !asksOther(own) && isOfSomething(own);
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

/** Is asked how to throw away, or is a bare name: then it is about a thing, though the knowledge doesn't have it. */
function isOfSomething(text: string): boolean {
  const rest = nameIn(text);
  if (MERE_POINTER.test(rest)) return false;
  if (GREETING.test(text) || !/[가-힣a-z]{1,}/iu.test(rest) || /^\d/u.test(rest) || OTHER_TOPICS.test(text))
    return false;
  const aim = aimOf(text);
  return aim === "disposal" ? !ABOUT_ALL.test(text) : aim === "open" && !SENTENCE_END.test(text.trim());
}

/** `이건 테스트야 그리고`: a sentence of its own, beside the things that are asked about. */
const isMereTalk = ({ text, hits, guesses }: Thing): boolean =>
  hits.length === 0 &&
  (OTHER_TOPICS.test(text) || (guesses.length === 0 && (SENTENCE_END.test(text) || !isOfSomething(text))));

/** A thing that is named twice is answered once, in every state that it was told to be in. */
function distinct(things: readonly Thing[]): Thing[] {
  const once: Thing[] = [];
  for (const thing of things) {
    const itemId = thing.hits[0]?.itemId;
    const at = once.findIndex(
      other => itemId !== undefined && other.hits[0]?.itemId === itemId && sameName(other, thing),
    );
    const before = once[at];
    if (before === undefined) once.push(thing);
    else once[at] = merge(before, thing);
  }
  return once;
}

const sameName = (a: Thing, b: Thing): boolean =>
  nameIn(a.text).includes(nameIn(b.text)) || nameIn(b.text).includes(nameIn(a.text));

const merge = (before: Thing, again: Thing): Thing => ({
  ...((again.hits[0]?.score ?? 0) > (before.hits[0]?.score ?? 0) ? again : before),
  tags: [...new Set([...before.tags, ...again.tags])],
});

/** What is left of a text without the words of asking. */
const nameIn = (text: string): string =>
  text
    .replace(/[?!.~]+/gu, " ")
    .replace(ASKING, " ")
    .replace(/\s+/gu, " ")
    .trim();

const nothingKnown = (text: string): Thing => ({ text: nameIn(text).slice(0, 40), tags: [], hits: [], guesses: [] });

const JOINING = /\s+(그리고|및|또는|and|or)$/u;
const thingOf = ({ text, tags, hits, guesses }: Mention): Thing => ({
  text: text.replace(JOINING, ""),
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
