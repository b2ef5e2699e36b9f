/** Categories of the news as the app shows them. */
export const newsCategories = [
  { id: "all", name: "전체" },
  { id: "environment", name: "환경" },
  { id: "energy", name: "에너지" },
  { id: "ai", name: "AI" },
] as const;
/** What one article belongs to. */
export type NewsCategory = Exclude<(typeof newsCategories)[number]["id"], "all">;
