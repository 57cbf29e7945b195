/** The wait in ms before try number `attempt` (from 0): doubling from `first` to `most`, the upper half of it by chance. */
export function backoff(attempt: number, first: number, most: number, random: () => number): number {
  const whole = Math.min(most, first * 2 ** Math.min(attempt, 30))
  return Math.round(whole * (0.5 + random() / 2))
}
