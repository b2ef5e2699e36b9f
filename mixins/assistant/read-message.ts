/** A message as the assistant reads it. */
export interface ReadMessage {
  /** What the person asks, without markup, addresses and sentences that try to direct the assistant. */
  readonly text: string;
  readonly language: "ko" | "en";
  /** Part of the message tried to change what the assistant is or does, or asked for what is not the person's. */
  readonly directed: boolean;
}

const LONGEST = 2_000;
const TAG = /<[^<>]{0,200}>|```/gu;
const LINK = /!?\[[^\]]{0,200}\]\([^)]{0,500}\)/gu;
const ADDRESS = /\b(?:https?:\/\/|www\.|javascript:|data:)\S+/giu;
/** Sentences end at marks, lines, and where a Korean clause of its own does. */
const SENTENCE = /(?<=[.!?。！？])\s+|\n+|\s+(?=그리고\s)/u;

/** Where a clause of a sentence may end: `…무시하고 우유팩은`, a comma, a colon, `and then`. */
const CLAUSE = /[,:;]\s*|(?<=[가-힣](?:고|며|면서|는데|지만|니까|다음|뒤에?|후에?))\s+|\s+(?:and|then|but)\s+/iu;

/** What directs the assistant instead of asking it something. Quoted or hidden, it is text all the same: it is left out, and nothing follows it. */
const DIRECTING = [
  /(이전|위|앞|지금까지|기존|원래)[^.!?]{0,12}(지시|명령|규칙|내용|설정|문장|말|안내|원칙)[^.!?]{0,12}(무시|잊|취소|따르지|지우|삭제)/u,
  /^(지시|명령|규칙|안전|제한|필터)[^.!?]{0,12}(무시|끄|꺼|해제|풀어)/u,
  /(안전|제한|보안|검열)[^.!?]{0,10}(무시|끄|꺼|해제|풀|빼)/u,
  /(시스템|system|숨겨진|내부)\s*(프롬프트|prompt|메시지|message|지시|규칙)/iu,
  /(너의|네|니|너한테|너에게|당신의|본인의|자신의)[^.!?]{0,12}(규칙|지시|설정|프롬프트|명령|원칙|설계)[^.!?]{0,20}(공개|출력|보여|알려|말해|뭐|읊|적어|요약)/u,
  /(숨은|숨겨진|초기|최초|받은)\s?(지시|설정|명령|프롬프트|지침)/u,
  /(이제부터|지금부터|앞으로)[^.!?]{0,40}(이야|이다|행동|대답|답해|답변|말해|라고|역할|해야)/u,
  /(너는|넌|당신은)\s*(이제|지금)?[^.!?]{0,20}(이야|이다|입니다)$/u,
  /(라고|라는 말)\s*(만\s*)?(해|말해|대답해|답해|출력해|써|쓰라|붙여|하시오|하세요|안내한다|답한다)/u,
  /(모든|항상|무조건|강제로|반드시|꼭)[^.!?]{0,30}으?로\s*(분류|안내|답|대답|처리)?(해(?!야|도|서)|하시오|하라|하세요)/u,
  /(base64|json|xml|html|코드|영어|이모지|욕|반말|한 ?글자)(으?로만?)?\s*(답|대답|말|출력|써)(해|하|줘)/iu,
  /(로그|환경 ?변수|서버|데이터베이스|DB|소스 ?코드)[^.!?]{0,12}(출력|보여|알려|공개|내놔|뭐|접속|삭제)/iu,
  /^규칙 ?\d/u,
  /(사용자|유저|회원|고객|가입자)\s?(들)?(의|\s)?\s?(목록|명단|이메일|전화|주소|정보)/u,
  /(실행하고|실행해)[^.!?]{0,10}(결과|보여|줘|봐)/u,
  /(대답|답변|답)(은|을|의|에)?\s*(끝|앞|뒤|마지막|첫)?[^.!?]{0,30}(라고만|만 해|붙여|추가해|시작해|넣어|포함해)/u,
  /(링크|주소|문구|문장|코드)[^.!?]{0,30}(답|답변|대답)[^.!?]{0,6}(넣어|붙여|추가|포함)/u,
  /(등급|레벨|계정|권한)[^.!?]{0,16}(바꿔|올려|만들어|변경|부여)/u,
  /(개발자|관리자|운영자|admin|root|DAN)[^.!?]{0,12}(야|이다|입니다|모드|권한)/iu,
  /(다른|타인|남의)\s*(사용자|사람|유저|회원)[^.!?]{0,20}(대화|정보|기록|채팅|사진|내용)/u,
  /(전부|모두|다|많이)?\s*(지급|발급|충전)해/u,
  /(프롬프트|prompt|지침|설정값|API ?키|비밀번호|토큰)[^.!?]{0,20}(출력|공개|보여|알려|말해|복사|번역|요약)/iu,
  /(무조건|반드시|꼭)[^.!?]{0,30}(라고|다고)\s*(말|답|해)/u,
  /(라고|다고|하라고)\s*(말해|대답해|답해|안내해|알려줘|해줘)/u,
  /(역할|인척|인 척|척 ?해|연기해|롤플레이|탈옥|jailbreak)/iu,
  /(명령|지시)(이다|입니다|을|를|에|은|는|대로|따라|:)/u,
  /(점수|포인트|캐릭터|보상)[^.!?]{0,12}(줘|달라|올려|지급|추가)/u,
  /(ignore|disregard|forget)\b[^.!?]{0,40}\b(instructions?|rules?|above|previous|prompt)/iu,
  /\b(reveal|print|show|repeat|output)\b[^.!?]{0,30}\b(system|prompt|instructions?)/iu,
  /\byou are (now|no longer)\b|\bact as\b|\bpretend (to be|you)|\b(repeat|print|copy)\b[^.!?]{0,20}\babove\b/iu,
  /\b(answer|respond|reply|say)\b[^.!?]{0,12}\b(only|always|with|nothing but)\b/iu,
] as const;

/** Markup of a conversation: nobody who asks about waste writes it. */
const MARKUP =
  /[<[]\/?\s*\|?\s*(system|assistant|user|inst|instructions?)\b|"role"\s*:|^\s*#+\s*(system|instruction)|\bBEGIN (SYSTEM|PROMPT)/iu;
const isDirecting = (part: string): boolean => DIRECTING.some(pattern => pattern.test(part));
const withoutDirections = (clause: string): string =>
  DIRECTING.reduce((rest, pattern) => rest.replace(pattern, " "), clause).trim();
const partsOf = (text: string, between: RegExp): string[] =>
  text
    .split(between)
    .map(part => part.trim())
    .filter(part => part !== "");

/**
 * Reads a message: what is asked, in which language, and whether somebody tried to direct the assistant with it.
 * @param names tells whether a clause names something to throw away; of a directing sentence only such clauses are kept
 */
export function readMessage(message: string, names: (clause: string) => boolean): ReadMessage {
  const plain = message.normalize("NFC").slice(0, LONGEST).replace(LINK, " ").replace(TAG, "\n").replace(ADDRESS, " ");
  let directed = MARKUP.test(message);
  const kept = partsOf(plain, SENTENCE).flatMap(sentence => {
    if (!isDirecting(sentence)) return [sentence];
    directed = true;
    return partsOf(sentence, CLAUSE).map(withoutDirections).filter(names);
  });
  return { text: kept.join(" "), language: languageOf(plain), directed };
}

/** English where there is no Hangul and there are words. */
function languageOf(text: string): "ko" | "en" {
  return !/\p{Script=Hangul}/u.test(text) && /[a-z]{2,}\s+[a-z]{1,}/iu.test(text) ? "en" : "ko";
}
