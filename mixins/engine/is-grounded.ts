const ADDRESS = /(?:https?:\/\/|www\.)[^\s"'<>()]+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|kr|io|app|me|gov)\b/giu;
const AMOUNT = /\d[\d,.]*\s*[천만]?\s*원/gu;
const TELEPHONE = /\d{2,4}-\d{3,4}(?:-\d{4})?|\b1[0-9]{2}번/gu;

/** Whether every address, telephone number and amount of a text stands in what is known. */
export function isGrounded(text: string, known: string): boolean {
  const claims = [ADDRESS, TELEPHONE, AMOUNT].flatMap(kind => [...text.matchAll(kind)].map(([claim]) => claim));
  return claims.every(claim => known.includes(claim));
}
