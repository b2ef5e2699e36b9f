import type { ServiceBroker } from "moleculer";
import type { Actions } from "../broker/contract.ts";
import { EcoUsage, type OtherCommands } from "../broker/repl/eco-command.ts";
import { table } from "../broker/repl/table.ts";
import { describeFind } from "../mixins/knowledge/describe-find.ts";
import { explainFind } from "../mixins/knowledge/explain-find.ts";
import type {} from "../services/chat/chat.contract.ts";

/** Whom the house takes an operator for who asks it something; owns nothing else. */
const OPERATOR = { userId: "00000000-0000-4000-8000-00000000ec02", sessionId: "repl", provider: "repl" };
const STATES = ["queued", "classified", "ruled", "answered", "done", "failed"] as const;
const MOST_JOBS = 30;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;
/** Stages of a scan with the column of its row that tells when each ended. */
const STAGES = [
  ["vision", "classified_at"],
  ["rule", "ruled_at"],
  ["answer", "answered_at"],
  ["reward", "finished_at"],
] as const;

type Times = Partial<Record<"created_at" | (typeof STAGES)[number][1], string | Date | null>>;
interface Job extends Times {
  id: string;
  state: string;
  failed_in: string | null;
  failure: string | null;
}

/** A broker of the house to call through, and how it is left. */
export interface Reach {
  broker: Pick<ServiceBroker, "call">;
  leave: () => Promise<void>;
}

/**
 * The commands of `eco` that ask rooms or the knowledge.
 * @param reach joins the house, for commands that need it
 */
export function ecoCommands(reach: () => Promise<Reach>): OtherCommands {
  const ask = async <R>(action: string, params: object): Promise<R> => {
    const { broker, leave } = await reach();
    try {
      return await broker.call<R, object>(action, params, { meta: { caller: OPERATOR } });
    } finally {
      await leave();
    }
  };
  return {
    jobs: {
      help: `eco jobs [state]                      the last ${MOST_JOBS} scans, or those in a state (${STATES.join(", ")})`,
      async run([state, ...rest]) {
        if (rest.length > 0) throw new EcoUsage(`too many words: ${rest.join(" ")}`);
        if (state !== undefined && !(STATES as readonly string[]).includes(state))
          throw new EcoUsage(`there is no state ${state}; there are: ${STATES.join(", ")}`);
        const query = state === undefined ? {} : { query: { state } };
        const jobs = await ask<Job[]>("scan.jobs.find", { ...query, sort: "-created_at", limit: MOST_JOBS });
        return jobs.length === 0 ? [state === undefined ? "No scans." : `No scans are ${state}.`] : jobTable(jobs);
      },
    },
    job: {
      help: "eco job <id>                          one scan: its stages and how long each took",
      async run([id = "", ...rest]) {
        if (!UUID.test(id) || rest.length > 0) throw new EcoUsage("eco job needs the id of a scan");
        const [job] = await ask<Job[]>("scan.jobs.find", { query: { id }, limit: 1 });
        if (job === undefined) throw new EcoUsage(`there is no scan ${id}`);
        return describeJob(job);
      },
    },
    ask: {
      help: 'eco ask "…"                           a question to the chat, as a person would ask it',
      async run(words) {
        const message = words.join(" ").trim();
        if (message === "") throw new EcoUsage('eco ask needs a question: eco ask "깨진 컵"');
        const said = await ask<Actions["chat.say"]["result"]>("chat.say", { session_id: "repl", message });
        const items = said.items.map(({ name, middle, confidence }) => `${name} (${middle}, ${confidence})`);
        return [said.user_answer, "", `intent ${said.intent}${items.length === 0 ? "" : ` · ${items.join(" · ")}`}`];
      },
    },
    knowledge: {
      help: 'eco knowledge find "…"                what a question finds in the knowledge, and why each hit ranks where it does',
      async run([verb, ...words]) {
        const question = words.join(" ").trim();
        if (verb !== "find" || question === "")
          throw new EcoUsage('eco knowledge needs a question: eco knowledge find "깨진 컵"');
        return describeFind(question, explainFind(question));
      },
    },
  };
}

const isoOf = (at: string | Date | null | undefined): string => (at == null ? "–" : new Date(at).toISOString());

const jobTable = (jobs: readonly Job[]): string[] =>
  table(
    ["SCAN", "STATE", "SINCE", "ENDED", "WHY"],
    jobs.map(job => [job.id, job.state, isoOf(job.created_at), isoOf(job.finished_at), job.failure ?? ""]),
  );

function describeJob(job: Job): string[] {
  let before = job.created_at;
  const rows = STAGES.map(([stage, column]) => {
    const at = job[column];
    const took = at == null || before == null ? "–" : `${new Date(at).getTime() - new Date(before).getTime()} ms`;
    if (at != null) before = at;
    return [stage, isoOf(at), took];
  });
  const why = job.failure === null ? [] : [`failed in ${job.failed_in ?? "?"}: ${job.failure}`];
  return [
    `scan ${job.id}: ${job.state}, since ${isoOf(job.created_at)}`,
    ...why,
    ...table(["STAGE", "ENDED", "TOOK"], rows),
  ];
}
