import { ON_DEVICE } from "../../mixins/engine/on-device.engine.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { cutTokens } from "./cut-tokens.ts";
import type { Reply } from "../../mixins/assistant/reply.types.ts";
import type { Turn, Written } from "./turns.store.ts";

const NO_ANSWER = "답을 준비하지 못했어요. 잠시 후 다시 물어봐 주세요.";
const STOPPED = "요청하신 대로 답변을 멈췄어요.";

/** A reply as it is told and kept: the same reply always comes in the same pieces, so a second try repeats none. */
export const writtenOnDevice = (reply: Reply): Written => ({
  ...reply,
  tokens: cutTokens(reply.text),
  engine: ON_DEVICE,
  knowledge: loadKnowledge().version,
});

/** A reply whose beginning was told already: that stays, the rest comes behind it. */
export const goOn = (told: readonly string[], reply: Reply): Written => {
  if (told.length === 0) return writtenOnDevice(reply);
  const rest = `\n\n${reply.text}`;
  return { ...writtenOnDevice(reply), text: told.join("") + rest, tokens: [...told, ...cutTokens(rest)] };
};

const instead = (turn: Turn, text: string): Written => {
  const intents = turn.findings?.understanding.intents ?? [];
  return goOn(turn.told, { text, intent: intents[0]?.intent ?? "general", intents, items: [], citations: [] });
};

/** What is said where no answer could be had. */
export const noAnswer = (turn: Turn): Written => instead(turn, NO_ANSWER);
/** What is said where the person stopped the answer. */
export const stopped = (turn: Turn): Written => instead(turn, STOPPED);
