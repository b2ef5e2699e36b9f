import { findMentions } from "../knowledge/search-items.ts";
import { readIntents } from "./read-intents.ts";

export const GREETING = /^(안녕|하이|헬로|반가|고마|감사|ㅎㅇ|hi\b|hello|hey|thanks|thank you)/iu;

export const OTHER_TOPICS =
  /운세|주식|코인|환율|코드|날씨|노래|영화|드라마|맛집|여행|게임|연예인|아이돌|축구|야구|수학|공부|숙제|사랑|연애|요리|레시피|다이어트|시험|면접|로또|농담|끝말잇기|mbti|심리|점심|저녁|번역|퀴즈|시 ?써|소설|대통령|정치|종교/iu;

/** Asks for something that a tool knows, or is about another topic. */
export const asksOther = (text: string): boolean =>
  OTHER_TOPICS.test(text) ||
  readIntents(text, { things: 0, bulky: false, region: false, asksDisposal: false })[0]?.intent !== "general";

/** Names something that the knowledge has. */
export const namesThing = (clause: string): boolean => findMentions(clause, 1).some(({ hits }) => hits.length > 0);
