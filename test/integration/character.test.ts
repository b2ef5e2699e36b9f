import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openRoom, type OpenRoom } from "../builders/open-room.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";

describe.each(databases)("character on $name", ({ make }) => {
  let database: TestDatabase;
  let room: OpenRoom;
  beforeAll(async () => {
    database = await make();
    room = await openRoom({
      database,
      load: async () => [(await import("../../services/character/character.service.ts")).default],
      events: ["character.granted"],
    });
  });
  afterAll(async () => {
    await room.stop();
    await database.remove();
  });

  const finding = (rest: object = {}) => ({
    user_id: randomUUID(),
    source_id: randomUUID(),
    major: "재활용폐기물",
    middle: "종이팩",
    minor: "우유팩",
    rule_found: true,
    insufficiencies: 0,
    ...rest,
  });
  const namesOf = async (userId: string) =>
    (await room.call("character.owned", { user_id: userId })).map(each => each.name);
  const grantsOf = (userId: string) => room.heard("character.granted").filter(each => each.user_id === userId);

  it("knows thirteen friends by the names the app draws, each with the class that wins it", async () => {
    const catalog = await room.call("character.catalog", {}, { userId: randomUUID() });
    expect(Object.fromEntries(catalog.map(({ name, match }) => [name, match]))).toEqual({
      이코: null,
      페이피: "종이",
      팩토리: "종이팩",
      페티: "무색페트병",
      플리: "플라스틱류",
      비니: "비닐류",
      폼이: "발포합성수지",
      글래시: "유리병",
      메탈리: "금속류",
      코튼: "의류및원단",
      배리: "전지",
      라이티: "조명제품",
      일렉: "전기전자제품",
    });
    for (const each of catalog) expect(Object.keys(each).sort()).toEqual(["dialog", "match", "name", "type"]);
  });

  it("rewards with all seven fields, and says the same again to the scan that earned it", async () => {
    const first = finding();
    const reward = await room.call("character.reward", first);
    expect(reward).toEqual({
      received: true,
      already_owned: false,
      name: "팩토리",
      dialog: expect.stringMatching(/./),
      match_reason: "종이팩>우유팩",
      character_type: expect.stringMatching(/./),
      type: reward?.character_type,
    });
    expect(await room.call("character.reward", first)).toEqual(reward);
    const later = await room.call("character.reward", { ...first, source_id: randomUUID(), minor: "종이팩" });
    expect(later).toEqual({ ...reward, received: false, already_owned: true, match_reason: "종이팩" });
  });

  it.each([
    ["something is left to do", { insufficiencies: 1 }],
    ["it is no recyclable", { major: "일반종량제폐기물", middle: "일반종량제폐기물" }],
    ["no rule was found", { rule_found: false }],
    ["no friend has that class", { middle: "미분류" }],
  ])("gives null, and nothing else happens, when %s", async (_case, rest) => {
    const refused = finding(rest);
    expect(await room.call("character.reward", refused)).toBeNull();
    expect(await room.db.rows("select from character.ownerships where user_id = $1", [refused.user_id])).toEqual([]);
    expect(await room.call("character.progress", {}, { userId: refused.user_id })).toMatchObject({ good_scans: 0 });
  });

  it("grants once, to one of twenty scans at the same time, each delivered twice", async () => {
    const userId = randomUUID();
    const scans = Array.from({ length: 20 }, () => finding({ user_id: userId }));
    const rewards = await Promise.all([...scans, ...scans].map(each => room.call("character.reward", each)));
    const receivedBy = new Set(
      rewards.flatMap((reward, index) => (reward?.received ? [scans[index % 20]?.source_id] : [])),
    );
    expect(receivedBy.size).toBe(1);
    expect(rewards.filter(reward => reward?.already_owned)).toHaveLength(38);
    expect(await room.db.rows("select from character.ownerships where user_id = $1", [userId])).toHaveLength(1);
    expect(grantsOf(userId)).toEqual([
      {
        user_id: userId,
        code: "char-factory",
        name: "팩토리",
        source: "scan-reward",
        source_id: [...receivedBy][0],
        acquired_at: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it("never shows an empty collection: the first look grants 이코, once", async () => {
    const userId = randomUUID();
    const looks = await Promise.all(Array.from({ length: 10 }, () => namesOf(userId)));
    expect(looks).toEqual(Array.from({ length: 10 }, () => ["이코"]));
    expect(grantsOf(userId)).toHaveLength(1);
    expect(await room.call("character.grantDefault", { user_id: userId })).toEqual({
      acquired: false,
      character: expect.objectContaining({ name: "이코", match: null }),
    });
    expect(await room.call("character.grantDefault", { user_id: randomUUID() })).toMatchObject({ acquired: true });
  });

  it("lists the newest first, each with its code and an id that stays", async () => {
    const userId = randomUUID();
    await room.call("character.owned", { user_id: userId });
    await room.call("character.reward", finding({ user_id: userId, middle: "전기전자제품" }));
    await room.db.run("update character.ownerships set acquired_at = now() - interval '1 day' where code = 'char-eco'");
    const owned = await room.call("character.owned", { user_id: userId });
    expect(owned.map(({ name, code }) => [name, code])).toEqual([
      ["일렉", "char-elec"],
      ["이코", "char-eco"],
    ]);
    const again = await room.call("character.owned", { user_id: userId });
    expect(again.map(each => each.id)).toEqual(owned.map(each => each.id));
  });

  it("takes 일렉 under its former code for the same friend", async () => {
    const userId = randomUUID();
    await room.db.run(
      "insert into character.ownerships (id, user_id, code, source) values ($1, $2, 'char-eb7429f0523f', 'scan-reward')",
      [randomUUID(), userId],
    );
    const reward = await room.call("character.reward", finding({ user_id: userId, middle: "전기전자제품" }));
    expect(reward).toMatchObject({ name: "일렉", received: false, already_owned: true });
    expect(await room.call("character.owned", { user_id: userId })).toMatchObject([
      { name: "일렉", code: "char-elec" },
    ]);
    expect(grantsOf(userId)).toEqual([]);
  });

  it("tells how far the collection has come", async () => {
    const userId = randomUUID();
    const before = await room.call("character.progress", {}, { userId });
    expect(before).toMatchObject({ owned: 0, total: 13, percent: 0, streak_days: 0, last_good_day: null });
    await room.call("character.owned", { user_id: userId });
    const scans = [finding({ user_id: userId }), finding({ user_id: userId }), finding({ user_id: userId })];
    for (const scan of [...scans, ...scans]) await room.call("character.reward", scan);
    const ids = scans.map(({ source_id }) => source_id);
    for (const [ago, id] of [1, 3].entries())
      await room.db.run("update character.good_scans set day = day - $2::int where scan_id = $1", [ids[ago], id]);
    const after = await room.call("character.progress", {}, { userId });
    expect(after).toMatchObject({
      owned: 2,
      total: 13,
      percent: 15,
      good_scans: 3,
      streak_days: 2,
      longest_streak_days: 2,
    });
    expect(after.characters.filter(each => each.owned).map(each => each.name)).toEqual(["이코", "팩토리"]);
    expect(after.characters.find(each => each.name === "배리")).toEqual({
      code: "char-battery",
      name: "배리",
      match: "전지",
      owned: false,
      acquired_at: null,
    });
  });

  it("refuses strangers and ids that are none", async () => {
    await expect(room.call("character.catalog", {})).rejects.toMatchObject({ type: "UNAUTHENTICATED" });
    await expect(room.call("character.progress", {})).rejects.toMatchObject({ type: "UNAUTHENTICATED" });
    await expect(room.call("character.owned", { user_id: "1 or 1=1" })).rejects.toMatchObject({
      type: "VALIDATION_FAILED",
    });
    await expect(room.call("character.reward", finding({ insufficiencies: -1 }))).rejects.toMatchObject({
      type: "VALIDATION_FAILED",
    });
  });
});
