import type { Channels } from "../../broker/contract.ts";
import type { Stage } from "./scan.store.ts";

type ScanChannel = Extract<keyof Channels, `scan.${string}`>;

/** The message that each stage is done on, the stage of each message, and the stage after each. */
export const CHANNEL = {
  vision: "scan.requested",
  rule: "scan.classified",
  answer: "scan.ruled",
  reward: "scan.answered",
} as const satisfies Record<Stage, ScanChannel>;
export const STAGE = {
  "scan.requested": "vision",
  "scan.classified": "rule",
  "scan.ruled": "answer",
  "scan.answered": "reward",
} as const satisfies Record<ScanChannel, Stage>;
export const NEXT = { vision: "rule", rule: "answer", answer: "reward", reward: undefined } as const;
