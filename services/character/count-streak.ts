const DAY_MS = 86_400_000;

export interface Streak {
  /** Up to today, or to yesterday while today may still come. */
  currentDays: number;
  longestDays: number;
}

/**
 * Rows of days without a gap.
 * @param days ISO days, newest first, none twice
 * @param today ISO day
 */
export function countStreak(days: readonly string[], today: string): Streak {
  const numbers = days.map(dayNumber);
  const rows: number[] = [];
  for (const [index, number] of numbers.entries()) {
    const goesOn = numbers[index - 1] === number + 1;
    if (goesOn) rows.push((rows.pop() ?? 0) + 1);
    else rows.push(1);
  }
  const isAlive = numbers[0] !== undefined && dayNumber(today) - numbers[0] <= 1;
  return { currentDays: isAlive ? (rows[0] ?? 0) : 0, longestDays: Math.max(0, ...rows) };
}

const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / DAY_MS;
