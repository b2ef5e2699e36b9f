import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import type { TestGateway } from "../builders/gateway.ts";
import { send } from "../builders/raw-http.ts";

const dataDir = mkdtempSync(join(tmpdir(), "eco2-info-"));
const knowledge = loadKnowledge();
let gate: TestGateway;
beforeAll(async () => {
  // Settings are read when the first module asks for them, so all of them are loaded from here on.
  process.env["DATA_DIR"] = dataDir;
  const { startGateway } = await import("../builders/gateway.ts");
  const { info } = await import("../../services/info/info.contract.ts");
  const { default: service } = await import("../../services/info/info.service.ts");
  gate = await startGateway({ contracts: [info], services: [service] });
});
afterAll(async () => {
  await gate.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

type Entry = Record<string, unknown>;
const get = async (path: string) => {
  const answer = await send(`${gate.url}/api/v1${encodeURI(path)}`, {});
  return { status: answer.status, body: answer.json() as unknown };
};
const search = async (body: unknown) => {
  const headers = { "content-type": "application/json" };
  const answer = await send(`${gate.url}/api/v1/info/search`, { method: "POST", headers }, [JSON.stringify(body)]);
  return { status: answer.status, body: answer.json() as unknown };
};
const refused = (status: number, code: string, detail: RegExp) => ({
  status,
  body: expect.objectContaining({ code, detail: expect.stringMatching(detail) }),
});

describe("the knowledge over HTTP, for anybody", () => {
  it("says which knowledge it answers from", async () => {
    const said = { status: "ok", service: "info", version: knowledge.version, items_indexed: knowledge.items.length };
    expect(await get("/info")).toEqual({ status: 200, body: expect.objectContaining(said) });
    expect(await get("/info/health")).toEqual({ status: 200, body: expect.objectContaining(said) });
  });

  it("tells an item with its class, its steps, its source and the version", async () => {
    const { status, body } = await get("/info/items/milk-carton");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: "milk-carton",
      name: "우유팩",
      category: "재활용폐기물",
      subcategory: "종이팩",
      recyclable: true,
      source: { date: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/), official: true },
      version: knowledge.version,
    });
    const { steps, disposal_method: method } = body as { steps: string[]; disposal_method: string };
    expect(steps.length).toBeGreaterThan(1);
    expect(method).toBe(steps.join(" "));
  });

  it("has an entry for every item that it counts", async () => {
    const { body } = await get("/info/categories");
    const { categories, waste_categories: classes } = body as {
      categories: Entry[];
      waste_categories: { id: string; item_count: number; icon: string }[];
    };
    expect(categories.map(({ id }) => id)).toEqual(["all", "environment", "energy", "ai"]);
    expect(classes).toHaveLength(18);
    expect(new Set(classes.map(({ icon }) => icon)).size).toBe(18);
    expect(classes.reduce((sum, { item_count: count }) => sum + count, 0)).toBe(knowledge.items.length);
    expect(await get("/info/news/categories")).toEqual({ status: 200, body });
  });

  it("refuses an item that is not there, also by the numbers of the first API, with a reason", async () => {
    for (const id of ["1", "no-such-thing", "우유팩"])
      expect(await get(`/info/items/${id}`)).toEqual(refused(404, "ITEM_NOT_FOUND", /info\/search/));
  });
});

describe("search", () => {
  it("finds items by what people call them, best first, at most as many as asked for", async () => {
    const { status, body } = await search({ query: "다 먹은 우유갑은 어떻게 버려요?", limit: 2 });
    const found = body as { id: string; score: number }[];
    expect(status).toBe(200);
    expect(found[0]).toMatchObject({ id: "milk-carton", version: knowledge.version });
    expect(found.length).toBeLessThanOrEqual(2);
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
  });
  it("finds nothing in what names no thing", async () => {
    for (const query of ["안녕하세요", "🙂🙂", "<script>alert(1)</script>"])
      expect(await search({ query })).toEqual({ status: 200, body: [] });
  });
  it.each([
    [{}, 422],
    [{ query: "" }, 422],
    [{ query: "   " }, 422],
    [{ query: "가".repeat(301) }, 422],
    [{ query: 7 }, 422],
    [{ query: "컵", limit: 0 }, 422],
    [{ query: "컵", limit: 21 }, 422],
    [{ query: "컵", page: 2 }, 422],
    [{ query: "컵\u0000" }, 422],
  ])("refuses %j", async (body, status) => {
    expect((await search(body)).status).toBe(status);
  });
});

