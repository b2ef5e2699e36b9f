import { describe, expect, it } from "@jest/globals";
import { gridSquareOf } from "../../services/info/weather-grid.ts";

describe("a square of the weather service's grid", () => {
  it.each([
    // The worked example of the guide, then centres of cities from its table of places.
    ["the guide's example", 37.488201, 126.92981, { nx: 59, ny: 125 }],
    ["Seoul", 37.5635694444, 126.9800083333, { nx: 60, ny: 127 }],
    ["Busan", 35.1770194444, 129.0769527777, { nx: 98, ny: 76 }],
    ["Jeju", 33.4856944444, 126.5003333333, { nx: 52, ny: 38 }],
  ])("of %s", (_where, lat, lon, square) => {
    expect(gridSquareOf(lat, lon)).toEqual(square);
  });
  it.each([
    ["New York", 40.7, -74],
    ["the poles", 90, 0],
    ["the other pole", -90, 0],
    ["the other side", -37.5, -53],
    ["Tokyo", 35.68, 139.69],
  ])("is none for %s", (_where, lat, lon) => {
    expect(gridSquareOf(lat, lon)).toBeNull();
  });
});
