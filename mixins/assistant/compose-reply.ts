import { josa } from "es-hangul";
import type { Sighting } from "../engine/engine.ts";
import { composeAnswer, fallbackAnswer } from "../knowledge/compose-answer.ts";
import { detectSituations } from "../knowledge/detect-situations.ts";
import type { Citation, ComposedAnswer, Item } from "../knowledge/knowledge.types.ts";
import { unclassified } from "../knowledge/knowledge.types.ts";
import { loadKnowledge } from "../knowledge/load-knowledge.ts";
import { composeEnglish } from "./compose-english.ts";
import type { Reply, ReplyItem } from "./reply.types.ts";
import { sayRegion, sayTool } from "./say-tool.ts";
import { sayOffTopic, sayRefusal } from "./small-talk.ts";
import type { ToolResult } from "./tool-results.ts";
import type { Thing, Understanding } from "./understand.ts";

/** What an answer is written from. */
export interface Findings {
  readonly understanding: Understanding;
  /** What the picture of the message shows. */
  readonly sighting: Sighting | null;
  readonly tools: readonly ToolResult[];
}

interface Answered {
  readonly item: ReplyItem;
  readonly composed: ComposedAnswer;
  readonly text: string;
}

/** A name that fits less surely than this is told as an estimate. */
const SURE = 0.8;
/** Just below what the answer tells as certain. */
const ESTIMATE_AT_MOST = 0.89;
const STEPS_OF_MANY = 3;

/** Writes the whole answer from what was found, in the language of the message; nothing in it is generated. */
export function composeReply(findings: Findings): Reply {
  const { understanding } = findings;
  const answered = answerThings(findings);
  const [first] = understanding.intents;
  const shared = {
    intent: first?.intent ?? "general",
    intents: understanding.intents,
    items: answered.map(({ item }) => item),
    citations: distinct(answered.flatMap(({ composed }) => composed.citations)),
  } as const;
  const text =
    understanding.language === "en"
      ? composeEnglish(
          findings,
          answered.map(({ item }) => item),
        )
      : composeKorean(findings, answered);
  return { ...shared, text };
}

function composeKorean({ understanding, tools }: Findings, answered: readonly Answered[]): string {
  const region = sayRegion(
    understanding,
    answered.some(({ item }) => item.middle === "대형폐기물"),
  );
  const said = [
    ...(understanding.directed ? [sayRefusal(answered.length > 0)] : []),
    ...tools.map(result =>
      sayTool(
        result,
        understanding,
        answered.map(({ composed }) => composed.rule),
      ),
    ),
  ];
  const waste = answered.length > 1 ? [sayMany(answered)] : answered.map(({ text }) => text);
  const nothing = answered.length === 0 && tools.length === 0 && region.length === 0 && !understanding.directed;
  return [...said, ...waste, ...region, ...(nothing ? [sayOffTopic(understanding)] : [])].join("\n\n");
}

function answerThings({ understanding, sighting }: Findings): Answered[] {
  if (sighting !== null) return [answerSighting(sighting, understanding)];
  return understanding.things.map(thing => answerThing(thing, understanding.text));
}

const itemOf = (id: string | null | undefined): Item | undefined => loadKnowledge().items.find(item => item.id === id);
const classOf = (item: Item) => ({ major: item.major, middle: item.middle, minor: item.name });

function answerThing(thing: Thing, question: string): Answered {
  const [best] = thing.hits;
  const item = itemOf(best?.itemId);
  if (best === undefined || item === undefined) return unknown(thing);
  const others = thing.hits
    .slice(1)
    .flatMap(({ itemId }) => itemOf(itemId) ?? [])
    .map(classOf);
  const unsure = best.score < SURE;
  const composed = composeAnswer({
    item,
    tags: thing.tags,
    question,
    ask: best.ask,
    ...(unsure ? { confidence: best.score } : {}),
    ...(unsure || best.ask !== null ? { candidates: others } : {}),
  });
  return answeredBy(composed, best.score);
}

function unknown(thing: Thing): Answered {
  const composed = fallbackAnswer({
    candidates: thing.guesses.flatMap(({ itemId }) => itemOf(itemId) ?? []).map(classOf),
  });
  const named = { name: thing.text, major: unclassified, middle: unclassified, confidence: 0 };
  return { item: named, composed, text: composed.user_answer };
}

/** The picture names the thing, the words its state and what is asked of it. */
function answerSighting(sighting: Sighting, { text }: Understanding): Answered {
  const tags = [...new Set([...sighting.tags, ...detectSituations(text)])];
  const composed = composeAnswer({
    item: itemOf(sighting.itemId),
    class: sighting,
    tags,
    question: text,
    ...(sighting.estimate
      ? { confidence: Math.min(sighting.confidence, ESTIMATE_AT_MOST), candidates: sighting.candidates }
      : {}),
  });
  return answeredBy(composed, sighting.confidence);
}

function answeredBy(composed: ComposedAnswer, score: number): Answered {
  const { major, middle, minor } = composed;
  const confidence = Math.round(Math.min(1, score) * 100) / 100;
  return { item: { name: minor, major, middle, confidence }, composed, text: composed.user_answer };
}

/** Several things: each in a few lines, so that the answer stays one that is read to its end. */
function sayMany(answered: readonly Answered[]): string {
  const parts = answered.map(({ item, composed }, at) => {
    if (composed.rule === null) return `${at + 1}) ${item.name}: 우리 자료에 없어요. 재질이나 다른 이름을 알려 주세요.`;
    const steps = Object.values(composed.disposal_steps).slice(0, STEPS_OF_MANY);
    const left = composed.insufficiencies.map(each => `   ! ${each}`);
    return [`${at + 1}) ${item.name} → ${item.middle}`, ...steps.map(step => `   - ${step}`), ...left].join("\n");
  });
  const sources = distinct(answered.flatMap(({ composed }) => composed.citations)).map(({ source }) => source);
  const ground = [...new Set(sources)].slice(0, 2).map(source => `근거: ${source}`);
  const together = new Set(answered.map(({ item }) => item.middle)).size === 1;
  const [first] = answered;
  const lead =
    together && first !== undefined
      ? `모두 ‘${first.item.middle}’${josa.pick(first.item.middle, "으로/로")} 내놓으면 돼요.`
      : `${answered.length}가지를 나눠서 버려 주세요. 서로 섞으면 안 돼요.`;
  return [lead, ...parts, ...ground, "수거함 위치와 배출 요일은 지자체 조례에 따라 다를 수 있어요."].join("\n");
}

function distinct(citations: readonly Citation[]): Citation[] {
  const seen = new Set<string>();
  return citations.filter(({ id }) => !seen.has(id) && seen.add(id));
}
