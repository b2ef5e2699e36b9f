import { env } from "../../broker/env.ts";
import { mixin } from "../../broker/service.ts";
import type { Engine } from "./engine.ts";
import { onDeviceEngine } from "./on-device.engine.ts";
import { openaiEngine } from "./openai.engine.ts";

/** After this many tries the on-device engine stands in for a model that does not answer: an estimate now beats a better answer never. */
const PATIENCE = 2;

/** Gives a room `engineFor`: the model where a key is set, the on-device engine where none is. */
export function engines() {
  let onDevice: Engine | undefined;
  let model: Engine | undefined;
  return mixin({
    methods: {
      /** @param attempt which try of the message this is, from 1 */
      engineFor(attempt: number): Engine {
        const engine = model && attempt <= PATIENCE ? model : onDevice;
        if (!engine) throw new Error("engines are there from `started` on");
        return engine;
      },
    },
    async started() {
      onDevice = onDeviceEngine();
      if (env.OPENAI_API_KEY !== undefined) model = openaiEngine(this.broker.getLogger("model"));
    },
    async stopped() {
      await Promise.all([onDevice?.close(), model?.close()]);
    },
  });
}
