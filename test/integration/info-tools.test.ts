import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { openRoom, type OpenRoom } from "../builders/open-room.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";
import { type Fault, type OutsideServer, startOutsideServer } from "../servers/outside.server.ts";
import { PORTAL_KEY, portalRefusal, portalRoutes, type PortalShelf } from "../servers/portal.wire.ts";

const SEOUL = { lat: 37.5665, lon: 126.978 };
const KMA = "/1360000/VilageFcstInfoService_2.0";
const NONE = {
  DATA_GO_KR_KEY: "",
  DATA_GO_KR_URL: "",
  BULK_WASTE_URL: "",
  RECYCLABLE_PRICE_URL: "",
  OUTSIDE_TIMEOUT_MS: "",
};
const fee = (name: string, won: unknown, rest: object = {}) => ({
  ...{ 시도명: "서울특별시", 시군구명: "마포구", 대형폐기물명: name, 대형폐기물규격: "1인용", 수수료: won },
  ...{ 데이터기준일자: "2026-01-31", ...rest },
});

let shelf: PortalShelf;
let outside: OutsideServer;
let database: TestDatabase;
let room: OpenRoom;
beforeAll(async () => {
  shelf = { observed: {}, forecast: [], fees: [], prices: [] };
  outside = await startOutsideServer(portalRoutes(shelf));
  // What is tested here keeps nothing; the one that starts faster will do.
  database = await databases.at(-1)!.make();
});
afterAll(async () => {
  await outside.close();
  await database.remove();
});
// Good answers are kept by a process, so every case has one of its own.
const open = async (env: Record<string, string>) => {
  room = await openRoom({
    database,
    env: { ...NONE, ...env },
    load: async () => [(await import("../../services/info/info.service.ts")).default],
  });
};
const configured = () => ({
  ...{ DATA_GO_KR_KEY: PORTAL_KEY, DATA_GO_KR_URL: outside.url, OUTSIDE_TIMEOUT_MS: "2000" },
  ...{ BULK_WASTE_URL: `${outside.url}/fees?token=hidden`, RECYCLABLE_PRICE_URL: `${outside.url}/prices` },
});
afterEach(() => room.stop());
const asked = (path: string) => outside.requests.filter(each => each.path.startsWith(path));

const faults: [string, Fault, string][] = [
  ["429", { status: 429 }, "rate_limited"],
  ["500", { status: 500 }, "failed"],
  ["silence", { hang: true }, "timeout"],
  ["a cut connection", { cut: true }, "unreachable"],
  ["garbage", { garbage: "oops" }, "unreadable"],
  ["JSON of another shape", { garbage: "[1,2]" }, "unreadable"],
  ["a page without end", { flood: true }, "unreadable"],
  ["too many calls today", { garbage: String(portalRefusal("22", "LIMITED").body) }, "rate_limited"],
  ["an expired key", { garbage: String(portalRefusal("31", "DEADLINE_HAS_EXPIRED").body) }, "refused"],
];

