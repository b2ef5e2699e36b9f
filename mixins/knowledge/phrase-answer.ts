import { josa } from "es-hangul";
import { readClass } from "./class-of.ts";
import type { Judgement } from "./judge-class.ts";
import type { AnswerInput, Rule, Source, WasteClass } from "./knowledge.types.ts";

/** From here on a class is told without saying that it is an estimate. */
const certainFrom = 0.9;
/** Below this the answer asks which of the candidates it is. */
const askBelow = 0.6;
const maxExclusions = 3;

/** `기후에너지환경부 훈령 제18호, 2026년 1월 1일 시행`: a source as a person would cite it. */
export function citeSource({ title, number, date, official }: Source): string {
  const [year = "", month = "", day = ""] = date.split("-");
  const when = `${year}년 ${Number(month)}월 ${Number(day)}일 ${official ? "시행" : "기준"}`;
  return `${title}(${number === null ? "" : `${number}, `}${when})`;
}

/** What it is and where it goes, as the first sentences of the answer. */
export function sayClass(name: string, judgement: Judgement, input: AnswerInput): string[] {
  const { change, major, middle } = judgement;
  const estimate = input.confidence !== undefined && input.confidence < certainFrom;
  const lead = estimate ? [`정확하지 않을 수 있지만 ${josa(name, "으로/로")} 보여요.`] : [];
  const verb = major === "재활용폐기물" ? "분리배출해" : "버려";
  const goal = `‘${middle}’${josa.pick(middle, "으로/로")} ${verb} 주세요.`;
  // A class name alone is no name for the thing.
  if (change === null) return [...lead, name === middle ? goal : `${josa(name, "은/는")} ${goal}`];
  const thing = name === middle ? "이 물건은" : josa(name, "은/는");
  return [...lead, `${thing} 보통 ‘${change.from}’에 해당하지만, 지금 상태라면 ${goal}`, change.why];
}

/** The question to ask back, when a word names several things or the class is too unsure. `name` is what the answer goes on with. */
export function sayDoubt(input: AnswerInput, name?: string): string[] {
  const { candidates = [], confidence, ask } = input;
  const labels = candidates.filter(({ minor }) => name === undefined || minor !== name).map(labelOf);
  const others = [...new Set(labels)].filter(label => label !== null);
  if (typeof ask === "string" && ask !== "") {
    const first = name === undefined ? [] : [`우선 ‘${name}’ 기준으로 알려 드릴게요.`];
    const rest = others.length === 0 ? [] : [`(다른 경우: ${others.join(", ")})`];
    return [[ask, "종류에 따라 버리는 방법이 달라요.", ...first, ...rest].join(" ")];
  }
  if (confidence === undefined || confidence >= askBelow) return [];
  if (others.length === 0) return ["무엇인지 확실하지 않아요. 품목 이름을 알려 주시면 더 정확하게 알려 드릴게요."];
  return [`다른 것일 수도 있어요. 혹시 ${others.map(label => `‘${label}’`).join(", ")} 가운데 하나인가요?`];
}

function labelOf({ major, middle, minor }: WasteClass): string | null {
  const known = readClass(major, middle);
  if (known === null) return null;
  return minor && minor !== known.middle ? `${minor}(${known.middle})` : known.middle;
}

/** What must not go in with it; said for recyclables in their usual class, where mixing spoils the rest. */
export function sayExclusions(rule: Rule, judgement: Judgement): string[] {
  if (judgement.major !== "재활용폐기물" || judgement.change !== null) return [];
  const items = rule.exclusions.slice(0, maxExclusions).map(({ item }) => item);
  return items.length === 0 ? [] : [`함께 넣지 않는 것: ${items.join(", ")}`];
}

/** Other rules of single regions. */
export function sayRegions(rule: Rule): string[] {
  return rule.regional.map(({ region, since, note }) => {
    const [year, month] = since?.split("-") ?? [];
    const when = year === undefined ? "" : ` ${year}년${month === undefined ? "" : ` ${Number(month)}월`}부터`;
    return `${region}의 경우${when === "" ? "" : `${when}는`} 달라요. ${note}`;
  });
}

/** Where the answer comes from, and what is to be checked with the municipality. */
export function sayGrounds(source: Source | null, verified: boolean): string[] {
  const grounds = source?.official ? [`근거: ${citeSource(source)}`] : [];
  if (verified) return [...grounds, "수거함 위치와 배출 요일은 지자체 조례에 따라 다를 수 있어요."];
  const open =
    grounds.length === 0
      ? "이 안내는 공식 출처를 확인하지 못한 일반적인 안내예요."
      : "이 근거로 확인되지 않은 부분은 일반적인 안내예요.";
  return [...grounds, `${open} 버리기 전에 사는 곳의 시·군·구청이나 주민센터에 확인해 주세요.`];
}
