import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { walkTour } from "../builders/walk-tour.ts";
import { type House, startHouse } from "../house.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
}, 120_000);
afterAll(() => house.stop());

describe("the tour of the README", () => {
  it("works as printed: a person, a photo, the stages and the answer", () => walkTour(house.url), 60_000);
});
