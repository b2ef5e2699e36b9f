import { describe, expect, it } from "@jest/globals";
import { makeGate } from "../../mixins/model/gate.ts";

const never = new AbortController().signal;

describe("the gate of model calls", () => {
  it("lets its number in and the others wait in the order they came", async () => {
    const gate = makeGate(2, 10);
    const order: string[] = [];
    const first = await gate.enter(never);
    const second = await gate.enter(never);
    const third = gate.enter(never).then(leave => (order.push("third"), leave));
    const fourth = gate.enter(never).then(leave => (order.push("fourth"), leave));
    expect([gate.inside, gate.waiting]).toEqual([2, 2]);
    second();
    (await third)();
    first();
    (await fourth)();
    expect(order).toEqual(["third", "fourth"]);
    expect([gate.inside, gate.waiting]).toEqual([0, 0]);
  });

  it("refuses at once when the queue is full", async () => {
    const gate = makeGate(1, 0);
    const leave = await gate.enter(never);
    await expect(gate.enter(never)).rejects.toMatchObject({ type: "MODEL_UNAVAILABLE" });
    leave();
    expect(await gate.enter(never)).toEqual(expect.any(Function));
  });

  it("forgets who gives up waiting, and who had given up before", async () => {
    const gate = makeGate(1, 10);
    const leave = await gate.enter(never);
    const caller = new AbortController();
    const waiting = gate.enter(caller.signal);
    const reason = new Error("gave up");
    caller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(gate.enter(caller.signal)).rejects.toBe(reason);
    leave();
    expect([gate.inside, gate.waiting]).toEqual([0, 0]);
  });

  it("takes a place back only once", async () => {
    const gate = makeGate(1, 10);
    const leave = await gate.enter(never);
    leave();
    leave();
    expect(gate.inside).toBe(0);
  });
});
