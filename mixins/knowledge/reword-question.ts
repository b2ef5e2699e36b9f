import { normaliseText } from "./normalise-text.ts";

/** A number's point goes, or `1.5L` falls apart; one that is part of a brand (`아이시스 8.0`) goes altogether. */
const decimal = /(\d)[.,](?=\d)/gu;
const numberOfBrand = /\s\d+\.\d+(?=\s)/gu;
/** A mark or word between things. It stays a word of its own, so that places in the text stay what they are. */
const separator = /[,，、;+&·/\n]+|(?<=[?!.])\s+/gu;

/** A question in normalised words; what stands between things is a word of its own. */
export const normaliseQuestion = (text: string): string =>
  normaliseText(text.replace(numberOfBrand, "").replace(decimal, "$1").replace(separator, " 그리고 "));

/** Ways to say a thing and the one that the names of the knowledge have, applied in this order. */
const rewordings: readonly (readonly [RegExp, string])[] = [
  // `컵라면 말고 라면 봉지`: what it is not is no thing of the question; `떼지 말고` tells what not to do.
  [/^(?:(?! 그리고 ).)*[^지\s] ?말고 (?=\S)/u, ""],
  // `아침햇살 종이로 된 거`: names say the material before the thing.
  [
    /(\S+) (플라스틱|유리|도자기|나무|종이|비닐|스티로폼|스텐|스테인리스|금속|철|천|가죽|고무|실리콘)(?:으로|로) (?:된|만든|만들어진) (?:거|것|게|건|걸)[가-힣]*/gu,
    "$2 $1",
  ],
  // `하얀거`, `깨진거`: apart, the state is seen as one.
  [
    /(?<=[가-힣](?:은|는|던|한|진|긴|된|빈|린|난|란|얀|간|운|온|든|찬|낸|인|갠|겐|쓴|산))(?=(?:거|것|게|건|걸)(?:은|는|도|요|예요|인데|이에요)?(?:\s|$))/gu,
    " ",
  ],
  // `에비앙 페트` is short for `에비앙 페트병`.
  [/(?<=(?:^| |투명|무색|유색|공용)페트)(?=(?:은|는|도|를|랑|로|에)?(?: (?!용기|재질|플라스틱|\S*[병통])|$))/gu, "병"],
  // `휴대폰 배터리 분리한 거` is the battery.
  [
    /(배터리|건전지|전지)(?:를|을)? (?:분리한|뺀|빼낸|떼어낸|교체한|갈고 남은) (?:거|것|게|건|걸)(?=[은는도요]?(?:\s|$))/gu,
    "$1",
  ],
  // `리모컨 건전지 다 닳았어` is about the battery.
  [/(?:\S+ )?(배터리|건전지)(?:가|는|도)? (?:다 )?(?:닳|방전|떨어졌|수명|나갔)[가-힣]*/gu, "$1"],
  // `버너 가스 다 쓴 통` is a `가스통`.
  [/(?<=[가-힣]) (?:다 (?:쓴|먹은|마신)|비운) (?=통|캔|병|팩|용기|봉지)/gu, " "],
  // `헛개수 빈병` is a `헛개수 병`; on its own a `빈 병` is of glass.
  [/(?<=\S )빈 ?(?=병|통|팩|캔|곽|갑|용기|페트|봉지|봉투|상자|박스|컵)/gu, ""],
  // `집 공사하고 나온 타일`, `도배하고 남은 벽지` come from building work: names say it in one word.
  [
    /(?:(?:집|방|베란다|화장실|욕실|주방|부엌|거실|벽|천장|바닥|셀프|우리\s?집) )?\S*(?:공사|리모델링|인테리어|철거|시공|도배|목공|허물|깨부수|집수리|고치|수리)(?:를|을)?(?: ?(?:하고|하면서|하다가?|한|하느라|고|면서|다가?))?(?: ?(?:후|뒤)에?)? (?:나온|남은|생긴|발생한) (?=\S)/gu,
    "공사 ",
  ],
  // `타일 뜯은 거`, `변기 교체하고 나온 거` has been taken out: names say it before the thing.
  [
    /(\S+?)(?:을|를)? (?:다 )?(?:뜯은|뜯어낸|걷어낸|철거한|떼어낸|뜯고 나온|철거하고 나온|교체하고 나온|공사하고 나온)(?: (?:거|것|게|건|걸)[가-힣]*| 헌 \1)/gu,
    "철거한 $1",
  ],
  // Words that are written on to the thing without a space (`깨진컵어떻게버려요`): a space goes before them.
  [
    /(?<=[가-힣])(어떻게|어떡해|어케|어디에?다?|버림|버려[도야요주]|버리[는나면]|버릴|분리수거|분리배출|재활용)/gu,
    " $1",
  ],
  // A negation written on to its word (`안깨진`): apart, it is seen as one.
  [/(?<=^|\s)(안|못)(?=깨|묻|뗀|떼|씻|쓴|쓰|먹|말린|헹|비운|젖|더러|부서|찢)/gu, "$1 "],
  // `유리로 된 반찬통` is an `유리 반찬통`: names say the material without more words.
  [
    /(?<=^|\s)(플라스틱|유리|도자기|사기|나무|원목|종이|비닐|스티로폼|스테인리스|스텐|알루미늄|금속|철|쇠|천|가죽|고무|실리콘)(?:으로|로) (?:된|만든|만들어진|되어 있는|돼 있는) /gu,
    "$1 ",
  ],
  // `컵이 깨졌어요`, `컵을 떨어뜨려서 깨졌어요` is a `깨진 컵`: the state goes before the thing, as it stands in names.
  [
    /(\S+?)(?:이|가|을|를|은|는|도)? (?:(?:떨어[뜨트졌져]|떨궈|밟아|넘어)[가-힣]* )?(?:완전히 |다 |산산조각 |박살 )?(?:깨졌|깨져|깨뜨|깨트|깨먹|깼|박살났|산산조각났|산산조각 났|박살 났)[가-힣]*/gu,
    "깨진 $1",
  ],
  // `거울 깨진 거` is one as well.
  [/(\S+) 깨진 (?:조각|파편|거|것|게|건|걸)[가-힣]*/gu, "깨진 $1"],
];

/** Brings a normalised question nearer to the words of the knowledge: `컵이 깨졌어요` to `깨진 컵`, `헛개수 빈병` to `헛개수 병`. */
export const rewordQuestion = (normalised: string): string =>
  rewordings.reduce((text, [from, to]) => text.replace(from, to), normalised);
