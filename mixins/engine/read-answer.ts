import Type, { type Static } from "typebox";
import type { Answer, Facts } from "./engine.ts";
import { cleanText } from "./clean-text.ts";
import { isGrounded } from "./is-grounded.ts";

/** The form in which a model writes an answer. */
export const AnswerForm = Type.Object({
  steps: Type.Array(Type.String({ description: "one action, no number in front" })),
  insufficiencies: Type.Array(Type.String()),
  text: Type.String({ description: "two or three sentences" }),
});

const MOST_STEPS = 10;
const LINE_LIMIT = 300;
const TEXT_LIMIT = 1_500;

/**
 * Makes an answer of what a model wrote, part by part; a part that says more or less than the facts allow stays as composed:
 * steps where there are none to write from, or none came; insufficiencies in another number (a reward hangs on them);
 * anything with an address, a telephone number or an amount of money that the facts don't hold.
 */
export function readAnswer(said: Static<typeof AnswerForm>, facts: Facts): Answer {
  const known = [...facts.steps, ...facts.insufficiencies, facts.text, facts.rule].join("\n");
  const lines = (texts: readonly string[]) =>
    texts.map(text => cleanText(text, LINE_LIMIT)).filter(text => text !== "");
  const steps = lines(said.steps).map(withoutNumber).slice(0, MOST_STEPS);
  const insufficiencies = lines(said.insufficiencies);
  const text = cleanText(said.text, TEXT_LIMIT);
  const holds = (texts: readonly string[]) => texts.every(each => isGrounded(each, known));
  return {
    steps: facts.steps.length > 0 && steps.length > 0 && holds(steps) ? steps : facts.steps,
    insufficiencies:
      insufficiencies.length === facts.insufficiencies.length && holds(insufficiencies)
        ? insufficiencies
        : facts.insufficiencies,
    text: text !== "" && holds([text]) ? text : facts.text,
  };
}

/** Clients number the steps themselves. */
const withoutNumber = (step: string) =>
  step.replace(/^(?:\d{1,2}\s*[.)]|\d{1,2}\s*단계\s*[:.)]?|[-•*])\s*/u, "") || step;
