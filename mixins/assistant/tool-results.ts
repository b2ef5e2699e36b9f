import type { Intent } from "./read-intents.ts";

/** What a tool found, or why it has nothing: a source that isn't configured is told, never replaced by a guess. */
export type ToolResult =
  | {
      readonly tool: Intent;
      readonly available: false;
      readonly reason: "not configured" | "no answer" | "needs location";
    }
  | { readonly tool: "character"; readonly available: true; readonly names: readonly string[]; readonly total: number }
  | { readonly tool: Intent; readonly available: true; readonly lines: readonly string[]; readonly source: string };
