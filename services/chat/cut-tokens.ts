/** Pieces in which an answer is told: words with the space after them, so that a reader sees it being written. */
export const cutTokens = (text: string): string[] => text.match(/\s*\S+\s?/gu) ?? [];
