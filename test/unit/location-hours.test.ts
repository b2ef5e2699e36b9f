import { describe, expect, it } from "@jest/globals";
import { openingState, readDay } from "../../services/location/opening-hours.ts";
import { distanceText, reachOf } from "../../services/location/radius-policy.ts";
import { readCoordinates } from "../../services/location/read-coordinates.ts";
import { pickupCategoriesOf, collectsOf, storeCategoryOf } from "../../services/location/categorise.ts";
import { readPhone } from "../../services/location/site-formats.ts";

const never = () => false;
const week = (text: string, holiday = "") => ({ week: Array.from({ length: 7 }, () => text), holiday });
/** A moment of Thursday, 26 November 2026, by clocks in Korea. */
const at = (time: string) => new Date(`2026-11-26T${time}:00+09:00`);

describe("opening hours", () => {
  it.each([
    ["09:00~18:00", "12:00", true, "09:00", "18:00"],
    ["09:00 ~ 18:00", "18:00", false, "09:00", "18:00"],
    ["09시~18시", "08:59", false, "09:00", "18:00"],
    ["9시30분~18시", "09:30", true, "09:30", "18:00"],
    ["상시", "03:00", true, "00:00", "24:00"],
    ["00:00~24:00", "23:59", true, "00:00", "24:00"],
    ["22:00~02:00", "23:00", true, "22:00", "02:00"],
    ["22:00~02:00", "01:00", true, "22:00", "02:00"],
    ["22:00~02:00", "03:00", false, "22:00", "02:00"],
    ["09:00~18:00 (점심시간 12:00~13:00)", "12:30", false, "09:00", "18:00"],
    ["09:00~12:00\n14:00~18:00", "13:00", false, "09:00", "18:00"],
    ["09:00~12:00\n14:00~18:00", "15:00", true, "09:00", "18:00"],
  ])("%j at %s", (text, time, open, start, end) => {
    expect(openingState(week(text), at(time), never)).toEqual({
      is_holiday: false,
      is_open: open,
      start_time: start,
      end_time: end,
    });
  });

  it.each(["휴무", "전체휴무", "계약종료"])("is closed the whole day: %s", text => {
    expect(openingState(week(text), at("12:00"), never)).toMatchObject({
      is_holiday: true,
      is_open: false,
      start_time: null,
    });
  });

  it("tells as it is written what cannot be read, and guesses nothing", () => {
    expect(openingState(week("9시~9시"), at("12:00"), never)).toEqual({
      is_holiday: false,
      is_open: null,
      start_time: "9시~9시",
      end_time: null,
    });
    expect(openingState(week("전화 문의"), at("12:00"), never)).toMatchObject({
      is_open: null,
      start_time: "전화 문의",
    });
    expect(openingState(week(""), at("12:00"), never)).toEqual({
      is_holiday: null,
      is_open: null,
      start_time: null,
      end_time: null,
    });
    expect(openingState(null, at("12:00"), never)).toMatchObject({ is_open: null });
    expect(readDay("25:00~26:00")).toEqual({ kind: "unknown", text: "25:00~26:00" });
  });

  it("goes by the day in Korea, and by a public holiday's hours where there are some", () => {
    const hours = { week: ["월", "화", "수", "09:00~18:00", "금", "토", "일"], holiday: "휴무" };
    // Still Wednesday in London.
    expect(openingState(hours, new Date("2026-11-25T23:30:00Z"), never)).toMatchObject({
      is_open: false,
      start_time: "09:00",
    });
    expect(openingState(hours, at("12:00"), day => day === "2026-11-26")).toMatchObject({
      is_holiday: true,
      is_open: false,
    });
    expect(openingState({ ...hours, holiday: "" }, at("12:00"), () => true)).toMatchObject({ is_open: true });
  });
});

describe("the words of a place", () => {
  it.each([
    ["투명페트병", ["clear_pet"]],
    ["투명패트병,캔", ["clear_pet", "can"]],
    ["PET", ["general"]],
    ["PE, PP", ["plastic"]],
    ["유색페트", ["colored_pet"]],
    ["종이팩, 플리스틱류", ["paper", "plastic"]],
    ["", ["general"]],
  ])("%j takes %j", (text, categories) => {
    expect(pickupCategoriesOf(text)).toEqual(categories);
  });
  it("tells kinds and things", () => {
    expect(storeCategoryOf("제로웨이스트 카페")).toBe("refill_zero");
    expect(storeCategoryOf("아무 곳")).toBe("general");
    expect(storeCategoryOf("무인 회수기 수거함")).toBe("upcycle_recycle");
    expect(collectsOf("폐건전지, 종이팩(멸균팩포함)")).toEqual(["battery", "carton"]);
  });
  it.each([
    ["031-8075-2706~2708\n고양시청", "031-8075-2706"],
    ["01012345678", "010-1234-5678"],
    ["1588-1234", "1588-1234"],
    ["문의", null],
    [null, null],
  ])("%j is called at %j", (text, phone) => {
    expect(readPhone(text)).toBe(phone);
  });
});

describe("coordinates", () => {
  it.each([
    ["37.5", "127", 37.5, 127, undefined],
    ["37.45255496043788?", "126.64", 37.45255496043788, 126.64, "repaired"],
    ["127.1", "37.5", 37.5, 127.1, "repaired"],
    ["5.157", "126.9", null, null, "quarantined"],
    ["", "127", null, null, "quarantined"],
    ["NaN", "127", null, null, "quarantined"],
    ["1e309", "127", null, null, "quarantined"],
    ["37,5", "127", null, null, "quarantined"],
    ["127.7.23106", "37", null, null, "quarantined"],
  ])("%j, %j", (lat, lon, latitude, longitude, then) => {
    const read = readCoordinates(lat, lon);
    expect([read.latitude, read.longitude, read.fault?.then]).toEqual([latitude, longitude, then]);
  });
});

describe("how far and how many", () => {
  it.each([
    [undefined, undefined, 5000, 200],
    [undefined, 1, 80_000, 50],
    [undefined, 13, 1200, 200],
    [undefined, 12.4, 2000, 160],
    [undefined, 99, 100, 200],
    [3000, 5, 3000, 80],
    [7, undefined, 100, 200],
    [1e9, undefined, 50_000, 200],
  ])("radius %p, zoom %p", (radius, zoom, radiusM, limit) => {
    expect(reachOf(radius, zoom)).toEqual({ radiusM, limit });
  });
  it.each([
    [0, "0m"],
    [0.8504, "850m"],
    [0.9999, "999m"],
    [1, "1.0km"],
    [12.34, "12.3km"],
  ])("%p km is %s", (km, text) => {
    expect(distanceText(km)).toBe(text);
  });
});
