import type { Middle } from "../../mixins/knowledge/knowledge.types.ts";

/** One emoji a class, for lists. */
export const classIcons: Readonly<Record<Middle, string>> = {
  종이: "📄",
  종이팩: "🥛",
  무색페트병: "🧴",
  플라스틱류: "🥤",
  비닐류: "🛍️",
  발포합성수지: "📦",
  유리병: "🍾",
  금속류: "🥫",
  의류및원단: "👕",
  전지: "🔋",
  조명제품: "💡",
  전기전자제품: "🔌",
  재활용폐기물: "♻️",
  일반종량제폐기물: "🗑️",
  불연성종량제폐기물: "🧱",
  음식물류폐기물: "🍚",
  공사장생활폐기물: "🏗️",
  대형폐기물: "🛋️",
  생활계유해폐기물: "☣️",
  미분류: "❔",
};
