import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Meta } from "../../broker/service.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";
import { openRooms, type Rooms } from "../builders/auth-rooms.ts";

describe.each(databases)("users on $name", ({ make }) => {
  let database: TestDatabase;
  let rooms: Rooms;
  beforeAll(async () => {
    database = await make();
    rooms = await openRooms(database);
  });
  afterAll(async () => {
    await rooms.close();
    await database.remove();
  });

  const signIn = async (identity: object = {}) =>
    (await rooms.ask("users.signIn", { provider: "kakao", provider_user_id: randomUUID(), ...identity })).result;
  const as = (userId: string, provider = "kakao"): Meta => ({
    caller: { userId, sessionId: randomUUID(), provider },
  });
  const profileOf = async (userId: string, provider?: string) =>
    (await rooms.ask("users.profile", {}, as(userId, provider))).result;

  it("opens an account at the first sign-in and finds it at the next", async () => {
    const identity = { provider_user_id: "42", nickname: "망고" };
    const first = await signIn(identity);
    const second = await signIn(identity);
    expect(first.created).toBe(true);
    expect(second).toEqual({ user_id: first.user_id, created: false });
    expect(await signIn({ ...identity, provider: "google" })).toMatchObject({ created: true });
  });

  it("makes one account of twenty first sign-ins at the same time", async () => {
    const identity = { provider_user_id: randomUUID(), nickname: "동시" };
    const all = await Promise.all(Array.from({ length: 20 }, () => signIn(identity)));
    expect(new Set(all.map(each => each.user_id)).size).toBe(1);
    expect(all.filter(each => each.created)).toHaveLength(1);
    const rows = await rooms.db.rows("select 1 from users.accounts where nickname = '동시'");
    expect(rows).toHaveLength(1);
  });

  it("gives the profile all app generations read, named as the person is called", async () => {
    const { user_id: id } = await signIn({ nickname: "망고".normalize("NFD"), name: "김 망고" });
    const profile = await profileOf(id, "naver");
    expect(profile).toEqual({
      username: "김 망고",
      display_name: "망고",
      nickname: "망고",
      phone_number: null,
      provider: "naver",
      last_login_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  it.each([
    ["no name at all", {}, /^[가-힣]+ [가-힣]+$/],
    ["nothing visible", { nickname: "\u200b \u0000" }, /^[가-힣]+ [가-힣]+$/],
    ["an empty nickname beside a name", { nickname: "", name: "이름만" }, /^이름만$/],
    ["HTML", { nickname: "<b>&\"'" }, /^<b>&"'$/],
    ["an emoji family", { nickname: "👨‍👩‍👧‍👦" }, /^👨‍👩‍👧‍👦$/u],
    ["5 000 letters", { nickname: "가".repeat(5000) }, /^가{120}$/],
    ["NUL and half a surrogate pair", { nickname: "x\u0000y\ud800z" }, /^x y z$/],
  ])("calls somebody something that can be shown, given %s", async (_case, identity, expected) => {
    const { user_id: id } = await signIn(identity);
    const profile = await profileOf(id);
    expect(profile.nickname).toMatch(expected);
    expect(profile.display_name).toMatch(expected);
    expect(profile.username).not.toBe("");
  });

  it("keeps the nickname at a later sign-in, takes the rest, and moves the last sign-in on", async () => {
    const identity = { provider_user_id: randomUUID() };
    const { user_id: id } = await signIn({ ...identity, nickname: "처음", name: "옛 이름", email: "a@b.kr" });
    await rooms.db.run("update users.accounts set last_login_at = now() - interval '1 day' where id = $1", [id]);
    const before = await profileOf(id);
    await signIn({ ...identity, nickname: "나중", name: "새 이름" });
    const after = await profileOf(id);
    expect(after).toMatchObject({ nickname: "처음", username: "새 이름" });
    expect(Date.parse(after.last_login_at ?? "")).toBeGreaterThan(Date.parse(before.last_login_at ?? ""));
    const row = await rooms.db.one<{ email: string }>("select email from users.accounts where id = $1", [id]);
    expect(row?.email).toBe("a@b.kr");
  });

  it("gives a newcomer the first character, once, and lists what character says", async () => {
    const identity = { provider_user_id: randomUUID() };
    const { user_id: id } = await signIn(identity);
    await signIn(identity);
    expect(rooms.greeted.filter(each => each === id)).toHaveLength(1);
    const { result } = await rooms.ask("users.characters", {}, as(id));
    expect(result.map(each => each.name)).toEqual(["이코"]);
  });

  it("knows who is there and who is gone", async () => {
    const { user_id: id } = await signIn();
    expect((await rooms.ask("users.exists", { user_id: id })).result).toBe(true);
    await rooms.db.run("delete from users.accounts where id = $1", [id]);
    expect((await rooms.ask("users.exists", { user_id: id })).result).toBe(false);
    await expect(profileOf(id)).rejects.toMatchObject({ type: "USER_NOT_FOUND", code: 404 });
    await expect(rooms.ask("users.characters", {}, as(id))).rejects.toMatchObject({ type: "USER_NOT_FOUND" });
    expect(await rooms.db.rows("select 1 from users.social_accounts where account_id = $1", [id])).toEqual([]);
  });

  it("refuses strangers and identities that are no text", async () => {
    await expect(rooms.ask("users.profile", {}, {})).rejects.toMatchObject({ type: "UNAUTHENTICATED", code: 401 });
    await expect(rooms.ask("users.characters", {}, {})).rejects.toMatchObject({ type: "UNAUTHENTICATED" });
    for (const id of ["", "a\u0000b", "a\ud800", "x".repeat(256)])
      await expect(signIn({ provider_user_id: id })).rejects.toMatchObject({ type: "VALIDATION_FAILED", code: 422 });
    await expect(rooms.ask("users.exists", { user_id: "1 or 1=1" })).rejects.toMatchObject({
      type: "VALIDATION_FAILED",
    });
  });

  describe("changes", () => {
    const change = async (id: string, changes: object) => (await rooms.ask("users.update", changes, as(id))).result;

    it.each([
      ["010-1234-5678", "010-1234-5678"],
      ["01012345678", "010-1234-5678"],
      ["+82 10 1234 5678", "010-1234-5678"],
      ["8210-1234-5678", "010-1234-5678"],
      ["(011) 234-5678", "011-234-5678"],
    ])("takes the number %s, and shows it as %s", async (given, shown) => {
      const { user_id: id } = await signIn();
      expect(await change(id, { phone_number: given })).toMatchObject({ phone_number: shown });
      expect(await profileOf(id)).toMatchObject({ phone_number: shown });
      expect(await change(id, { phone_number: null })).toMatchObject({ phone_number: null });
    });

    it.each(["02-123-4567890", "1234567890", "010-1234-56", "٠١٠١٢٣٤٥٦٧٨", "010-1234-5678-9"])(
      "refuses %s as a number, and changes nothing",
      async number => {
        const { user_id: id } = await signIn({ nickname: "그대로" });
        await expect(change(id, { nickname: "다른", phone_number: number })).rejects.toMatchObject({
          type: "INVALID_PHONE_NUMBER",
          code: 422,
        });
        expect(await profileOf(id)).toMatchObject({ nickname: "그대로", phone_number: null });
      },
    );

    it.each([
      ["a name typed on another keyboard", "망고".normalize("NFD"), "망고"],
      ["120 emoji families", "👨‍👩‍👧‍👦".repeat(120), "👨‍👩‍👧‍👦".repeat(120)],
      ["stray blanks", "  새   이름 ", "새 이름"],
      ["HTML, which is shown and never read", "<b>&\"'", "<b>&\"'"],
      ["what turns the reading direction", "a\u202eb", "a b"],
    ])("takes %s for a nickname", async (_case, given, kept) => {
      const { user_id: id } = await signIn();
      expect(await change(id, { nickname: given })).toMatchObject({ nickname: kept, display_name: kept });
      expect((await profileOf(id)).nickname).toBe(kept);
    });

    it.each([
      ["blanks", "   ", "INVALID_NICKNAME"],
      ["nothing visible", "\u200b\u200d", "INVALID_NICKNAME"],
      ["121 letters", "가".repeat(121), "INVALID_NICKNAME"],
      ["a letter under 1 000 marks", `a${"\u0301".repeat(1_000)}`, "INVALID_NICKNAME"],
      ["nothing", "", "VALIDATION_FAILED"],
      ["NUL", "a\u0000b", "VALIDATION_FAILED"],
      ["half a surrogate pair", "a\ud800", "VALIDATION_FAILED"],
      ["100 000 letters", "가".repeat(100_000), "VALIDATION_FAILED"],
      ["a number", 7, "VALIDATION_FAILED"],
      ["null", null, "VALIDATION_FAILED"],
    ])("refuses %s for a nickname", async (_case, nickname, type) => {
      const { user_id: id } = await signIn({ nickname: "그대로" });
      await expect(change(id, { nickname })).rejects.toMatchObject({ type, code: 422 });
      expect((await profileOf(id)).nickname).toBe("그대로");
    });

    it("says so where there is nothing to change, and nobody to change", async () => {
      const { user_id: id } = await signIn();
      await expect(change(id, {})).rejects.toMatchObject({ type: "NO_CHANGES_PROVIDED", code: 422 });
      await expect(change(randomUUID(), { nickname: "유령" })).rejects.toMatchObject({ type: "USER_NOT_FOUND" });
      await expect(rooms.ask("users.update", { nickname: "x" }, {})).rejects.toMatchObject({ type: "UNAUTHENTICATED" });
    });
  });

  it("says which characters are owned, by name", async () => {
    const { user_id: id } = await signIn();
    const owns = async (name: string) => (await rooms.ask("users.ownership", { character_name: name }, as(id))).result;
    expect(await owns("이코")).toEqual({ character_name: "이코", owned: true });
    expect(await owns("페티".normalize("NFD"))).toEqual({ character_name: "페티", owned: false });
    await expect(owns("없는 친구")).rejects.toMatchObject({ type: "CHARACTER_NOT_FOUND", code: 404 });
    await expect(owns(" ")).rejects.toMatchObject({ type: "VALIDATION_FAILED", code: 422 });
  });
});
