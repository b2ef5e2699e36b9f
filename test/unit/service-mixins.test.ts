import { describe, expect, it } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { contract } from "../../broker/contract.ts";
import { mixin, service } from "../../broker/service.ts";

describe("the mixins of a room", () => {
  it("start in the order they are named, and stop the other way round after the room itself", async () => {
    const seen: string[] = [];
    const part = (name: string) =>
      mixin({
        methods: {},
        started: () => Promise.resolve(void seen.push(`+${name}`)),
        stopped: () => Promise.resolve(void seen.push(`-${name}`)),
      });
    const broker = new ServiceBroker({ logger: false });
    broker.createService(
      service(contract("order", { actions: {} }))({
        mixins: [part("database"), part("outbox")],
        actions: {},
        started: () => Promise.resolve(void seen.push("+room")),
        stopped: () => Promise.resolve(void seen.push("-room")),
      }),
    );
    await broker.start();
    await broker.stop();
    expect(seen).toEqual(["+database", "+outbox", "+room", "-room", "-outbox", "-database"]);
  });
});
