import { softmax } from "../head.ts";

/** Logits of one photo with the class that it shows. */
export interface Judged {
  logits: ArrayLike<number>;
  wanted: number;
}
export interface Score {
  photos: number;
  /** Share whose best candidate is right; … whose first three hold the right one. */
  top1: number;
  top3: number;
  /** Mean of the classes' own top-1, each weighing the same. */
  balancedTop1: number;
}

/** Place of the wanted class among the candidates, 0 = best. */
const rankOf = ({ logits, wanted }: Judged) =>
  Array.from(logits).filter(logit => logit > (logits[wanted] ?? -Infinity)).length;

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

export function scoreOf(judged: readonly Judged[]): Score {
  const ranks = judged.map(rankOf);
  const classes = [...new Set(judged.map(({ wanted }) => wanted))];
  const recalls = classes.map(c => {
    const own = ranks.filter((_, i) => judged[i]?.wanted === c);
    return share(own.filter(rank => rank === 0).length, own.length);
  });
  return {
    photos: judged.length,
    top1: share(ranks.filter(rank => rank === 0).length, ranks.length),
    top3: share(ranks.filter(rank => rank < 3).length, ranks.length),
    balancedTop1: share(
      recalls.reduce((a, b) => a + b, 0),
      recalls.length,
    ),
  };
}

/** Row: what the photo shows; column: the best candidate. */
export function confusionOf(judged: readonly Judged[], classCount: number): number[][] {
  const table = Array.from({ length: classCount }, () => Array.from({ length: classCount }, () => 0));
  for (const { logits, wanted } of judged) {
    const best = Array.from(logits).indexOf(Math.max(...Array.from(logits)));
    const row = table[wanted];
    if (row) row[best] = (row[best] ?? 0) + 1;
  }
  return table;
}

/** Mean distance between the probability given to the best candidate and how often it is right, over ten equal bins (ECE). */
export function calibrationError(judged: readonly Judged[], temperature: number): number {
  const bins = Array.from({ length: 10 }, () => ({ sure: 0, right: 0 }));
  for (const one of judged) {
    const sure = Math.max(...softmax(one.logits, temperature));
    const bin = bins[Math.min(9, Math.floor(sure * 10))];
    if (!bin) continue;
    bin.sure += sure;
    bin.right += rankOf(one) === 0 ? 1 : 0;
  }
  return share(
    bins.reduce((sum, { sure, right }) => sum + Math.abs(sure - right), 0),
    judged.length,
  );
}

/** Mean of -log(probability of the right class): what a temperature is judged by. */
export function surpriseOf(judged: readonly Judged[], temperature: number): number {
  const sum = judged.reduce(
    (total, { logits, wanted }) => total - Math.log(Math.max(softmax(logits, temperature)[wanted] ?? 0, 1e-12)),
    0,
  );
  return share(sum, judged.length);
}

const STEPS = 60;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The temperature between 0.2 and 5 that is least surprised by photos the head was not trained on (golden-section search). */
export function fitTemperature(judged: readonly Judged[]): number {
  let [low, high] = [Math.log(0.2), Math.log(5)];
  for (let step = 0; step < STEPS; step++) {
    const left = high - GOLDEN * (high - low);
    const right = low + GOLDEN * (high - low);
    if (surpriseOf(judged, Math.exp(left)) < surpriseOf(judged, Math.exp(right))) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
