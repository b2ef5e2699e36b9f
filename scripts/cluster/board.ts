import { styleText } from "node:util";
import { table } from "../../broker/repl/table.ts";
import type { Member, State } from "./supervise.ts";

const PAINT: Record<State, Parameters<typeof styleText>[0]> = {
  starting: "cyan",
  up: "green",
  waiting: "red",
  stopping: "yellow",
  stopped: "dim",
};

/** What a person sees of a cluster: lines as things happen, and below them, on a terminal, who runs where. */
export interface Board {
  /** A line, or several, above the table. */
  say(text: string): void;
  /** Somebody's state is another one. */
  refresh(): void;
  /** Shows the table once more and leaves it where it is. */
  show(): void;
  /** From now on states are no longer shown as they change. */
  rest(): void;
}

export function openBoard(members: () => readonly Member[], out: NodeJS.WriteStream = process.stdout): Board {
  let isLive = out.isTTY;
  let drawn = 0;

  const lines = () => {
    const [head = "", ...rows] = table(["NAME", "ROOMS", "METRICS", "PID", "STATE"], members().map(rowOf));
    return [styleText("dim", head), ...rows.map((row, index) => painted(row, members()[index]?.state ?? "up"))];
  };
  const erase = () => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = () => {
    const all = lines();
    out.write(`${all.map(line => `  ${line}`).join("\n")}\n`);
    return all.length;
  };
  return {
    say(text) {
      erase();
      out.write(`${text}\n`);
      if (isLive) drawn = draw();
    },
    refresh() {
      if (!isLive || members().length === 0) return;
      erase();
      drawn = draw();
    },
    show() {
      erase();
      draw();
    },
    rest() {
      erase();
      isLive = false;
    },
  };
}

const rowOf = ({ name, rooms, env, pid, state, restarts }: Member): string[] => [
  name,
  rooms,
  env["METRICS_PORT"] || "–",
  pid === undefined ? "–" : String(pid),
  restarts === 0 ? state : `${state}, restarted ${restarts === 1 ? "once" : `${restarts} times`}`,
];

/** The state is the last thing in a row; it may carry colour only after the columns were measured. */
function painted(row: string, state: State): string {
  const at = row.lastIndexOf(state);
  return row.slice(0, at) + styleText(PAINT[state], row.slice(at));
}
