import { styleText } from "node:util";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 80;
const CLEAR_LINE = "\r\u001b[2K";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/** What goes on at the moment: a spinner on a terminal, one line when it is over elsewhere. Written to standard error. */
export interface StageLines {
  begin(label: string): void;
  /** The stage that was begun last is over. */
  end(): void;
  /** Takes an unfinished stage off the screen. */
  abandon(): void;
}

export function stageLines(out: NodeJS.WriteStream = process.stderr): StageLines {
  let current: { label: string; startedAt: number } | undefined;
  let spin: NodeJS.Timeout | undefined;
  let frame = 0;

  const draw = () => {
    frame = (frame + 1) % FRAMES.length;
    out.write(`${CLEAR_LINE}${styleText("cyan", FRAMES[frame] ?? "")} ${current?.label ?? ""}`);
  };
  const halt = () => {
    clearInterval(spin);
    if (out.isTTY && current) out.write(CLEAR_LINE + SHOW_CURSOR);
    current = undefined;
  };

  return {
    begin(label) {
      halt();
      current = { label, startedAt: Date.now() };
      if (!out.isTTY) return;
      out.write(HIDE_CURSOR);
      draw();
      spin = setInterval(draw, FRAME_MS);
    },
    end() {
      if (!current) return;
      const { label, startedAt } = current;
      halt();
      const took = `${((Date.now() - startedAt) / 1000).toFixed(1)}초`;
      out.write(out.isTTY ? `${styleText("green", "✓")} ${label} ${styleText("dim", took)}\n` : `${label} ${took}\n`);
    },
    abandon: halt,
  };
}

/** For `--json` and tests of the answer alone. */
export const silentStages: StageLines = { begin: () => undefined, end: () => undefined, abandon: () => undefined };
