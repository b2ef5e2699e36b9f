import type { Explanation, FoundThing } from "./explain-find.ts";
import { table } from "../../broker/repl/table.ts";

const HEAD = ["#", "item", "name", "class", "score", "how", "alias", "fit", "aim", "cover", "head", "mater"] as const;
const figure = (value: number): string => value.toFixed(2);

/** What retrieval makes of a question, as lines for a terminal. */
export function describeFind(question: string, { aim, least, things }: Explanation): string[] {
  const about = { disposal: "throwing away", other: "something else", open: "nothing in particular" }[aim];
  return [
    `"${question}": about ${about}; ${things.length === 1 ? "one thing" : `${things.length} things`}, told from a score of ${figure(least)} on`,
    ...things.flatMap(describeThing),
  ];
}

function describeThing({ text, tags, told, rows }: FoundThing): string[] {
  const states = tags.length === 0 ? "" : ` · states ${tags.join(", ")}`;
  const lines = rows.map((row, at) => [
    String(at + 1),
    row.item,
    row.name,
    row.middle,
    figure(row.score),
    row.how,
    row.alias,
    ...[row.fit, row.aim, row.coverage, row.head, row.material].map(figure),
  ]);
  return [
    "",
    `${text || "(no words)"}${states} → ${told}`,
    ...(lines.length === 0 ? ["  nothing in the knowledge resembles it"] : table(HEAD, lines)),
  ];
}
