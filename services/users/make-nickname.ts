import { randomInt } from "node:crypto";

const HOW = [
  "부지런한",
  "씩씩한",
  "다정한",
  "알뜰한",
  "느긋한",
  "반짝이는",
  "슬기로운",
  "꼼꼼한",
  "상냥한",
  "용감한",
  "포근한",
  "싱그러운",
  "유쾌한",
  "든든한",
  "산뜻한",
  "야무진",
  "수줍은",
  "명랑한",
  "너그러운",
  "재빠른",
];
const WHO = [
  "수달",
  "다람쥐",
  "고라니",
  "두루미",
  "반딧불이",
  "청개구리",
  "꿀벌",
  "너구리",
  "고래",
  "참새",
  "새싹",
  "은행나무",
  "소나무",
  "민들레",
  "해바라기",
  "도토리",
  "조약돌",
  "바람",
  "시냇물",
  "무지개",
];

/**
 * A nickname for somebody whose provider told no name, e.g. `꼼꼼한 수달`. Not unique: it is what people are called, not who they are.
 * @param pick gives a whole number from 0 up to, not including, its argument
 */
export const makeNickname = (pick: (below: number) => number = randomInt): string =>
  `${HOW[pick(HOW.length)] ?? ""} ${WHO[pick(WHO.length)] ?? ""}`;
