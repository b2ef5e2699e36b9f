import type { Actions } from "../../broker/contract.ts";
import type { ToolResult } from "../../mixins/assistant/tool-results.ts";

type Site = Actions["location.centers"]["result"][number];

/** Places in words, the nearest first. @param what what is looked for, as people call it */
export function sayPlaces(tool: "collection_point" | "location", sites: readonly Site[], what: string): ToolResult {
  if (sites.length === 0) {
    const line = `가까운 곳에서 찾지 못했어요(${what}). 사는 곳의 주민센터나 시·군·구청 누리집에서 위치를 확인해 주세요.`;
    return { tool, available: true, lines: [line], source: "Eco² 수거 장소 자료" };
  }
  const sources = [...new Set(sites.map(({ attribution }) => attribution))].join(", ");
  return { tool, available: true, lines: [`가까운 ${what} 위치예요.`, ...sites.map(sayPlace)], source: sources };
}

function sayPlace({
  name,
  distance_text: distance,
  road_address: address,
  is_open: isOpen,
  start_time: from,
  end_time: to,
  phone,
}: Site): string {
  const open = isOpen === null ? [] : [isOpen ? `지금 열려 있어요(${from ?? ""}~${to ?? ""})` : "지금은 닫혀 있어요"];
  const facts = [distance, address, ...open, phone].filter(fact => fact !== null && fact !== "");
  return `- ${name}: ${facts.join(" · ")}`;
}
