import type { Understanding } from "./understand.ts";

/** Said of what is not about throwing things away: friendly, short, and back to the subject. */
export function sayOffTopic({ greeting, text }: Understanding): string {
  if (/고마|감사|thank/iu.test(text))
    return "도움이 되었다니 기뻐요! 또 버리기 헷갈리는 물건이 있으면 언제든 물어봐 주세요.";
  if (greeting)
    return "안녕하세요! 저는 분리배출을 도와드리는 이코예요. 버리려는 물건의 이름을 적거나 사진을 보내 주시면 어떻게 버리는지 알려 드릴게요.";
  if (/누구|이름|정체|뭐 ?하는|무슨 ?일/u.test(text))
    return "저는 Eco²의 분리배출 도우미 이코예요. 물건의 이름이나 사진을 보내 주시면 분류와 버리는 순서를 근거와 함께 알려 드려요.";
  if (/분리배출|분리수거|재활용|쓰레기|배출 ?요일|수거일|과태료|벌금/u.test(text))
    return "배출 요일과 시간, 장소, 과태료는 지자체 조례로 정해요. 사는 시·군·구를 알려 주시면 확인할 곳을, 물건의 이름을 알려 주시면 버리는 방법을 알려 드릴게요.";
  if (
    text.trim() === "" ||
    /(^|\s)(이|그|저|요|\S+[은는운된진난]|큰|작은) ?(거|것|건|게)(\s|[은는이가을를도]|$)/u.test(text)
  )
    return "무엇을 버리려고 하시나요? 물건의 이름을 적거나 사진을 보내 주세요.";
  return "그 이야기도 재미있지만 저는 버리는 일만 잘 알아요. 버리기 헷갈리는 물건이 있으면 이름이나 사진으로 알려 주세요!";
}

/** Said where part of a message tried to direct the assistant. @param goesOn the rest of it is answered below */
export const sayRefusal = (goesOn: boolean): string =>
  goesOn
    ? "역할이나 설정을 바꾸는 요청은 따를 수 없지만, 물어보신 물건은 알려 드릴게요."
    : "그 요청은 도와드릴 수 없어요. 버리기 헷갈리는 물건이 있으면 이름이나 사진으로 알려 주세요.";
