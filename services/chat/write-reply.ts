import { fail } from "../../broker/errors.ts";
import type { Reply } from "../../mixins/assistant/reply.types.ts";
import type { ModelClient } from "../../mixins/model/model.client.ts";
import { loadPrompts } from "../../mixins/prompts/load-prompts.ts";
import { promptLists } from "../../mixins/prompts/prompt-lists.ts";
import { cutTokens } from "./cut-tokens.ts";
import { mayBeTold } from "./may-be-told.ts";
import { readSentences } from "./read-sentences.ts";
import type { Turn, Written } from "./turns.store.ts";
import { goOn, writtenOnDevice } from "./written.ts";

/** Nobody reads more; a model that goes on is stopped. */
const MOST_CHARACTERS = 3_000;

let kept: ReturnType<typeof loadPrompts> | undefined;
/** Read once a process, at the first answer of a model. */
const prompts = () => (kept ??= loadPrompts());

interface Room {
  /** Undefined: no model is to be asked. */
  client: ModelClient | undefined;
  /** Keeps all pieces so far, before the newest are told. @returns false when the turn is over */
  keep(told: readonly string[]): Promise<boolean>;
  tell(nth: number, content: string): Promise<void>;
  signal: AbortSignal;
  logger: { warn(data: object, text: string): void };
}

/**
 * Writes the answer of a turn and tells it while it is written. A model says the composed reply in words for this question, sentence by
 * sentence: each is held to the facts and kept before it is told, so that a later try goes on behind it. Where the model fails, the
 * composed reply is what is told, behind whatever was told already.
 * @returns undefined when the turn was ended meanwhile
 */
export async function writeReply(turn: Turn, composed: Reply, room: Room): Promise<Written | undefined> {
  for (const [nth, content] of turn.told.entries()) await room.tell(nth, content);
  const told = [...turn.told];
  const hasFacts = composed.items.length > 0 || turn.findings?.tools.some(({ available }) => available) === true;
  if (room.client !== undefined && hasFacts) {
    const engine = await askModel(room.client, { turn, composed, told, room });
    if (engine === undefined) return undefined;
    if (engine !== null) return { ...writtenOnDevice(composed), text: told.join(""), tokens: told, engine };
  }
  const reply = goOn(told, composed);
  if (told.length > 0 && !(await room.keep(reply.tokens))) return undefined;
  for (const [nth, content] of reply.tokens.entries()) if (nth >= told.length) await room.tell(nth, content);
  return reply;
}

/** Adds to `told` what the model says. @returns the model's name; null when it failed or said nothing that may be told; undefined when the turn is over */
async function askModel(
  client: ModelClient,
  { turn, composed, told, room }: { turn: Turn; composed: Reply; told: string[]; room: Room },
): Promise<string | null | undefined> {
  const prompt = prompts()["chat/answer"];
  if (!prompt) throw fail("INTERNAL", "prompts/chat/answer.prompt.md is missing");
  const { text: question, language } = turn.findings?.understanding ?? { text: "", language: "ko" };
  // JSON keeps a person's words and those of tools in strings: no line of theirs can look like one of ours.
  const data = JSON.stringify({ question, language, facts: composed.text, written: told.join("") });
  const known = { facts: composed.text, instructions: prompt.template };
  const sentences = readSentences(
    client.stream({
      prompt,
      inserts: promptLists(),
      input: [{ type: "text", text: data }],
      model: turn.model,
      signal: room.signal,
    }),
  );
  let withheld = 0;
  let length = told.join("").length;
  try {
    let step = await sentences.next();
    for (; !step.done && length < MOST_CHARACTERS; step = await sentences.next()) {
      const sentence = joined(step.value, told);
      if (!mayBeTold(sentence, known)) {
        withheld++;
        continue;
      }
      const first = told.length;
      told.push(...cutTokens(sentence));
      length += sentence.length;
      if (!(await room.keep(told))) return undefined;
      for (const [nth, content] of told.entries()) if (nth >= first) await room.tell(nth, content);
    }
    return told.length > 0 ? (step.done ? step.value.model : (turn.model ?? prompt.ref)) : null;
  } catch (cause) {
    room.signal.throwIfAborted();
    room.logger.warn({ err: cause, turn: turn.id }, "the model does not answer; the composed answer is told");
    return null;
  } finally {
    await sentences.return(undefined as never);
    if (withheld > 0) room.logger.warn({ turn: turn.id, withheld }, "sentences of the model were withheld");
  }
}

/** A sentence as it stands behind what was told: a model that goes on may leave out the space between. */
const joined = (sentence: string, told: readonly string[]): string => {
  if (told.length === 0) return sentence.trimStart();
  return /^\s/u.test(sentence) || /\s$/u.test(told.at(-1) ?? "") ? sentence : ` ${sentence}`;
};
