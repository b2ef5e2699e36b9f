import type { Stage } from "./turns.store.ts";

/** The message that starts each stage, and the stage that each message starts. */
export const CHANNEL = { gather: "chat.asked", answer: "chat.gathered" } as const satisfies Record<Stage, string>;
export const STAGE = { "chat.asked": "gather", "chat.gathered": "answer" } as const;
