import Type, { type Static } from "typebox";
import type { Answer, Facts } from "./engine.ts";
import { cleanText } from "./clean-text.ts";

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

const ADDRESS = /(?:https?:\/\/|www\.)[^\s"'<>()]+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|kr|io|app|me|gov)\b/giu;
const AMOUNT = /\d[\d,.]*\s*[천만]?\s*원/gu;
const TELEPHONE = /\d{2,4}-\d{3,4}(?:-\d{4})?|\b1[0-9]{2}번/gu;

/** Whether every address, telephone number and amount of a text stands in what is known. */
function isGrounded(text: string, known: string): boolean {
  const claims = [ADDRESS, TELEPHONE, AMOUNT].flatMap(kind => [...text.matchAll(kind)].map(([claim]) => claim));
  return claims.every(claim => known.includes(claim));
}

/** Clients number the steps themselves. */
const withoutNumber = (step: string) =>
  step.replace(/^(?:\d{1,2}\s*[.)]|\d{1,2}\s*단계\s*[:.)]?|[-•*])\s*/u, "") || step;