describe("tools with their keys", () => {
  beforeEach(async () => {
    outside.requests.length = 0;
    outside.mend();
    shelf.observed = { T1H: "3.4", REH: "71", PTY: "0", RN1: "0", WSD: "2.1", UUU: "-998.9" };
    shelf.forecast = [
      { PTY: "0", SKY: "4" },
      { PTY: "1", SKY: "3" },
    ];
    shelf.fees = [fee("장롱", 15_000), fee("소파", 3_000), fee("소파", "5,000", { 대형폐기물규격: "3인용 이상" })];
    shelf.prices = [
      { 조사년월: "2026-09", 권역: "수도권", "신문지(원/kg)": "120", "철캔(원/kg)": 300 },
      { 조사년월: "2026-10", 권역: "수도권", "신문지(원/kg)": "131", "철캔(원/kg)": "-" },
    ];
    await open(configured());
  });

  it("tell the weather of the square that the place lies in", async () => {
    expect(await room.call("info.weather", SEOUL)).toEqual({
      available: true,
      observed_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:00:00\.000Z$/),
      grid: { nx: 60, ny: 127 },
      temperature_c: 3.4,
      humidity_percent: 71,
      precipitation: "none",
      rain_mm: 0,
      wind_m_s: 2.1,
      sky: "overcast",
      wet_within_6h: true,
      source: { title: expect.stringContaining("기상청"), url: expect.stringContaining("data.go.kr") },
    });
    expect(asked(KMA).map(({ query }) => [query.get("nx"), query.get("ny")])).toEqual([
      ["60", "127"],
      ["60", "127"],
    ]);
  });

  it("ask once for neighbours who ask at the same time, and keep the answer", async () => {
    await Promise.all([room.call("info.weather", SEOUL), room.call("info.weather", { lat: 37.5667, lon: 126.9781 })]);
    await room.call("info.weather", SEOUL);
    expect(asked(`${KMA}/getUltraSrtNcst`)).toHaveLength(1);
  });

  it("leave out what the weather service has no value for, and the forecast where it fails", async () => {
    Object.assign(shelf.observed, { REH: "-999", WSD: "900" });
    outside.break(`${KMA}/getUltraSrtFcst`, { status: 500 });
    expect(await room.call("info.weather", SEOUL)).toMatchObject({
      ...{
        available: true,
        temperature_c: 3.4,
        humidity_percent: null,
        wind_m_s: null,
        sky: null,
        wet_within_6h: null,
      },
    });
  });

  it("have no weather outside Korea, and none made up where the temperature is missing", async () => {
    const noData = { available: false, reason: "no_data" };
    expect(await room.call("info.weather", { lat: 48.8, lon: 2.3 })).toEqual(noData);
    expect(outside.requests).toEqual([]);
    delete shelf.observed["T1H"];
    expect(await room.call("info.weather", SEOUL)).toEqual(noData);
  });

  it.each(faults)("say in one word why there is nothing after %s, and ask again", async (_what, fault, reason) => {
    const tools = [
      [`${KMA}/getUltraSrtNcst`, () => room.call("info.weather", SEOUL)],
      ["/prices", () => room.call("info.recyclablePrice", {})],
      ["/fees", async () => (await room.call("info.bulkWaste", { item: "소파", region: "마포구" })).fees],
    ] as const;
    for (const [path, ask] of tools) {
      outside.break(path, fault);
      const answer = await ask();
      expect([path, answer]).toEqual([path, { available: false, reason }]);
      expect([path, await ask()]).toEqual([path, expect.objectContaining({ available: true })]);
    }
  });

  it("tell fees of the municipality alone, with the list and its day, and no key", async () => {
    shelf.fees.push(
      fee("소파", 9_999, { 시군구명: "강남구" }),
      fee("소파", 9_999, { 시도명: "다른시" }),
      fee("소파", "무료"),
      fee("소파", -1),
    );
    const answer = await room.call("info.bulkWaste", { item: "소파", region: "서울 마포구" });
    expect(answer).toMatchObject({
      item: { name: "소파", category: "대형폐기물" },
      region: { id: "seoul-mapo", office: "마포구청", page: "https://www.mapo.go.kr" },
      candidates: [],
      fees: {
        available: true,
        list: [
          { item: "소파", spec: "1인용", won: 3_000 },
          { item: "소파", spec: "3인용 이상", won: 5_000 },
        ],
        source: { url: `${outside.url}/fees`, date: "2026-01-31" },
      },
    });
    expect(answer.steps.length).toBeGreaterThan(2);
    expect(asked("/fees")[0]!.query.get("cond[시군구명::EQ]")).toBe("마포구");
    expect(JSON.stringify(answer)).not.toMatch(/hidden|portal==key/);
    expect((await room.call("info.bulkWaste", { item: "피아노", region: "마포구" })).fees).toEqual({
      ...{ available: false, reason: "no_data" },
    });
  });

  it("read a long list to its end", async () => {
    shelf.fees = [...Array.from({ length: 1_000 }, (_, n) => fee(`의자 ${n}`, 1_000)), fee("소파", 3_000)];
    const { fees } = await room.call("info.bulkWaste", { item: "소파", region: "마포구" });
    expect(fees).toMatchObject({ available: true, list: [{ won: 3_000 }] });
    expect(asked("/fees")).toHaveLength(2);
  });

  it("ask for the municipality where none is named or several may be meant", async () => {
    const open = { region: null, fees: { available: false, reason: "region_unknown" } };
    expect(await room.call("info.bulkWaste", { item: "소파" })).toMatchObject({ ...open, candidates: [] });
    expect(await room.call("info.bulkWaste", { region: "중구" })).toMatchObject({
      ...open,
      candidates: ["서울특별시 중구"],
    });
    expect(await room.call("info.bulkWaste", { region: "평양" })).toMatchObject({ ...open, candidates: [] });
    expect(outside.requests).toEqual([]);
  });

  it("tell prices of the newest survey alone, whichever way the list is laid out", async () => {
    expect(await room.call("info.recyclablePrice", {})).toMatchObject({
      available: true,
      surveyed_on: "2026-10",
      prices: [{ material: "신문지", unit: "원/kg", price: 131, region: "수도권" }],
      source: { url: `${outside.url}/prices` },
    });
    expect(await room.call("info.recyclablePrice", { material: "구리" })).toEqual({
      available: false,
      reason: "no_data",
    });
    await room.stop();
    shelf.prices = [
      { 기준일자: "2026-10-01", 순번: 1, 품목: "PET 압축", "가격(원/kg)": "410.5", 지역: "전국" },
      { 기준일자: "2026-10-01", 순번: 2, 품목: "골판지", "가격(원/kg)": "", 지역: "전국" },
    ];
    await open(configured());
    expect(await room.call("info.recyclablePrice", { material: "pet" })).toMatchObject({
      prices: [{ material: "PET 압축", unit: "원/kg", price: 410.5, region: "전국" }],
    });
  });
});

describe("tools without keys", () => {
  beforeEach(() => open({}));
  it("say so, and bulk waste is still explained from the knowledge", async () => {
    const none = { available: false, reason: "not_configured" };
    expect(await room.call("info.weather", SEOUL)).toEqual(none);
    expect(await room.call("info.recyclablePrice", { material: "종이" })).toEqual(none);
    const bulk = await room.call("info.bulkWaste", { item: "장롱", region: "송파구" });
    expect(bulk).toMatchObject({ region: { office: "송파구청" }, fees: none });
    expect(bulk.steps.join(" ")).toContain("신고");
  });
  it("refuse what is no place and no thing", async () => {
    const wrong = [
      room.call("info.weather", { lat: 91, lon: 0 }),
      room.call("info.weather", { lat: 37 } as never),
      room.call("info.bulkWaste", { item: "  " }),
      room.call("info.recyclablePrice", { material: "" }),
    ];
    for (const work of wrong) await expect(work).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
  });
});

it("a wrong key is told as refused, without the key", async () => {
  await open({ ...configured(), DATA_GO_KR_KEY: "some-other-key" });
  expect(await room.call("info.weather", SEOUL)).toEqual({ available: false, reason: "refused" });
});
