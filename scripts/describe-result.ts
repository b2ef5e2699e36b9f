import { displayWidth } from "../broker/repl/display-width.ts";
import type { PipelineResultBody, RewardBody, ScanResultBody } from "../services/scan/scan.contract.ts";
import { wrapText } from "./wrap-text.ts";

/** How to set a text off; the plain ones return it as it is. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
}

const INDENT = "  ";

/** The answer for a person at a terminal of `columns`, in Korean. */
export function describeResult(result: ScanResultBody, paint: Paint, columns: number): string {
  const pipeline = result.pipeline_result;
  if (pipeline === null) return `${paint.warn("답을 찾지 못했어요.")} ${result.error ?? result.message}\n`;
  const { final_answer: answer } = pipeline;
  const blocks = [
    classBlock(pipeline, paint),
    section("버리는 방법", numbered(Object.values(answer.disposal_steps), columns), paint),
    section("먼저 해 주세요", bulleted(answer.insufficiencies, columns, paint.warn("!")), paint),
    section("답변", indented(withoutSteps(answer), columns), paint),
    section("출처", sources(pipeline, columns), paint),
    result.reward === null ? [] : rewardBlock(result.reward, paint, columns),
    [paint.dim(origin(result, pipeline))],
  ];
  return `${blocks
    .filter(block => block.length > 0)
    .map(block => block.join("\n"))
    .join("\n\n")}\n`;
}

interface ClassName {
  major_category: string;
  middle_category: string;
  minor_category: string;
}

/** Major, middle and minor, each said once. */
const pathOf = ({ major_category, middle_category, minor_category }: ClassName): string =>
  [...new Set([major_category, middle_category, minor_category])].join(" › ");

const percent = (share: number): string => `${Math.round(share * 100)}%`;

function certaintyOf(confidence: number, estimate: boolean, paint: Paint): string {
  if (confidence === 0) return paint.warn("알아보지 못했어요");
  return estimate ? paint.warn(`추정 ${percent(confidence)}`) : paint.good(percent(confidence));
}

function classBlock({ classification_result: seen, engine }: PipelineResultBody, paint: Paint): string[] {
  const certainty = certaintyOf(seen.confidence, engine.estimate, paint);
  const others = seen.candidates.map(candidate => `${pathOf(candidate)} (${percent(candidate.confidence)})`);
  return [
    `${paint.bold(pathOf(seen.classification))}  ${certainty}`,
    ...(others.length > 0 ? [paint.dim(`${INDENT}혹시: ${others.join(" · ")}`)] : []),
  ];
}

/** The answer is written to be read alone; here its steps already stand above it. */
function withoutSteps({ user_answer, disposal_steps }: PipelineResultBody["final_answer"]): string {
  const steps = new Set(Object.values(disposal_steps));
  return user_answer
    .split("\n")
    .filter(line => !steps.has(line.replace(/^\d+\. /, "")))
    .join("\n");
}

const section = (title: string, lines: string[], paint: Paint): string[] =>
  lines.length === 0 ? [] : [paint.bold(title), ...lines];

const indented = (text: string, columns: number): string[] =>
  wrapText(text, columns - INDENT.length).map(line => (line === "" ? "" : INDENT + line));

function hanging(mark: string, markWidth: number, text: string, columns: number): string[] {
  const pad = " ".repeat(markWidth + 1);
  return wrapText(text, columns - INDENT.length - pad.length).map(
    (line, index) => `${INDENT}${index === 0 ? `${mark} ` : pad}${line}`,
  );
}

const numbered = (texts: string[], columns: number): string[] =>
  texts.flatMap((text, index) => {
    const mark = `${index + 1}.`;
    return hanging(mark, displayWidth(mark), text, columns);
  });

const bulleted = (texts: string[], columns: number, mark: string): string[] =>
  texts.flatMap(text => hanging(mark, 1, text, columns));

function sources({ final_answer: { citations } }: PipelineResultBody, columns: number): string[] {
  const lines = citations.map(({ title, source, url }) =>
    [title === source ? title : `${title} — ${source}`, ...(url === null ? [] : [url])].join(" "),
  );
  return bulleted([...new Set(lines)], columns, "-");
}

function rewardBlock({ received, name, dialog }: RewardBody, paint: Paint, columns: number): string[] {
  const news = received ? paint.good("새로 만났어요!") : paint.dim("이미 함께하고 있어요");
  return [`${paint.bold("캐릭터")}  ${name}  ${news}`, ...indented(`“${dialog}”`, columns)];
}

function origin({ error }: ScanResultBody, { engine }: PipelineResultBody): string {
  const prompts = [...new Set(Object.values(engine.prompts))];
  return [engine.name, ...prompts, `knowledge ${engine.knowledge}`, ...(error === null ? [] : [error])].join(" · ");
}
