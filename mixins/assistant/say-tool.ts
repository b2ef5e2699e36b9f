import { josa } from "es-hangul";
import type { Rule } from "../knowledge/knowledge.types.ts";
import { loadKnowledge } from "../knowledge/load-knowledge.ts";
import type { Intent } from "./read-intents.ts";
import type { ToolResult } from "./tool-results.ts";
import type { Understanding } from "./understand.ts";

/** What is said where a source gives nothing: one sentence, and nothing in its place. */
const WITHOUT: Partial<Record<Intent, string>> = {
  weather: "날씨 정보는 지금 연결되어 있지 않아 알려 드릴 수 없어요. 비가 오는 날에는 종이류가 젖지 않게 해 주세요.",
  news: "환경 뉴스와 소식은 지금 모으고 있지 않아 보여 드릴 수 없어요.",
  web_search: "웹 검색은 지금 연결되어 있지 않아 최신 소식을 찾아볼 수 없어요.",
  recyclable_price: "재활용품 시세 정보는 지금 연결되어 있지 않아 알려 드릴 수 없어요. 가까운 고물상에 물어봐 주세요.",
  character: "모은 캐릭터를 지금 불러올 수 없어요. 잠시 후 다시 물어봐 주세요.",
  image_generation: "그림을 그리는 기능은 지금 쓸 수 없어요.",
};

/** A tool's result in Korean. @param rules those of the things that the message names */
export function sayTool(result: ToolResult, { text }: Understanding, rules: readonly (Rule | null)[]): string {
  if (result.available) {
    if ("names" in result)
      return `지금까지 캐릭터 ${result.total}가지 가운데 ${result.names.length}가지를 모았어요: ${result.names.join(", ")}. 깨끗하게 분리배출한 사진을 찍으면 새 친구를 만날 수 있어요.`;
    return [...result.lines, `출처: ${result.source}`].join("\n");
  }
  if (result.tool === "collection_point" || result.tool === "location") return sayPlaces(result, text, rules);
  if (result.tool === "weather" && result.reason === "needs location")
    return "현재 위치를 알려 주시면 날씨를 알려 드릴게요. 비가 오는 날에는 종이류가 젖지 않게 해 주세요.";
  return WITHOUT[result.tool] ?? "그 정보는 지금 알려 드릴 수 없어요.";
}

function sayPlaces(result: ToolResult, text: string, rules: readonly (Rule | null)[]): string {
  const boxes = rules.flatMap(rule =>
    rule?.box == null ? [] : [`${josa(rule.box.name, "을/를")} 찾아 주세요. ${rule.box.without}`],
  );
  const missing = !result.available && result.reason === "needs location";
  const kind = /가게|매장|샵|숍|상점|제로웨이스트|리필/u.test(text) ? "가게" : "수거함";
  const lead = missing
    ? `현재 위치를 알려 주시면 가까운 ${kind}의 위치를 찾아 드릴게요.`
    : `가까운 ${kind}의 위치를 지금은 찾아 드릴 수 없어요.`;
  const way = kind === "수거함" ? ["사는 곳의 주민센터나 시·군·구청 누리집에서도 수거함 위치를 확인할 수 있어요."] : [];
  return [lead, ...boxes, ...way].join(" ");
}

/** Whom to ask in the municipality that the message names; for bulk waste also how it is handed over there. */
export function sayRegion({ regionId, asksFee, intents }: Understanding, bulky: boolean): string[] {
  const region = loadKnowledge().regions.find(({ id }) => id === regionId);
  const isBulk = bulky || intents.some(({ intent }) => intent === "bulk_waste");
  if (region === undefined) {
    if (isBulk && asksFee)
      return [
        "수수료는 지자체와 크기에 따라 달라요. 사는 곳의 시·군·구를 알려 주시면 어디에 확인하면 되는지 알려 드릴게요.",
      ];
    return isBulk && !bulky
      ? [
          "대형폐기물은 시·군·구청 누리집이나 주민센터에 신고하고 수수료를 낸 뒤, 정해진 날과 장소에 내놓으면 돼요. 사는 시·군·구를 알려 주시면 어디에 신고하면 되는지 알려 드릴게요.",
        ]
      : [];
  }
  const site = region.page === null ? "" : `(${region.page})`;
  if (!isBulk) return [`${region.name}의 배출 요일과 수거함 위치는 ${region.office} 누리집${site}에서 확인해 주세요.`];
  const [fee] = region.bulk.fees;
  const money =
    asksFee && fee === undefined
      ? [`수수료는 공식 자료로 확인한 금액이 없어 말씀드리지 않을게요. ${region.office}에서 확인해 주세요.`]
      : [];
  return [
    [
      `${region.name}에서는 ${region.office} 누리집${site}이나 주민센터에서 대형폐기물 배출 신고를 하면 돼요.`,
      ...money,
    ].join(" "),
  ];
}
