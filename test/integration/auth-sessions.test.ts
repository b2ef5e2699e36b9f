import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { forgetOldAttempts } from "../../services/auth/attempts.store.ts";
import { forgetOldSessions } from "../../services/auth/sessions.store.ts";
import { makeSigningKey, readSigningKey, signPair } from "../../services/auth/sign-tokens.ts";
import { databases, type TestDatabase } from "../servers/databases.ts";
import { authorize, openRooms, type Rooms, signIn } from "../builders/auth-rooms.ts";

const AUTH_PRIVATE_KEY = makeSigningKey();
const key = await readSigningKey(AUTH_PRIVATE_KEY);

interface Ids {
  sid: string;
  sub: string;
  jti: string;
}
const idsOf = (token: string): Ids => decodeJwt(token);

describe.each(databases)("sessions on $name", ({ make }) => {
  let database: TestDatabase;
  let rooms: Rooms;
  beforeAll(async () => {
    database = await make();
    rooms = await openRooms(database, { AUTH_PRIVATE_KEY });
  });
  afterAll(async () => {
    await rooms.close();
    await database.remove();
  });

  const refresh = (token?: string) => rooms.ask("auth.refresh", token === undefined ? {} : { s_refresh: token });
  const logout = (cookies: { s_access?: string; s_refresh?: string } = {}) => rooms.ask("auth.logout", cookies);
  /** As if the token had been used so many seconds ago. */
  const age = (token: string, seconds: number) =>
    rooms.db.run("update auth.refresh_tokens set used_at = used_at - $2::interval where id = $1", [
      idsOf(token).jti,
      `${seconds} seconds`,
    ]);
  const revokedSessions = () => rooms.revoked.map(each => each.session_id);
  const eventsOf = async (sid: string) =>
    (
      await rooms.db.rows<{ event: string }>("select event from auth.login_audits where session_id = $1 order by id", [
        sid,
      ])
    ).map(each => each.event);
  const fails = (type: string, code: number) => expect.objectContaining({ type, code }) as unknown;

  describe("keys", () => {
    it("are replaced without signing anybody out: known first, then signing, and the old one gone at last", async () => {
      const next = makeSigningKey();
      const old = await signIn(rooms);
      const stages = await Promise.all(
        [AUTH_PRIVATE_KEY + next, next + AUTH_PRIVATE_KEY, next].map(keys => rooms.beside({ AUTH_PRIVATE_KEY: keys })),
      );
      const [known, signing, alone] = stages as [Rooms, Rooms, Rooms];
      const kidOf = (token: string) => decodeProtectedHeader(token).kid;
      const refreshAt = async (at: Rooms, token: string) =>
        (await at.ask("auth.refresh", { s_refresh: token })).cookies["s_refresh"] ?? "";
      const first = await refreshAt(known, old.s_refresh);
      expect(kidOf(first)).toBe(kidOf(old.s_refresh));
      const second = await refreshAt(signing, first);
      expect(kidOf(second)).not.toBe(kidOf(first));
      // A process that does not sign with it yet knows it all the same.
      const third = await refreshAt(known, second);
      expect((await known.ask("auth.jwks", {})).result.keys).toHaveLength(2);
      await expect(alone.ask("auth.refresh", { s_refresh: third })).rejects.toMatchObject({ type: "TOKEN_INVALID" });
      const last = await refreshAt(signing, third);
      expect(await refreshAt(alone, last)).not.toBe("");
      for (const stage of stages) await stage.stop();
    });
  });

  describe("refresh", () => {
    it("gives a new pair of the same session, again and again", async () => {
      const first = await signIn(rooms);
      let token = first.s_refresh;
      const seen = new Set([first.s_access, first.s_refresh]);
      for (let round = 0; round < 5; round++) {
        const { result, headers, cookies } = await refresh(token);
        expect(result).toBeNull();
        expect(headers["Set-Cookie"]).toHaveLength(2);
        token = cookies["s_refresh"] ?? "";
        seen.add(token).add(cookies["s_access"] ?? "");
        expect(idsOf(token)).toMatchObject({ sid: idsOf(first.s_refresh).sid, sub: idsOf(first.s_refresh).sub });
      }
      expect(seen.size).toBe(12);
    });

    it.each([
      ["no cookie", async () => undefined, "UNAUTHENTICATED"],
      ["an empty cookie", async () => "", "UNAUTHENTICATED"],
      ["nonsense", async () => "nonsense", "TOKEN_INVALID"],
      ["a cookie of 10 000 letters", async () => "x".repeat(10_000), "TOKEN_INVALID"],
      ["the access token", async () => (await signIn(rooms)).s_access, "TOKEN_INVALID"],
      ["a token of another key", async () => forge(await readSigningKey(makeSigningKey())), "TOKEN_INVALID"],
      ["an expired token", async () => forge(key, -3600), "TOKEN_EXPIRED"],
      [
        "a token with a broken signature",
        async () => `${(await signIn(rooms)).s_refresh.slice(0, -4)}AAAA`,
        "TOKEN_INVALID",
      ],
    ])("refuses %s", async (_case, make, type) => {
      await expect(refresh(await make())).rejects.toEqual(fails(type, 401));
    });

    it("refuses a well-signed token of a session that nobody opened", async () => {
      const { s_refresh: real } = await signIn(rooms);
      const { sub } = idsOf(real);
      await expect(refresh(await forge(key, 3600, { sub }))).rejects.toEqual(fails("TOKEN_REVOKED", 401));
    });

    it("takes no token of one session for another's", async () => {
      const mine = idsOf((await signIn(rooms, "나")).s_refresh);
      const theirs = idsOf((await signIn(rooms, "남")).s_refresh);
      const mixed = await forge(key, 3600, { sub: mine.sub, sid: mine.sid, jti: theirs.jti });
      await expect(refresh(mixed)).rejects.toEqual(fails("TOKEN_REVOKED", 401));
    });

    it("serves the slower twins of a request too, each with a pair of its own", async () => {
      const { s_refresh: token } = await signIn(rooms);
      const twins = await Promise.all(Array.from({ length: 8 }, () => refresh(token)));
      const fresh = twins.map(each => each.cookies["s_refresh"] ?? "");
      expect(new Set(fresh).size).toBe(8);
      for (const each of fresh) await refresh(each);
      await age(token, 8);
      await refresh(token);
      expect(revokedSessions()).not.toContain(idsOf(token).sid);
    });

    it("ends the whole family when a used token comes back later", async () => {
      const { s_refresh: stolen, s_access: access } = await signIn(rooms);
      const { s_refresh: newest = "" } = (await refresh(stolen)).cookies;
      await age(stolen, 11);
      await expect(refresh(stolen)).rejects.toEqual(fails("TOKEN_REVOKED", 401));
      await expect(refresh(newest)).rejects.toEqual(fails("TOKEN_REVOKED", 401));
      await expect(refresh(stolen)).rejects.toEqual(fails("TOKEN_REVOKED", 401));
      const { sid } = idsOf(access);
      expect(rooms.revoked.filter(each => each.session_id === sid)).toEqual([
        { session_id: sid, expires_at: expect.stringMatching(/Z$/) as unknown },
      ]);
      expect(await eventsOf(sid)).toEqual(["signed_in", "refresh_reused"]);
      expect((await rooms.ask("auth.revocations", {})).result.map(each => each.session_id)).toContain(sid);
    });

    it("lets a family end once, however many thieves come at the same time", async () => {
      const { s_refresh: stolen } = await signIn(rooms);
      await refresh(stolen);
      await age(stolen, 60);
      const all = await Promise.allSettled(Array.from({ length: 6 }, () => refresh(stolen)));
      expect(all.every(each => each.status === "rejected")).toBe(true);
      expect(revokedSessions().filter(each => each === idsOf(stolen).sid)).toHaveLength(1);
      expect(await eventsOf(idsOf(stolen).sid)).toEqual(["signed_in", "refresh_reused"]);
    });

    it("ends the session of an account that is gone", async () => {
      const { s_refresh: token } = await signIn(rooms, "떠난 사람");
      const { sub, sid } = idsOf(token);
      await rooms.db.run("delete from users.accounts where id = $1", [sub]);
      await expect(refresh(token)).rejects.toEqual(fails("USER_NOT_FOUND", 404));
      expect(revokedSessions()).toContain(sid);
      expect(await eventsOf(sid)).toEqual(["signed_in", "user_gone"]);
    });

    it("moves the revocation's end with the newest access token", async () => {
      const { s_refresh: token } = await signIn(rooms);
      const { sid } = idsOf(token);
      await rooms.db.run("update auth.sessions set access_expires_at = now() - interval '1 hour' where id = $1", [sid]);
      const { s_access: access = "" } = (await refresh(token)).cookies;
      await logout({ s_access: access });
      const told = rooms.revoked.find(each => each.session_id === sid);
      expect(Date.parse(told?.expires_at ?? "")).toBe(Number(decodeJwt(access).exp) * 1000);
    });
  });

  describe("logout", () => {
    const cleared = [
      "s_access=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
      "s_refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
    ];

    it.each([
      ["without a session", {}],
      ["with empty cookies", { s_access: "", s_refresh: "" }],
      ["with nonsense for cookies", { s_access: "x.y.z", s_refresh: "x".repeat(10_000) }],
    ])("is fine %s", async (_case, cookies) => {
      const before = rooms.revoked.length;
      const { result, status, headers } = await logout(cookies);
      expect(status).toBeUndefined();
      expect(result).toEqual({ success: true, data: { message: expect.stringMatching(/로그아웃/) as unknown } });
      expect(headers["Set-Cookie"]).toEqual(cleared);
      expect(rooms.revoked).toHaveLength(before);
    });

    it.each([
      ["both cookies", (all: Cookies) => all],
      ["the access cookie alone", ({ s_access }: Cookies) => ({ s_access })],
      ["the refresh cookie alone", ({ s_refresh }: Cookies) => ({ s_refresh })],
      ["the two cookies swapped with nonsense", ({ s_refresh }: Cookies) => ({ s_access: "nonsense", s_refresh })],
    ])("ends the session by %s, for good", async (_case, pick) => {
      const { s_access, s_refresh } = await signIn(rooms);
      const { sid } = idsOf(s_refresh);
      expect((await logout(pick({ s_access, s_refresh }))).headers["Set-Cookie"]).toEqual(cleared);
      await expect(refresh(s_refresh)).rejects.toEqual(fails("TOKEN_REVOKED", 401));
      await logout({ s_access, s_refresh });
      expect(revokedSessions().filter(each => each === sid)).toHaveLength(1);
      expect(await eventsOf(sid)).toEqual(["signed_in", "signed_out"]);
    });

    it("ends that session and no other", async () => {
      const phone = await signIn(rooms, "두 기기");
      const laptop = await signIn(rooms, "두 기기");
      await logout({ s_access: phone.s_access, s_refresh: phone.s_refresh });
      expect((await refresh(laptop.s_refresh)).cookies["s_access"]).toBeTruthy();
    });
  });

  it("tells gateways that start of those revocations that still matter", async () => {
    const listed = async () => (await rooms.ask("auth.revocations", {})).result;
    const ended = await signIn(rooms);
    const past = await signIn(rooms);
    const living = await signIn(rooms);
    for (const { s_access } of [ended, past]) await logout({ s_access });
    await rooms.db.run("update auth.sessions set access_expires_at = now() where id = $1", [idsOf(past.s_access).sid]);
    const sessions = (await listed()).map(each => each.session_id);
    expect(sessions).toContain(idsOf(ended.s_access).sid);
    expect(sessions).not.toContain(idsOf(past.s_access).sid);
    expect(sessions).not.toContain(idsOf(living.s_access).sid);
    const row = (await listed()).find(each => each.session_id === idsOf(ended.s_access).sid);
    expect(Date.parse(row?.expires_at ?? "")).toBe(Number(decodeJwt(ended.s_access).exp) * 1000);
  });

  it("forgets what nobody can come back with, and nothing else", async () => {
    const over = idsOf((await signIn(rooms)).s_refresh);
    const living = await signIn(rooms);
    await rooms.db.run(
      "update auth.sessions set expires_at = now() - interval '1 s', access_expires_at = now() - interval '1 s' where id = $1",
      [over.sid],
    );
    const late = await authorize(rooms);
    await rooms.db.run("update auth.oauth_states set expires_at = now() - interval '2 hours' where state = $1", [
      late.state,
    ]);
    const waiting = await authorize(rooms);
    await forgetOldSessions(rooms.db);
    await forgetOldAttempts(rooms.db);
    expect(await rooms.db.rows("select 1 from auth.sessions where id = $1", [over.sid])).toEqual([]);
    expect(await rooms.db.rows("select 1 from auth.refresh_tokens where session_id = $1", [over.sid])).toEqual([]);
    expect(await rooms.db.rows("select 1 from auth.oauth_states where state = $1", [late.state])).toEqual([]);
    expect((await refresh(living.s_refresh)).cookies["s_refresh"]).toBeTruthy();
    const { location } = await rooms.ask("auth.callback", { provider: "kakao", ...waiting });
    expect(location).toBe("http://localhost:5173/#/home");
  });
});

