/** A sentence or a line, with the space before it; only what is certainly whole. */
const SENTENCE = /^\s*\S[^\n]*?(?:[.?!。…]+(?=\s)|(?=\n))/u;

/** Puts the pieces of a stream together to sentences. The space between two of them goes with the second. @returns what the stream returns */
export async function* readSentences<R>(pieces: AsyncGenerator<string, R, void>): AsyncGenerator<string, R, void> {
  let text = "";
  try {
    for (;;) {
      const step = await pieces.next();
      if (step.done) {
        if (text.trim() !== "") yield text.trimEnd();
        return step.value;
      }
      text += step.value;
      for (let found = SENTENCE.exec(text); found !== null; found = SENTENCE.exec(text)) {
        text = text.slice(found[0].length);
        yield found[0];
      }
    }
  } finally {
    // Also when the reader stops early: it ends the provider's answer.
    await pieces.return(undefined as never);
  }
}
