import type { Service } from "moleculer";
import { mixin } from "../../broker/service.ts";
import { processModels } from "../model/process-model.ts";
import type { Engine } from "./engine.ts";
import { onDeviceEngine } from "./on-device.engine.ts";
import { openaiEngine } from "./openai.engine.ts";

/** After this many tries the on-device engine stands in for a model that does not answer: an estimate now beats a better answer never. */
const PATIENCE = 2;

/** Gives a room `engineFor`: the model where a key is set, the on-device engine where none is. */
export function engines() {
  // By service, not in one variable: the same file may be loaded by several brokers of one process.
  const open = new WeakMap<Service, { onDevice: Engine; model: Engine | undefined }>();
  return mixin({
    methods: {
      /** @param attempt which try of the message this is, from 1; Infinity where the model is not to be waited for */
      engineFor(attempt: number): Engine {
        const engines = open.get(this);
        if (!engines) throw new Error(`The engines of ${this.name} are there only while the room runs.`);
        return engines.model && attempt <= PATIENCE ? engines.model : engines.onDevice;
      },
    },
    async started(this: Service) {
      const model = processModels().usable ? openaiEngine(this.broker.getLogger("model")) : undefined;
      open.set(this, { onDevice: onDeviceEngine(), model });
    },
    async stopped(this: Service) {
      const engines = open.get(this);
      open.delete(this);
      await Promise.all([engines?.onDevice.close(), engines?.model?.close()]);
    },
  });
}
