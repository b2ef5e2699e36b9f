import { detectSituations } from "../knowledge/detect-situations.ts";
import { searchItems } from "../knowledge/search-items.ts";
import { openVision } from "../vision/vision.ts";
import type { Engine } from "./engine.ts";
import { fuseEvidence } from "./fuse-evidence.ts";

/** Its name in the provenance of answers. */
export const ON_DEVICE = "on-device";
const MADE = { engine: ON_DEVICE, prompt: null };
/** More items than a person names in one question. */
const HITS = 3;

/** Answers without any model or network: class from the shipped vision net and the text index, words from the knowledge. */
export function onDeviceEngine(): Engine {
  const vision = openVision();
  return {
    async see({ image, question, signal }) {
      const { candidates } = await vision.classify(image, { signal });
      return { ...fuseEvidence(candidates, searchItems(question, HITS), detectSituations(question)), ...MADE };
    },
    async read({ question }) {
      return { ...fuseEvidence([], searchItems(question, HITS), detectSituations(question)), ...MADE };
    },
    async answer({ facts }) {
      return { steps: facts.steps, insufficiencies: facts.insufficiencies, text: facts.text, ...MADE };
    },
    close: () => vision.close(),
  };
}
