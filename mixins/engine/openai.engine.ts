import { structuredOutput } from "../model/structured-output.ts";
import type { Part } from "../model/api.ts";
import type { ModelClient } from "../model/model.client.ts";
import { processModelClient } from "../model/process-model.ts";
import type { ModelLog } from "../model/running-call.ts";
import { loadKnowledge } from "../knowledge/load-knowledge.ts";
import { loadPrompts, type Prompts } from "../prompts/load-prompts.ts";
import { promptLists } from "../prompts/prompt-lists.ts";
import type { Engine, Facts, Sighting } from "./engine.ts";
import { AnswerForm, readAnswer } from "./read-answer.ts";
import { readSighting, sightingSchema } from "./read-sighting.ts";
import { shrinkImage } from "./shrink-image.ts";

const QUESTION_LIMIT = 2_000;

export interface OpenaiEngineParts {
  client: ModelClient;
  prompts: Prompts;
}

/**
 * Answers through a model. Instructions come from `prompts/` and the knowledge alone; a person's words and picture travel beside them as data.
 * What the model says is held to the knowledge: classes and tags that it has, answers that its facts bear.
 * @param parts left out: the process's own
 */
export function openaiEngine(log: ModelLog, parts: Partial<OpenaiEngineParts> = {}): Engine {
  const client = parts.client ?? processModelClient(log);
  const prompts = parts.prompts ?? loadPrompts();
  const knowledge = loadKnowledge();
  const inserts = promptLists();
  const [see, read, write] = [
    promptOf(prompts, "scan/see"),
    promptOf(prompts, "scan/read"),
    promptOf(prompts, "scan/answer"),
  ];
  const sighting = structuredOutput(see.schema, sightingSchema(knowledge));
  const answer = structuredOutput(write.schema, AnswerForm);

  return {
    async see({ image, question, model, signal }) {
      const picture: Part = { type: "image", dataUrl: await shrinkImage(image) };
      const input = [picture, data({ question: questionOf(question) })];
      const said = await client.complete({ prompt: see, inserts, input, model, signal }, sighting);
      return { ...readSighting(said.value, knowledge), engine: said.model, prompt: see.ref };
    },

    async read({ question, model, signal }) {
      const input = [data({ question: questionOf(question) })];
      const said = await client.complete({ prompt: read, inserts, input, model, signal }, sighting);
      return { ...readSighting(said.value, knowledge), engine: said.model, prompt: read.ref };
    },

    async answer({ sighting: seen, facts, question, model, signal }) {
      const input = [data({ question: questionOf(question), item: itemOf(seen), facts: factsOf(facts) })];
      const said = await client.complete({ prompt: write, inserts, input, model, signal }, answer);
      return { ...readAnswer(said.value, facts), engine: said.model, prompt: write.ref };
    },

    // The client belongs to the process; a call in hand ends with its caller's signal.
    close: () => Promise.resolve(),
  };
}

function promptOf(prompts: Prompts, id: string) {
  const prompt = prompts[id];
  if (!prompt) throw new Error(`prompts/${id}.prompt.md is missing`);
  return prompt;
}

/** JSON keeps a person's words in one string: no line of theirs can look like one of ours. */
const data = (value: object): Part => ({ type: "text", text: JSON.stringify(value) });
const questionOf = (question: string) => question.toWellFormed().slice(0, QUESTION_LIMIT);
const itemOf = ({ major, middle, minor, confidence, tags, candidates }: Sighting) => ({
  major,
  middle,
  minor,
  confidence,
  tags,
  candidates: candidates.map(each => each.minor),
});
const factsOf = ({ steps, insufficiencies, text, rule }: Facts) => ({ steps, insufficiencies, text, rule });
