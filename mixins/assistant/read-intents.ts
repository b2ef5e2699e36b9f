/** What a message may be about; names as the app's stages have them. */
export const INTENTS = [
  "waste",
  "bulk_waste",
  "collection_point",
  "location",
  "character",
  "recyclable_price",
  "weather",
  "news",
  "web_search",
  "image_generation",
  "general",
] as const;
export type Intent = (typeof INTENTS)[number];

export interface FoundIntent {
  readonly intent: Intent;
  /** 0…1 */
  readonly confidence: number;
}

const MOST = 3;
const near = "근처|가까운|주변|여기서|이 ?동네|우리 ?동네|near(by|est)?";
const place =
  "수거함|(버리는|받아 ?주는|받는|모으는|내는|수거하는|수거해 ?주는|가져다 ?주는|갖다 ?주는) ?(곳|데|장소|약국|주민센터|보건소|마트|동사무소|행정복지센터)|전용함|수거 ?장소|수거처|반납|collection (box|point|bin)";

/** In order of priority: what is named most exactly comes first. */
const SIGNS: readonly (readonly [Intent, RegExp])[] = [
  ["image_generation", /(그림|이미지|포스터|일러스트)[^.?!]{0,12}(그려|만들|생성)|draw (me )?an? /iu],
  [
    "recyclable_price",
    /시세|매입가|단가|kg ?당|킬로 ?당|고물 ?값|(고철|폐지|파지|폐캔|빈 ?캔|신문지|헌 ?옷|구리)[^.?!]{0,12}(값|가격|시세|얼마에|1 ?kg|얼마 ?(받|쳐|주))|scrap price/iu,
  ],
  ["news", /뉴스|소식|기사|news/iu],
  ["web_search", /검색해|검색 ?좀|찾아봐|최신|동향|search the web|look up/iu],
  [
    "collection_point",
    new RegExp(
      `(${near}|어디|위치)[^.?!]{0,20}(${place})|어디[^.?!]{0,4}(갖다|가져다) ?(줘|주|놔|내)|(${place})[^.?!]{0,14}(어디|어딨|위치|근처|가까운|찾아|알려|있(나|어|는|을))`,
      "iu",
    ),
  ],
  [
    "location",
    new RegExp(
      `(${near})[^.?!]{0,24}(가게|매장|샵|숍|상점|센터|고물상|제로웨이스트|리필|shop|store)|(제로 ?웨이스트|리필|중고|재활용)[^.?!]{0,10}(가게|매장|샵|숍|상점|센터)|(고물상|재활용 ?센터|아름다운 ?가게)[^.?!]{0,14}(어디|위치|찾|알려|있)`,
      "iu",
    ),
  ],
  [
    "bulk_waste",
    /대형 ?폐기물|대형 ?쓰레기|(스티커|신고|접수|수거 ?예약|수수료)[^.?!]{0,16}(어디|얼마|어떻게|방법|알려|비용|해야|하나|필요)|bulky waste/iu,
  ],
  ["character", /캐릭터|이코|도감|(내|나의|모은)[^.?!]{0,6}(친구들|컬렉션)|my characters?/iu],
  ["weather", /날씨|기온|미세먼지|(비|눈)(가|는|도)?\s?(오|와|올|내리)|weather|rain(ing)?\b/iu],
];

/**
 * Up to three intents of a message, the most important first.
 * @param about whether the message names a thing to throw away, a big one, or is about something else altogether
 */
export function readIntents(
  text: string,
  about: { things: number; bulky: boolean; region: boolean; asksDisposal: boolean },
): FoundIntent[] {
  const found = SIGNS.filter(([, pattern]) => pattern.test(text)).map(([intent]) => intent);
  const named: Intent[] = about.things > 0 || about.asksDisposal ? ["waste"] : [];
  const bulk: Intent[] = about.bulky && about.region ? ["bulk_waste"] : [];
  const all = [...new Set([...order([...found, ...bulk], named)])];
  if (all.length === 0) return [{ intent: "general", confidence: 0.8 }];
  return all.slice(0, MOST).map((intent, at) => ({ intent, confidence: Math.round((0.95 - 0.1 * at) * 100) / 100 }));
}

/** A place or a fee asked for comes before the thing that it is for; the rest comes after it. */
const FIRST: readonly Intent[] = [
  "collection_point",
  "location",
  "bulk_waste",
  "recyclable_price",
  "image_generation",
  "web_search",
];
const order = (signs: readonly Intent[], named: readonly Intent[]): Intent[] => [
  ...signs.filter(intent => FIRST.includes(intent)),
  ...named,
  ...signs.filter(intent => !FIRST.includes(intent)),
];
