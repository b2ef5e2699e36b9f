import type { Word } from "./read-question.ts";

/** Words `from`…`to` (exclusive) of a question that may be about one thing. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** A particle or word before or after it says that it is one thing of several (`이랑`, `그리고`). */
  readonly listed: boolean;
}

/**
 * Where one thing of a question may end and the next begin: after what joins things (`우유팩이랑 건전지`), after the asking
 * (`우유팩은 어떻게 버리고 건전지는요`), and between clauses that are set against each other (`상자는 젖었고 병은 깨끗해요`). Every word is
 * in exactly one part; whether a part names a thing is for the index to say.
 */
export function splitQuestion(words: readonly Word[]): Part[] {
  const parts: Part[] = [];
  let from = 0;
  let listed = false;
  words.forEach((word, at) => {
    if (at + 1 === words.length || !endsPart(words, from, at)) return;
    parts.push({ from, to: at + 1, listed: listed || word.joins });
    from = at + 1;
    listed = word.joins;
  });
  parts.push({ from, to: words.length, listed });
  return parts;
}

/** `버리고`, `버려요`, not `버리는` before its thing. */
const endsClause = /(고|고요|요|까|나|죠|지|면|돼|해|다|야|데)$/u;
const isThing = (word: Word): boolean => !word.asking && !word.state;

function endsPart(words: readonly Word[], from: number, at: number): boolean {
  const word = words[at];
  const next = words[at + 1];
  if (word === undefined || next === undefined) return false;
  if (word.joins) return true;
  const own = words.slice(from, at + 1);
  const askedThenThing = word.asking && endsClause.test(word.text) && !next.asking && own.some(isThing);
  return askedThenThing || isContrast(own, words.slice(at + 1));
}

/** `상자는 젖었고 | 병은 깨끗해요`: both sides have their topic. */
function isContrast(own: readonly Word[], rest: readonly Word[]): boolean {
  const last = own.at(-1);
  const [next] = rest;
  if (last === undefined || next === undefined || !/(고|구|고요|구요|는데|은데|지만)$/u.test(last.text)) return false;
  const topicOf = (words: readonly Word[]) => words.find(word => isThing(word) && word.topic);
  return topicOf(own) !== undefined && topicOf(own) !== last && topicOf(rest) !== undefined;
}
