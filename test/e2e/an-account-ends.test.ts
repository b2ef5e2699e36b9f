import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { bodyOf, type Client } from "../../scripts/client.ts";
import { makePicture } from "../builders/picture.builder.ts";
import { until } from "../builders/until.ts";
import { type House, startHouse } from "../house.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
}, 120_000);
afterAll(() => house.stop());

const profile = async (client: Client) => client.get("/api/v1/users/me");
const remove = (client: Client, path: string) => client.request(path, { method: "DELETE" });
interface Session {
  id: string;
  current: boolean;
  device_id: string | null;
}
const sessionsOf = async (client: Client) => bodyOf(await client.get("/api/v1/auth/sessions")) as Session[];
/** Gateways learn of it by an event. */
const untilSignedOut = (client: Client) => until(async () => (await profile(client)).status === 401);

describe("sessions", () => {
  it("are listed for their person, and ended one by one or all at once", async () => {
    const [phone, tablet, stranger] = [
      await house.signIn("세션"),
      await house.signIn("세션"),
      await house.signIn("남"),
    ];
    const listed = await sessionsOf(phone);
    expect(listed).toHaveLength(2);
    expect(listed.filter(({ current }) => current)).toHaveLength(1);
    const other = listed.find(({ current }) => !current)?.id ?? "";
    const [foreign] = await sessionsOf(stranger);
    for (const id of [foreign?.id ?? "", "00000000-0000-4000-8000-000000000000"])
      expect((await remove(phone, `/api/v1/auth/sessions/${id}`)).status).toBe(404);
    expect((await remove(phone, "/api/v1/auth/sessions/1")).status).toBe(422);
    expect((await remove(phone, `/api/v1/auth/sessions/${other}`)).status).toBe(204);
    await untilSignedOut(tablet);
    expect((await tablet.post("/api/v1/auth/refresh")).status).toBe(401);
    expect((await profile(phone)).status).toBe(200);
    const again = await house.signIn("세션");
    const answer = await remove(phone, "/api/v1/auth/sessions");
    expect([answer.status, await answer.json()]).toEqual([200, { success: true, data: { ended: 2 } }]);
    expect(phone.cookies.has("s_access")).toBe(false);
    await untilSignedOut(again);
    expect((await profile(stranger)).status).toBe(200);
  });
});

describe("an account", () => {
  it("is changed at both addresses of the app's generations", async () => {
    const minji = await house.signIn("고침");
    for (const [path, nickname] of [
      ["/api/v1/user/me", "첫 이름"],
      ["/api/v1/users/me", "둘째 이름"],
    ] as const) {
      const answer = await minji.request(path, {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ nickname, phone_number: "010-1234-5678" }),
      });
      expect([answer.status, await answer.json()]).toEqual([
        200,
        expect.objectContaining({ nickname, display_name: nickname, phone_number: "010-1234-5678" }),
      ]);
      // Kept answers are forgotten.
      expect((await profile(minji)).body).toMatchObject({ nickname });
    }
    expect((await minji.get(`/api/v1/user/me/characters/${encodeURIComponent("이코")}/ownership`)).body).toEqual({
      character_name: "이코",
      owned: true,
    });
  });

  it.each(["id", "provider", "role", "email", "email_verified", "user_id", "__proto__"])(
    "takes no %s from a body",
    async field => {
      const minji = await house.signIn("그대로");
      const before = (await profile(minji)).body;
      const answer = await minji.request("/api/v1/users/me", {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: `{"nickname":"새 이름","${field}":"x"}`,
      });
      expect([answer.status, await answer.json()]).toEqual([
        422,
        expect.objectContaining({ code: "VALIDATION_FAILED" }),
      ]);
      expect((await profile(minji)).body).toEqual(before);
    },
  );

  it.each([
    ["/api/v1/user/me", 200],
    ["/api/v1/users/me", 204],
  ])("ends at DELETE %s with all that is known of the person, on every device", async (path, status) => {
    const name = `떠남 ${status}`;
    const [here, elsewhere] = [await house.signIn(name), await house.signIn(name)];
    const photo = await here.upload(Uint8Array.from(await makePicture()), { name: "photo.jpg", type: "image/jpeg" });
    const { job_id: job } = bodyOf(await here.post("/api/v1/scan", { image_url: photo })) as { job_id: string };
    for await (const event of here.events(`/api/v1/scan/${job}/events`)) if (event.event === "done") break;
    const chat = bodyOf(await here.post("/api/v1/chat", {})) as { id: string };
    const answer = await remove(here, path);
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(text === "" ? null : JSON.parse(text)).toEqual(
      status === 204 ? null : { message: expect.stringMatching(/[가-힣]/) },
    );
    await untilSignedOut(here);
    await untilSignedOut(elsewhere);
    for (const client of [here, elsewhere]) expect((await client.post("/api/v1/auth/refresh")).status).toBe(404);
    const back = await house.signIn(name);
    expect((await back.get(`/api/v1/scan/${job}/result`)).status).toBe(404);
    expect((await back.get(`/api/v1/chat/${chat.id}`)).status).toBe(404);
    expect((await back.get("/api/v1/users/me/characters")).body).toEqual([expect.objectContaining({ name: "이코" })]);
    expect((await back.get("/api/v1/character/progress")).body).toMatchObject({ good_scans: 0 });
  });
});
