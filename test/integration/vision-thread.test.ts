import { BroadcastChannel } from "node:worker_threads";
import { afterEach, describe, expect, it } from "@jest/globals";
import { codeOf } from "../../broker/errors.ts";
import { openVision, type Vision, type VisionOptions } from "../../mixins/vision/vision.ts";

const program = new URL("./vision-stub.worker.ts", import.meta.url);
const opened: Vision[] = [];
const open = (options: VisionOptions = {}) => {
  const vision = openVision({ program, ...options });
  opened.push(vision);
  return vision;
};
const see = async (vision: Vision, text: string, options?: Parameters<Vision["classify"]>[1]) =>
  (await vision.classify(Buffer.from(text), options)).headVersion;
const threadOf = (answer: string) => answer.split(" ").at(-1);
const refusal = (answer: Promise<unknown>) =>
  answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
const codeFrom = async (answer: Promise<unknown>) => codeOf(await refusal(answer));

afterEach(() => Promise.all(opened.splice(0).map(vision => vision.close())));

describe("the vision's thread", () => {
  it("serves many at once, each its own answer, one thread for all", async () => {
    const vision = open();
    const names = Array.from({ length: 40 }, (_, i) => `photo${i}`);
    const answers = await Promise.all(names.map(name => see(vision, name)));
    expect(answers.map(answer => answer.split(" ")[0])).toEqual(names);
    expect(new Set(answers.map(threadOf)).size).toBe(1);
  });

  it("leaves the caller's bytes as they are", async () => {
    const pooled = Buffer.from("a photo in the pool");
    await open().classify(pooled);
    expect(pooled.toString()).toBe("a photo in the pool");
  });

  it("answers IMAGE_INVALID with the reason, and goes on", async () => {
    const vision = open();
    const thrown = await refusal(see(vision, "bad"));
    expect(thrown).toMatchObject({ type: "IMAGE_INVALID", data: { detail: "It is bad." } });
    expect(await see(vision, "good")).toContain("good");
  });

  it.each(["crash", "leave"])(
    "rejects what is in hand when the thread dies (%s), and serves the rest from a new one",
    async end => {
      const vision = open();
      const first = await see(vision, "first");
      const [dying, waiting] = [refusal(see(vision, end)), see(vision, "waiting")];
      expect(codeOf(await dying)).toBe("MODEL_UNAVAILABLE");
      expect(threadOf(await waiting)).not.toBe(threadOf(first));
    },
  );

  it("keeps what the thread died of for the log", async () => {
    const thrown = (await refusal(see(open(), "crash"))) as { cause: { cause: Error } };
    expect(thrown.cause.cause.message).toBe("the net fell over");
  });

  it("ends a thread that hangs, and serves the next from a new one", async () => {
    const vision = open({ hungMs: 4000 });
    const [hanging, waiting] = [codeFrom(see(vision, "hang")), see(vision, "waiting")];
    expect(await hanging).toBe("MODEL_UNAVAILABLE");
    expect(await waiting).toContain("waiting");
  });

  it("rejects at the deadline, in hand or in the queue, and goes on once the thread is free", async () => {
    const vision = open();
    const inHand = codeFrom(see(vision, "hold", { deadlineMs: 50 }));
    const queued = codeFrom(see(vision, "late", { deadlineMs: 50 }));
    const patient = see(vision, "patient");
    expect(await Promise.all([inHand, queued])).toEqual(["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"]);
    const release = new BroadcastChannel("vision-test");
    const ticking = setInterval(() => release.postMessage("go"), 20);
    expect(await patient).toContain("patient");
    clearInterval(ticking);
    release.close();
  });

  it("rejects with the signal's reason, before, in the queue or in hand", async () => {
    const vision = open();
    const reason = new Error("the client left");
    expect(await refusal(see(vision, "x", { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const leaving = new AbortController();
    const answers = ["in hand", "queued"].map(text => refusal(see(vision, text, { signal: leaving.signal })));
    const staying = see(vision, "staying");
    leaving.abort(reason);
    expect(await Promise.all(answers)).toEqual([reason, reason]);
    expect(await staying).toContain("staying");
  });

  it("takes no more than its queue holds; one that leaves makes room", async () => {
    const vision = open({ queueLimit: 2 });
    const leaving = new AbortController();
    const inHand = see(vision, "1");
    const queued = [see(vision, "2"), refusal(see(vision, "3", { signal: leaving.signal }))];
    expect(await codeFrom(see(vision, "4"))).toBe("MODEL_UNAVAILABLE");
    leaving.abort();
    expect(await see(vision, "5")).toContain("5");
    await Promise.all([inHand, ...queued]);
  });

  it("gives its thread back when there was nothing to do for a while, and starts anew", async () => {
    const vision = open({ idleMs: 0 });
    const before = threadOf(await see(vision, "before"));
    let after = before;
    while (after === before) {
      await new Promise(resolve => setTimeout(resolve));
      after = threadOf(await see(vision, "after"));
    }
    expect(Number(after)).toBeGreaterThan(Number(before));
  });

  it("rejects everything when it is closed, and takes nothing after; closing twice is fine", async () => {
    const vision = open();
    const answers = ["a", "b", "c"].map(text => codeFrom(see(vision, text)));
    await Promise.all([vision.close(), vision.close()]);
    expect(await Promise.all(answers)).toEqual(["MODEL_UNAVAILABLE", "MODEL_UNAVAILABLE", "MODEL_UNAVAILABLE"]);
    expect(await codeFrom(see(vision, "d"))).toBe("MODEL_UNAVAILABLE");
  });

  it("closes without having been used", async () => {
    await expect(open().close()).resolves.toBeUndefined();
  });
});