type Cookies = Record<"s_access" | "s_refresh", string>;

/** A refresh token signed by `signer` that no sign-in gave out. */
async function forge(signer: typeof key, lifeS = 3600, ids: Partial<Ids> = {}): Promise<string> {
  const grant = {
    userId: randomUUID(),
    sessionId: randomUUID(),
    provider: "kakao",
    accessTtlMs: 0,
    refreshTtlMs: lifeS * 1000,
  };
  const { refresh } = await signPair(signer, grant);
  return new SignJWT({ ...decodeJwt(refresh), ...ids })
    .setProtectedHeader({ alg: "RS256", kid: signer.kid })
    .sign(signer.privateKey);
}

describe.each(databases)("after a restart on $name", ({ make }) => {
  it("sessions go on, revocations hold, and the key is the one kept in the data folder", async () => {
    const database = await make();
    let rooms = await openRooms(database);
    const keys = (await rooms.ask("auth.jwks", {})).result;
    const mode = statSync(join(database.options.dataDir, "auth-signing.pem")).mode & 0o777;
    expect(mode).toBe(0o600);
    const living = await signIn(rooms);
    const ended = await signIn(rooms);
    await rooms.ask("auth.logout", { s_access: ended.s_access });
    await rooms.close();

    rooms = await openRooms(database);
    expect((await rooms.ask("auth.jwks", {})).result).toEqual(keys);
    const again = await rooms.ask("auth.refresh", { s_refresh: living.s_refresh });
    expect(idsOf(again.cookies["s_refresh"] ?? "").sub).toBe(idsOf(living.s_refresh).sub);
    await expect(rooms.ask("auth.refresh", { s_refresh: ended.s_refresh })).rejects.toMatchObject({
      type: "TOKEN_REVOKED",
    });
    const revoked = (await rooms.ask("auth.revocations", {})).result.map(each => each.session_id);
    expect(revoked).toEqual([idsOf(ended.s_access).sid]);
    await rooms.close();
    await database.remove();
  });
});
