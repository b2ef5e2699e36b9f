import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { type Arena, openArena, usualHouse } from "./arena/arena.ts";
import { holdToPromises } from "./arena/invariants.ts";
import { order, people, type Person } from "./arena/jobs.ts";
import type { Member } from "./arena/member.ts";
import { chancesOf, scaled } from "./arena/random.ts";
import { report } from "./arena/report.ts";

const chances = chancesOf("a killed worker loses no job");
let arena: Arena;
let workers: Member[];
let ordering: Person[];

beforeAll(async () => {
  arena = await openArena();
  ({ workers } = await usualHouse(arena, { workers: 3 }));
  ordering = await people(arena, 5);
}, 240_000);
afterAll(() => arena.close(), 120_000);

describe("a killed worker loses no job", () => {
  it("at random moments, with many jobs in flight", async () => {
    const startedAt = Date.now();
    const [jobs, kills] = [scaled(200), scaled(20)];
    arena.model.latencyMs = () => chances.between(50, 400);
    const ordered = order(arena, { name: "random", count: jobs, people: ordering });
    for (let kill = 0; kill < kills; kill++) {
      await pause(chances.between(200, 1_500));
      chances.pick(workers as [Member, ...Member[]]).kill();
    }
    const outcome = await holdToPromises(arena, await ordered, { retriesPerStage: 5 });
    report({ name: "worker killed at random moments", faults: kills, ...outcome, tookMs: Date.now() - startedAt });
  }, 400_000);
});
