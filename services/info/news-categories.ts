/** Categories of the news as the app shows them. */
export const newsCategories = [
  { id: "all", name: "전체" },
  { id: "environment", name: "환경" },
  { id: "energy", name: "에너지" },
  { id: "ai", name: "AI" },
] as const;
/** What one article belongs to. */
export type NewsCategory = Exclude<(typeof newsCategories)[number]["id"], "all">;

export const newsSources = ["naver", "newsdata", "rss"] as const;
export type NewsSource = (typeof newsSources)[number];

/** Words by which a title or a snippet shows what it is about, in Korean and English. */
const words: Readonly<Record<NewsCategory, RegExp>> = {
  environment:
    /환경|재활용|분리배출|분리수거|폐기물|쓰레기|플라스틱|일회용|기후|탄소|미세먼지|생태|오염|자원순환|environment|recycl|waste|climate|plastic|pollution/giu,
  energy:
    /에너지|태양광|풍력|원전|원자력|전력|수소|발전소|배터리|전기차|energy|solar|wind power|nuclear|hydrogen|battery|power grid/giu,
  ai: /인공지능|머신러닝|딥러닝|챗봇|생성형|(?<![a-z])ai(?![a-z])|chatgpt|machine learning|artificial intelligence|llm/giu,
};

/** The category whose words stand most often in the text; `otherwise` where none does, or where two are level. */
export function categoryOf(text: string, otherwise: NewsCategory): NewsCategory {
  const scores = (Object.keys(words) as NewsCategory[])
    .map(category => ({ category, score: text.match(words[category])?.length ?? 0 }))
    .sort((a, b) => b.score - a.score);
  const [first, second] = scores;
  return first === undefined || first.score === second?.score ? otherwise : first.category;
}