describe("rules of a region", () => {
  it("are found by id, full name and short name, each the same", async () => {
    const byId = await get("/info/rules/seoul-mapo");
    expect(byId.status).toBe(200);
    expect(byId.body).toMatchObject({
      region: "서울특별시 마포구",
      within: "서울특별시",
      office: "마포구청",
      page: "https://www.mapo.go.kr",
      version: knowledge.version,
    });
    for (const name of ["서울특별시 마포구", "서울 마포구", "마포구", " 마포구 "])
      expect(await get(`/info/rules/${name}`)).toEqual(byId);
  });
  it("hold every rule, and what the city of a district does otherwise", async () => {
    const of = async (region: string) => ((await get(`/info/rules/${region}`)).body as { rules: Entry[] }).rules;
    const differing = (rules: Entry[]) => rules.filter(({ differs }) => (differs as unknown[]).length > 0).length;
    expect((await of("seoul-mapo")).map(({ key }) => key)).toEqual(knowledge.rules.map(({ key }) => key));
    expect(differing(await of("seoul-mapo"))).toBe(
      knowledge.rules.filter(({ regional }) => regional.some(({ region }) => region === "서울특별시")).length,
    );
    expect(differing(await of("서울"))).toBeGreaterThan(0);
    expect(differing(await of("부산"))).toBe(0);
  });
  it("tell how bulk waste is handed over, without a fee that no source states", async () => {
    for (const { id } of knowledge.regions) {
      const { bulk } = (await get(`/info/rules/${id}`)).body as {
        bulk: { steps: string[]; fees: unknown[]; source: unknown };
      };
      expect(bulk.steps.length).toBeGreaterThan(0);
      if (bulk.fees.length > 0) expect(bulk.source).not.toBeNull();
    }
  });
  it("are refused where the name is unknown, or may be several places", async () => {
    expect(await get("/info/rules/평양")).toEqual(refused(404, "REGION_NOT_FOUND", /No municipality/));
    expect(await get("/info/rules/중구")).toEqual(refused(404, "REGION_NOT_FOUND", /서울특별시 중구 \(seoul-jung\)/));
    expect((await get(`/info/rules/${"가".repeat(81)}`)).status).toBe(422);
  });
});

describe("frequent questions", () => {
  const ids = (body: unknown) => (body as { id: string }[]).map(({ id }) => id);
  it("come in pages of the whole list", async () => {
    const all: string[] = [];
    for (let skip = 0; ; skip += 50) {
      const page = ids((await get(`/info/faq?skip=${skip}&limit=50`)).body);
      if (page.length === 0) break;
      all.push(...page);
    }
    expect(all).toEqual(knowledge.faq.map(({ id }) => id));
    expect(ids((await get("/info/faq")).body)).toEqual(all.slice(0, 10));
  });
  it("are filtered before they are paged", async () => {
    const category = "유해·특별수거";
    const wanted = knowledge.faq.filter(each => each.category === category).map(({ id }) => id);
    expect(ids((await get(`/info/faq?category=${category}&skip=2&limit=3`)).body)).toEqual(wanted.slice(2, 5));
  });
  it("are none for a category that has none", async () => {
    expect(await get("/info/faq?category=없는 것")).toEqual({ status: 200, body: [] });
  });
  it("answer with the first sentence, the steps and the ground", async () => {
    const [first] = (await get("/info/faq?limit=1")).body as { answer: string; version: string }[];
    expect(first!.answer.startsWith(knowledge.faq[0]!.answer)).toBe(true);
    expect(first!.answer).toMatch(/\n1\. /);
    expect(first!.answer).toContain("근거:");
    expect(first!.version).toBe(knowledge.version);
  });
  it.each(["skip=-1", "limit=0", "limit=51", "limit=many"])("refuse %s", async query => {
    expect((await get(`/info/faq?${query}`)).status).toBe(422);
  });
});
