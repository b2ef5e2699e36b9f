import { setTimeout as pause } from "node:timers/promises";
import { type ModelServer, startModelServer, type WireBody } from "../../servers/openai.server.ts";

export type ModelStage = "vision" | "answer";
export interface ModelCallSeen {
  /** The question that the job was opened with: what a case tells jobs apart by. */
  question: string;
  stage: ModelStage;
  /** Who asked: the name that `url` was made for. */
  by: string;
}

/** The model of a case: answers late, counts who asked what how often, and lets the case do something at a call. */
export interface CountingModel {
  readonly key: string;
  /** Calls so far, by question and stage. */
  calls(question: string, stage: ModelStage): number;
  readonly total: number;
  /** An address of its own for each asker. */
  urlFor(by: string): Promise<string>;
  /** How long each answer takes; asked anew for every call. */
  latencyMs: () => number;
  /** Told at each call before the wait. */
  onCall: (call: ModelCallSeen) => void;
  close(): Promise<void>;
}

const KEY = "sk-chaos-0123456789abcdef";
/** Out of the knowledge: a clear bottle with nothing left to do wins its character. */
const SIGHTING = {
  observation: "투명한 생수병이 보입니다.",
  class: "재활용폐기물_무색페트병",
  item: "생수병",
  confidence: 0.95,
  tags: [],
  candidates: [],
};

export function countingModel(): CountingModel {
  const servers: ModelServer[] = [];
  const counts = new Map<string, number>();
  const model = {
    key: KEY,
    latencyMs: () => 0,
    onCall: () => undefined,
    get total() {
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
    calls: (question, stage) => counts.get(`${stage} ${question}`) ?? 0,
    async urlFor(by) {
      const server = await startModelServer({ key: KEY, answer: body => answer(by, body), keepRequests: false });
      servers.push(server);
      return server.url;
    },
    close: () => Promise.all(servers.map(server => server.close())).then(() => undefined),
  } as CountingModel;

  async function answer(by: string, body: WireBody): Promise<unknown> {
    const call = { by, ...readCall(body) };
    const key = `${call.stage} ${call.question}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    model.onCall(call);
    await pause(model.latencyMs());
    return call.stage === "vision" ? SIGHTING : { steps: [], insufficiencies: [], text: "무색페트병으로 버려 주세요." };
  }
  return model;
}

/** What the engine sends beside picture and instructions: the question, and for an answer the facts. */
function readCall(body: WireBody): { question: string; stage: ModelStage } {
  const parts = (body.input ?? []).flatMap(({ content }) => (typeof content === "string" ? [] : content));
  const text = parts.find(part => part.text !== undefined)?.text ?? "{}";
  const data = JSON.parse(text) as { question: string; facts?: unknown };
  return { question: data.question, stage: data.facts === undefined ? "vision" : "answer" };
}
