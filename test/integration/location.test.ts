import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openRoom, type OpenRoom } from "../builders/open-room.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";

const load = async () => [(await import("../../services/location/location.service.ts")).default];
const KECO = fileURLToPath(new URL("../../../shared/data/keco_recycle_compensation_sites.csv", import.meta.url));
const HEAD =
  "source,key,name,road_address,latitude,longitude,phone,store_category,hours,holiday_hours,items,attribution";
const userId = "11111111-1111-4111-8111-111111111111";

describe.each(databases)("location on $name", ({ make }) => {
  let database: TestDatabase;
  let room: OpenRoom;
  let folder: string;
  beforeAll(async () => {
    database = await make();
    folder = mkdtempSync(join(tmpdir(), "eco2-sites-"));
    room = await openRoom({ database, load, events: ["location.imported"] });
  });
  afterAll(async () => {
    await room.stop();
    await database.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const bring = (path: string, options: object = {}) =>
    room.call("location.import", { path, dry_run: false, remove_vanished: false, ...options });
  const site = (key: string, rest: Partial<Record<string, string>> = {}) =>
    HEAD.split(",")
      .map(
        column =>
          ({
            source: "test",
            key,
            name: `가게 ${key}`,
            latitude: "37.5",
            longitude: "127",
            attribution: "시험",
            ...rest,
          })[column] ?? "",
      )
      .join(",");
  const around = (rest: object = {}) =>
    room.call(
      "location.centers",
      { lat: 37.5, lon: 127, store_category: "all", pickup_category: "all", ...rest },
      { userId },
    );

  it("begins with sites that say that they are a sample, in a house that runs by itself", async () => {
    const sites = await around({ lat: 37.5663, lon: 126.9779 });
    const isEmbedded = room.db.embedded;
    expect(sites.length > 0).toBe(isEmbedded);
    for (const each of sites) expect([each.sample, each.name.startsWith("표본")]).toEqual([true, true]);
  });

  it("keeps what fits, tells what doesn't with line and column, and changes nothing the second time", async () => {
    const path = file(
      "own.csv",
      [
        HEAD,
        site("a", { road_address: "서울 강남구 1", items: "폐건전지", store_category: "public_dropbox" }),
        site("b", { latitude: "127", longitude: "37.5" }),
        site("c", { latitude: "91" }),
        site("d", { name: "" }),
        site("e", { name: "=cmd()" }),
        site("a", { name: "같은 열쇠" }),
        site("f", { store_category: "casino" }),
        site("g", { latitude: "" }),
      ].join("\n"),
    );
    const report = await bring(path);
    expect(report).toMatchObject({
      format: "own",
      source: "test",
      rows: 8,
      added: 4,
      refused: 4,
      quarantined: 2,
      repaired: 1,
    });
    expect(report.faults.map(({ line, column, then }) => `${line} ${column} ${then}`)).toEqual([
      "3 latitude, longitude repaired",
      "4 latitude, longitude quarantined",
      "5 name refused",
      "6 name refused",
      "7 key refused",
      "8 store_category refused",
      "9 latitude, longitude quarantined",
    ]);
    expect(await bring(path)).toMatchObject({ added: 0, changed: 0, unchanged: 4 });
    expect((await around()).map(({ name }) => name)).toEqual(expect.arrayContaining(["가게 a", "가게 b"]));
    expect(room.heard("location.imported").length).toBeGreaterThan(0);
  });

  it("tries without keeping, updates by key, and removes what vanished only when asked", async () => {
    const path = file("less.csv", [HEAD, site("a", { name: "새 이름" }), site("z")].join("\n"));
    expect(await bring(path, { dry_run: true })).toMatchObject({ rows: 2, added: 0, vanished: 3, removed: 0 });
    expect((await around()).map(({ name }) => name)).toContain("가게 a");
    expect(await bring(path)).toMatchObject({ added: 1, changed: 1, vanished: 3, removed: 0 });
    expect(await bring(path, { remove_vanished: true })).toMatchObject({ unchanged: 2, removed: 3 });
    expect(
      (await around())
        .filter(({ source }) => source === "test")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["가게 z", "새 이름"]);
  });

  it("reads CP949, a byte order mark, and quoted line breaks", async () => {
    // "충전소" in CP949, as spreadsheets write it.
    const name = Buffer.from([0xc3, 0xe6, 0xc0, 0xfc, 0xbc, 0xd2]);
    const row = site("cp", { source: "korean", name: "@@", latitude: "36", attribution: "test" });
    const [before = "", after = ""] = row.split("@@");
    const cp949 = Buffer.concat([Buffer.from(`${HEAD}\n${before}`), name, Buffer.from(`${after}\n`)]);
    expect(await bring(file("cp949.csv", cp949))).toMatchObject({ encoding: "cp949", added: 1 });
    expect((await around({ lat: 36 })).map(each => each.name)).toContain("충전소");
    const quoted = `\ufeff${HEAD}\n${site("q", { source: "quoted", name: '"두 줄\n이름"', latitude: "35" })}\n`;
    expect(await bring(file("bom.csv", quoted))).toMatchObject({ encoding: "utf-8", added: 1 });
  });

  it.each([
    ["nothing", ""],
    ["another list", "a,b,c\n1,2,3\n"],
    ["a list that lacks columns", "source,key,name\nx,y,z\n"],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x81, 0xff])],
    ["an endless line", `${HEAD}\n"${"x".repeat(1_200_000)}`],
    ["a quote that never ends", `${HEAD}\ntest,"k,name\n`],
  ])("refuses %s whole, with a reason", async (_case, content) => {
    await expect(bring(file("bad.csv", content))).rejects.toMatchObject({
      type: "FILE_UNFIT",
      data: { detail: expect.any(String) },
    });
    expect((await around()).some(({ name }) => name === "새 이름")).toBe(true);
  });

  it("refuses a file that is not there", async () => {
    await expect(bring(join(folder, "none.csv"))).rejects.toMatchObject({ type: "FILE_UNFIT" });
  });

  it.each([
    [{ store_category: "casino" }, "INVALID_STORE_CATEGORY"],
    [{ pickup_category: "gold,paper" }, "INVALID_PICKUP_CATEGORY"],
  ])("tells the allowed names where %j is asked for", async (params, type) => {
    await expect(around(params)).rejects.toMatchObject({ type, data: { detail: expect.stringContaining("all, ") } });
  });

  it("filters before it limits, and takes any radius and zoom", async () => {
    const many = Array.from({ length: 120 }, (_, n) =>
      site(`m${n}`, { source: "many", items: n === 119 ? "헌 옷" : "캔", latitude: String(34.5 + n / 1e5) }),
    );
    await bring(file("many.csv", [HEAD, ...many].join("\n")));
    const at = { lat: 34.5, zoom: 1 };
    expect(await around(at)).toHaveLength(50);
    expect((await around({ ...at, pickup_category: "textile" })).map(({ name }) => name)).toEqual(["가게 m119"]);
    expect(await around({ ...at, zoom: -5 })).toHaveLength(50);
    expect((await around({ ...at, zoom: 999 })).length).toBeGreaterThan(0);
    expect((await around({ ...at, zoom: undefined, radius: 1e12 })).length).toBe(120);
    expect((await around({ ...at, radius: -1 })).every(({ distance_km: km }) => km !== null && km <= 0.1)).toBe(true);
    expect(await around({ lat: 90, lon: 180 })).toEqual([]);
    expect(await around({ lat: -90, lon: -180 })).toEqual([]);
  });

  it("finds by name, by part of the address and by first consonants", async () => {
    const names = async (q: string) =>
      (await room.call("location.suggest", { q }, { userId })).map(each => each.place_name);
    expect(await names("새 이")).toEqual(["새 이름"]);
    expect(await names("ㅅㅇㄹ")).toEqual(["새 이름"]);
    expect(await names("종로구")).toEqual([]);
    for (const q of ["😀", "' or 1=1 --", "%", "가".repeat(100)]) expect(await names(q)).toEqual([]);
    const found = await room.call("location.search", { q: "새 이름", radius: 1000 }, { userId });
    expect(found[0]).toMatchObject({ name: "새 이름", distance_km: 0, distance_text: "0m" });
    expect(await room.call("location.search", { q: "없는 곳" }, { userId })).toEqual([]);
  });

  it("knows where things can be brought to", async () => {
    await bring(
      file(
        "points.csv",
        [
          HEAD,
          site("p1", { source: "points", items: "폐건전지", latitude: "33.5" }),
          site("p2", { source: "points", items: "헌 옷", latitude: "33.5001" }),
        ].join("\n"),
      ),
    );
    const points = async (item: string) => {
      const { collects, sites } = await room.call("location.collectionPoints", { lat: 33.5, lon: 127, item, limit: 3 });
      return [collects, sites.map(({ name }) => name)];
    };
    expect(await points("다 쓴 건전지")).toEqual([["폐건전지"], ["가게 p1"]]);
    expect(await points("old-clothes")).toEqual([["헌 옷"], ["가게 p2"]]);
    expect(await points("기저귀")).toEqual([[], []]);
  });

  it("tells all of one site, and of no other", async () => {
    const [first] = await around();
    const detail = await room.call("location.center", { center_id: first!.id }, { userId });
    expect(detail).toMatchObject({ id: first!.id, name: first!.name, attribution: first!.attribution });
    await expect(room.call("location.center", { center_id: -1 }, { userId })).rejects.toMatchObject({
      type: "LOCATION_NOT_FOUND",
    });
  });

  it("knows addresses as far as the sites do", async () => {
    await bring(
      file(
        "address.csv",
        [
          HEAD,
          site("ad", {
            source: "address",
            road_address: "경기도 수원시 효원로 1",
            latitude: "37.2635",
            longitude: "127.0286",
          }),
        ].join("\n"),
      ),
    );
    expect(await room.call("location.geocode", { address: "효원로 1" }, { userId })).toMatchObject({
      latitude: 37.2635,
      longitude: 127.0286,
    });
    expect(
      await room.call("location.reverseGeocode", { latitude: 37.2636, longitude: 127.0286 }, { userId }),
    ).toMatchObject({ address: "경기도 수원시 효원로 1" });
    await expect(
      room.call("location.reverseGeocode", { latitude: 38, longitude: 128 }, { userId }),
    ).rejects.toMatchObject({ type: "ADDRESS_NOT_FOUND" });
  });

  (existsSync(KECO) ? it : it.skip)(
    "imports KECO's list with its known faults, and finds exactly what lies within each radius",
    async () => {
      const report = await bring(KECO);
      expect(report).toMatchObject({ format: "keco", rows: 409, refused: 0, quarantined: 13, repaired: 1 });
      const { parse } = await import("csv-parse/sync");
      const rows: Record<string, string>[] = parse(readFileSync(KECO), { columns: true, bom: true });
      const placed = rows
        .map(row => ({
          id: Number(row["positnSn"]),
          lat: parseFloat(row["positnPstnLat"] ?? ""),
          lon: parseFloat(row["positnPstnLot"] ?? ""),
        }))
        .filter(({ lat, lon }) => lat >= 33 && lat <= 38.7 && lon >= 124.5 && lon <= 132)
        .filter(
          ({ id }) => rows.find(row => Number(row["positnSn"]) === id)?.["positnPstnLot"]?.split(".").length === 2,
        );
      for (let n = 0; n < 20; n += 1) {
        const at = placed[(n * 19) % placed.length]!;
        const radius = 300 + n * 400;
        const found = await around({ lat: at.lat, lon: at.lon, radius });
        const exact = placed.filter(each => metres(at, each) <= radius).map(({ id }) => id);
        expect(new Set(found.filter(({ source }) => source === "keco").map(({ id }) => id))).toEqual(new Set(exact));
      }
    },
  );
});

/** Haversine, written here anew, so that the index is held against something else than itself. */
function metres(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const [p, q] = [(a.lat * Math.PI) / 180, (b.lat * Math.PI) / 180];
  const h = Math.sin((q - p) / 2) ** 2 + Math.cos(p) * Math.cos(q) * Math.sin(((b.lon - a.lon) * Math.PI) / 360) ** 2;
  return 12_742_000 * Math.asin(Math.sqrt(h));
}
